import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { monitor } from '../../../src/monitors/definition.js';
import { encodeHalves } from '../../../src/operators/half-frame.js';
import { layoutOf, type Side } from '../../../src/operators/half-layout.js';
import {
  type MonitorClosing,
  type Monitored,
  planMonitor,
} from '../../../src/operators/monitor-plan.js';
import type { Score } from '../../../src/records/score.js';
import { scoreHeaders } from '../../../src/streams/cluster/score-headers.js';
import { ScoresLogTask } from '../../../src/streams/cluster/scores-log-task.js';
import { ScoringLogTask } from '../../../src/streams/cluster/scoring-log-task.js';
import type { ScoreRecord } from '../../../src/streams/cluster/scoring-output.js';
import { noModels } from '../../../src/streams/load-models.js';
import { customer, item, sampleModel } from '../../models/sample-model.js';
import { needs } from '../../servers.js';
import { decodeScore, encodeScore } from './score-messages.js';
import { collected, dumped, messagesOf } from './scoring-restarts.js';
import { openTopics, type TestTopics } from './scoring-topics.js';

const hourMs = 3_600_000;
const model = sampleModel('none.json');
const layout = layoutOf(model);
const definition = monitor({ name: 'watch', model: 'sample', period: '1h' });
const views = [customer.definition, item.definition];
const monitored: Monitored = {
  plan: planMonitor(definition, { views, model, partitions: 1 }),
  reference: null,
  modelVersion: 'none',
};
const scoresSource = monitored.plan.groups.indexOf('scores');

let topics: TestTopics | null = null;
after(() => topics?.close());

/** Halves of events with these offsets; `k` of the key is the offset, the price 10 more. */
function half(side: Side, offsets: readonly number[], tickMs?: number): Buffer {
  const none = offsets.map(() => 0);
  return encodeHalves({
    model: model.name,
    layout: layout.hash,
    side,
    from: 0,
    ticks: tickMs === undefined ? [] : [{ row: offsets.length, watermarkMs: tickMs }],
    count: offsets.length,
    partitions: Int32Array.from(none),
    offsets: Float64Array.from(offsets),
    timesMs: Float64Array.from(offsets, (offset) => offset * 60_000),
    n: Float64Array.from(offsets),
    peers: Int32Array.from(none),
    numbers: Float64Array.from(offsets, (offset) => (side === 'first' ? offset : offset + 10)),
    others: [],
    keys: side === 'first' ? offsets.map((offset) => `k${offset}`) : [],
    columns: side === 'first' ? offsets.map(() => [null]) : [],
    items: side === 'first' ? offsets.map((offset) => `i${offset}`) : [],
    outcomes: [],
  });
}

function scoring(records: ScoreRecord[], closings: MonitorClosing[] = []) {
  let nowMs = 0;
  const task = new ScoringLogTask({
    models: [model],
    loaded: noModels,
    monitors: [monitored],
    epoch: 0,
    partition: 0,
    scores: collected(records),
    monitor: collected(closings),
    limits: { waitMs: 2_000, waitMsMax: 60_000 },
    clock: () => nowMs,
  });
  const tick = (at: number): Promise<void> => {
    nowMs = at;
    return task.tick(at);
  };
  return { task, tick };
}

const given = ({ score }: ScoreRecord) => [score.position.n, score.inputs.price_difference];

function reading(closings: MonitorClosing[] = []) {
  const rows: Score[] = [];
  const sink = {
    scores: async (scores: readonly Score[]) => void rows.push(...scores),
    settle: async () => undefined,
  };
  const monitor = collected(closings);
  const settings = { monitors: [monitored], partition: 0, decode: decodeScore, sink, monitor };
  return { rows, create: () => new ScoresLogTask(settings) };
}

test('a second half that is late costs its inputs; what was written first stays', {
  ...needs('kafka'),
}, async () => {
  topics = await openTopics('scores');
  const topic = await topics.create('scores', 1);
  const records: ScoreRecord[] = [];
  const { task, tick } = scoring(records);
  await task.take(messagesOf([half('first', [1, 2]), half('second', [1])]), true);
  const kept = dumped(task);
  await tick(1_999);
  assert.deepEqual(records.map(given), [[0, 10]]);
  await tick(2_000);
  await task.take(messagesOf([half('second', [2])]), true);
  assert.deepEqual(records.map(given), [
    [0, 10],
    [1, null],
  ]);
  assert.deepEqual([task.state.missing, task.state.unclaimed], [1, 1]);

  // Another process goes on from before, and the second half is there by now.
  const again = scoring(records);
  again.task.restore(kept);
  await again.task.take(messagesOf([half('second', [2]), half('first', [3])]), true);
  await again.task.take(messagesOf([half('second', [3])]), true);
  assert.deepEqual(records.slice(2).map(given), [
    [1, 10],
    [2, 10],
  ]);

  await topics.producer.send({
    topic,
    acks: -1,
    messages: records.map((record) => {
      return { partition: 0, key: String(record.score.key), value: encodeScore(record) };
    }),
  });
  const [messages] = await topics.read(topic);
  const { rows, create } = reading();
  const reader = create();
  await reader.take(messages!.slice(0, 3), false);
  const next = create();
  next.restore(dumped(reader));
  await next.take(messages!.slice(1), true);
  const read = rows.map(({ position, inputs }) => [position.n, inputs.price_difference]);
  assert.deepEqual(read, [
    [0, 10],
    [1, null],
    [2, 10],
  ]);
  assert.equal(next.repeated, 3);
});

test('a task that was restored waits before the clock may decide, since the log goes on', async () => {
  const records: ScoreRecord[] = [];
  const { task } = scoring(records);
  await task.take(messagesOf([half('first', [1])]), true);
  const next = scoring(records);
  next.task.restore(dumped(task));
  await next.tick(59_999);
  assert.deepEqual(records, []);
  await next.tick(60_000);
  assert.deepEqual(records.map(given), [[0, null]]);
});

test('a period ends on a quiet stream: the last score comes again with the watermark', async () => {
  const records: ScoreRecord[] = [];
  const closings: MonitorClosing[] = [];
  const { task } = scoring(records, closings);
  await task.take(messagesOf([half('first', [], 0)]), true);
  const both = [half('first', [1, 2], 30 * 60_000), half('second', [1, 2])];
  await task.take(messagesOf(both), true);
  await task.take(messagesOf([half('first', [], hourMs)]), true);
  await task.take(messagesOf([half('first', [], hourMs + 60_000)]), true);
  assert.deepEqual(
    records.map(({ score, watermarkMs }) => [score.position.n, watermarkMs]),
    [
      [0, 0],
      [1, null],
      [1, hourMs],
    ],
  );
  const values = records.map(encodeScore);
  const { rows, create } = reading(closings);
  await create().take(messagesOf(values, records.map(scoreHeaders)), true);
  assert.equal(rows.length, 2);
  const told = closings.filter((one) => one.source === scoresSource);
  assert.deepEqual(
    told.map(({ closing }) => [closing.closedUpToMs, closing.periods.map((period) => period.n)]),
    // The empty one of a partition without a score, the same from its reader, the full one.
    [
      [0, []],
      [0, []],
      [hourMs, [2]],
    ],
  );
});

test('a score reads back from JSON as it was; what is no score is counted', async () => {
  const score: Score = {
    requestId: 'shop-events/0/1',
    key: 12,
    model: 'sample',
    version: '1',
    arm: 'champion',
    score: 0.1 + 0.2,
    timeMs: Date.UTC(2025, 0, 1, 0, 0, 0, 7),
    position: { epoch: 2, n: 3 },
    inputs: { price_difference: null, label: 'a', counts: [['a', 1]] },
  };
  const record: ScoreRecord = { score, watermarkMs: 60_000 };
  const [message] = messagesOf([encodeScore(record)], [scoreHeaders(record)]);
  assert.deepEqual(decodeScore(message!), record);
  const { rows, create } = reading();
  const task = create();
  await task.take([...messagesOf(['not JSON']), message!], true);
  assert.deepEqual([rows.length, task.undecodable], [1, 1]);
});
