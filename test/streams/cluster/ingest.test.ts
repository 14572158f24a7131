import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { builtInPipelines } from '../../../src/pipelines/built-in.js';
import { verdicts } from '../../../src/records/batch.js';
import type { Kafka, Producer } from '../../../src/sinks/kafka/client.js';
import { createValueReader } from '../../../src/sinks/kafka/value-format.js';
import { FrameCache } from '../../../src/streams/cluster/frame-cache.js';
import { IngestRuntime } from '../../../src/streams/cluster/ingest.js';
import { readRanges } from '../../../src/streams/cluster/read-range.js';
import { logSettings } from '../../../src/streams/cluster/topics.js';
import { decodeFrame } from '../../../src/streams/frame-codec.js';
import { needs } from '../../servers.js';
import { ownTopic, quiet, sharedKafka } from './kafka.js';

const places = builtInPipelines.find(({ name }) => name === 'places')!;
const partitions = 2;
const stages = [...places.stages.map((stage) => stage.name), 'refused'];

async function setting(t: TestContext) {
  const kafka = sharedKafka();
  const sources = new Map<string, string>();
  for (const { topic } of places.topics) sources.set(topic, await ownTopic(t, kafka, 1));
  const logs = new Map<string, string>();
  for (const stage of stages) logs.set(stage, await ownTopic(t, kafka, partitions, logSettings));
  const producer = kafka.producer();
  const admin = kafka.admin();
  await Promise.all([producer.connect(), admin.connect()]);
  t.after(() => Promise.all([producer.disconnect(), admin.disconnect()]));
  const groupId = `group.${sources.get('interactions')}`;
  const open = async (own: Kafka): Promise<IngestRuntime> => {
    const reader = createValueReader('json', null);
    const runtime = new IngestRuntime({
      kafka: own,
      groupId,
      sources: places.topics.map((definition, index) => {
        return { definition, index, name: sources.get(definition.topic)!, partitions: 1, reader };
      }),
      ingest: { latenessMs: 3_600_000, disorderMs: 60_000, batchRecords: 8, idleAfterMs: 600_000 },
      start: 'earliest',
      logs: [...logs.values()],
      partitions,
      writer: {
        stages: places.stages,
        partitions,
        topicOf: (stage) => logs.get(stage)!,
        refusedTopic: logs.get('refused')!,
        cache: new FrameCache(),
        ownsTask: () => false,
      },
      log: quiet,
    });
    await runtime.start();
    t.after(() => runtime.close().catch(() => undefined));
    return runtime;
  };
  /** Offsets of used interactions in a stage's logs, repeats dropped as a task drops them. */
  const held = async (stage: string): Promise<Map<number, string>> => {
    const topic = logs.get(stage)!;
    const ends = await admin.fetchTopicOffsets(topic);
    const ranges = ends.map(({ partition, high }) => ({
      topic,
      partition,
      from: 0,
      to: Number(high),
    }));
    const found = new Map<number, string>();
    const marks = new Map<number, number>();
    await readRanges(kafka, ranges, ({ partition }, { value }) => {
      const { batch, count, index } = decodeFrame(value!, () => ({}));
      for (let i = 0; i < count; i++) {
        const at = index[i]!;
        if (places.topics[batch.topics[at]!]!.topic !== 'interactions') continue;
        const offset = batch.offsets[at]!;
        if (offset < (marks.get(partition) ?? 0)) continue;
        marks.set(partition, offset + 1);
        assert.ok(!found.has(offset), `${stage}: offset ${offset} stands in two logs`);
        found.set(offset, verdicts[batch.verdicts[at]!]!);
      }
    });
    return found;
  };
  const committed = async (): Promise<number> => {
    const topic = sources.get('interactions')!;
    const [told] = await admin.fetchOffsets({ groupId, topics: [topic] });
    return Number(told?.partitions[0]?.offset ?? -1);
  };
  const interactions = sources.get('interactions')!;
  const send = (lines: readonly string[]) =>
    producer.send({ topic: interactions, messages: lines.map((value) => ({ value })) });
  return { kafka, open, held, committed, send };
}

/** Kafka whose producer loses all messages but the first topic's from the `nth` request on. */
function losing(kafka: Kafka, nth: number, onLost: () => void, ended: Promise<never>): Kafka {
  let requests = 0;
  const lossy = (producer: Producer): Producer => ({
    ...producer,
    sendBatch: async (batch) => {
      if (++requests < nth) return producer.sendBatch(batch);
      if (requests === nth)
        await producer.sendBatch({ ...batch, topicMessages: batch.topicMessages!.slice(0, 1) });
      onLost();
      return ended; // as of a process that stands still here
    },
  });
  return { ...kafka, producer: () => lossy(kafka.producer()) };
}

const lineAt = (i: number, timeMs: number): string =>
  JSON.stringify({
    user_id: i % 7,
    place_id: i % 5,
    event_type: 'view',
    timestamp: new Date(timeMs).toISOString(),
  });

describe('a source partition', needs('kafka'), () => {
  test('that was appended to some logs only is taken over without loss or a second verdict', async (t) => {
    const { kafka, open, held, committed, send } = await setting(t);
    const startMs = Date.now() - 86_400_000;
    // Every fifth record is ahead of the clock now, but not of the clock when it is judged again.
    const aheadMs = 5 * 60_000 + 3_000;
    const lines = Array.from({ length: 60 }, (_, i) =>
      lineAt(i, i % 5 === 4 ? Date.now() + aheadMs : startMs + i * 1_000),
    );
    let lose = (): void => undefined;
    const lost = new Promise<void>((resolve) => {
      lose = resolve;
    });
    let end = (_: Error): void => undefined;
    const ended = new Promise<never>((_, reject) => {
      end = reject;
    });
    ended.catch(() => undefined);
    t.after(() => end(new Error('the test is over')));
    await open(losing(kafka, 4, () => lose(), ended));
    await send(lines);
    await lost;
    const before = await held('user');
    const behind = await held('place');
    assert.ok(
      before.size > behind.size,
      `${before.size} records in one log, ${behind.size} in the other`,
    );
    await open(kafka); // it gets the partition when the session of the first has ended
    await delay(3_500); // the records from the future are no longer so far ahead
    while ((await committed()) < lines.length) await delay(100);
    const [user, place, refused] = [await held('user'), await held('place'), await held('refused')];
    assert.deepEqual(new Map([...place].sort()), new Map([...user].sort()));
    for (const [offset] of lines.entries()) {
      const where = [user.get(offset), refused.get(offset)].filter((one) => one !== undefined);
      assert.equal(where.length, 1, `offset ${offset}: ${where.join(' and ')}`);
    }
    // What was judged by the first keeps its verdict: 3 batches of 8 whole, the fourth in part.
    for (const offset of [4, 9, 14, 19, 24, 29]) assert.equal(refused.get(offset), 'future');
    assert.equal(user.get(59), 'used');
  });

  test('whose commit was forgotten goes on from what the logs say', async (t) => {
    const { kafka, open, held, committed, send } = await setting(t);
    const startMs = Date.now() - 86_400_000;
    const lines = Array.from({ length: 40 }, (_, i) => lineAt(i, startMs + i * 1_000));
    const first = await open(kafka);
    await send(lines);
    while ((await committed()) < lines.length) await delay(100);
    await first.stop();
    const admin = kafka.admin();
    await admin.connect();
    await admin.deleteGroups([first.membership.groupId]);
    await admin.disconnect();
    const second = await open(kafka);
    await send([lineAt(40, startMs + 40_000)]);
    while ((await committed()) < lines.length + 1) await delay(100);
    assert.equal((await held('user')).size, lines.length + 1);
    const [lane] = second.lanes().filter(({ topic }) => topic === 'interactions');
    assert.deepEqual(lane?.cursor.counts, [lines.length + 1, 0, 0, 0, 0, 0]);
  });
});
