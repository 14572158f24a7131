import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { examineAll } from '../../src/cli/doctor.js';
import { loadConfig } from '../../src/config/load-config.js';
import { readRanges } from '../../src/streams/cluster/read-range.js';
import { type Json, scratch, spawnWeir } from '../cli/started.js';
import { needs } from '../servers.js';
import { sharedKafka } from '../streams/cluster/kafka.js';
import {
  at,
  createLoop,
  dayStart,
  eventsOf,
  type Loop,
  until,
  type Weir,
} from './loop-scenario.js';

/** One or two processes of the same pipeline. */
interface Running {
  readonly weirs: () => readonly Weir[];
  readonly produce: (records: readonly object[]) => Promise<void>;
  /** Ends all of them, the last one without a word, and starts them again. */
  readonly restart: () => Promise<void>;
}

async function urlOf(weir: Weir): Promise<string> {
  return /http:\S+/.exec((await weir.line(/^open http/)).message)![0];
}

/** A command of its own process; the last process is asked. */
async function command({ weirs }: Running, ...words: readonly string[]): Promise<void> {
  const engine = await urlOf(weirs().at(-1)!);
  const { code, stderr } = await spawnWeir({}, [...words, '--engine', engine]).exit;
  assert.equal(code, 0, stderr);
}

/** What is said over HTTP to the first process. */
async function post(run: Running, path: string, body: object): Promise<Json> {
  const response = await say(run, path, body);
  assert.equal(response.status, 202, await response.clone().text());
  return (await response.json()) as Json;
}

/** What the refusal says. */
async function refused(run: Running, path: string, body: object): Promise<string> {
  const response = await say(run, path, body);
  assert.equal(response.status, 409, await response.clone().text());
  return String(at((await response.json()) as Json, 'error', 'message'));
}

async function say({ weirs }: Running, path: string, body: object): Promise<Response> {
  return fetch(`${await urlOf(weirs()[0]!)}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** Days of events, until the one before the last is judged. */
async function days(run: Running, from: number, to: number, mobile: number): Promise<void> {
  for (let day = from; day <= to; day++) await run.produce(eventsOf(day, mobile));
  const end = new Date(dayStart(to)).toISOString();
  await until(run.weirs(), '/api/drift', (body) => {
    return (at(body, 'periods') as Json[]).some((one) => at(one, 'end') === end);
  });
}

/** Until every process says so of the only monitor's reference. */
async function untilReference({ weirs }: Running, wanted: (use: Json) => boolean): Promise<void> {
  for (const weir of weirs()) {
    await until([weir], '/api/references', (body) => wanted(at(body, 'references', 0)));
  }
}

/** All episodes, once the newest is as far. */
async function episodes({ weirs }: Running, status: 'open' | 'closed'): Promise<Json[]> {
  const found = await until([weirs()[0]!], '/api/episodes', (body) => {
    const [newest] = at(body, 'episodes') as Json[];
    return newest !== undefined && at(newest, 'status') === status;
  });
  return at(found, 'episodes') as Json[];
}

const inUse = (id: string) => (use: Json) => at(use, 'reference', 'id') === id;

async function referenceSwitched(run: Running, loop: Loop): Promise<void> {
  await days(run, 0, 1, 0.9);
  await untilReference(run, inUse(loop.references.own));
  await command(run, 'reference', 'use', loop.otherFile);
  await untilReference(run, (use) => at(use, 'next', 0, 'id') === loop.references.other);
  await days(run, 2, 4, 0.9);
  await untilReference(run, inUse(loop.references.other));
}

async function mutedThenDrifting(run: Running): Promise<void> {
  const mute = ['episodes', 'mute', '--feature', 'device', '--reason', 'sale'];
  await command(run, ...mute, '--until', new Date(dayStart(30)).toISOString());
  await post(run, '/api/episodes/mute', {
    feature: 'device',
    until: new Date(dayStart(30)).toISOString(),
    reason: 'sale',
    who: 'ada',
  });
  const isMuted = (body: Json) => (at(body, 'mutes') as Json[]).length > 0;
  await until(run.weirs(), '/api/episodes', isMuted);
  await days(run, 5, 7, 0.1); // days 5 and 6 drift unheard
  await run.restart();
  const kept = await until(run.weirs(), '/api/episodes', isMuted);
  assert.equal((at(kept, 'mutes') as Json[]).length, 1); // the second said the same
  assert.deepEqual(at(kept, 'episodes'), []);
  await command(run, 'episodes', 'unmute', '--feature', 'device');
  await until(run.weirs(), '/api/episodes', (body) => !isMuted(body));
  await days(run, 8, 9, 0.1);
  const [only, ...others] = await episodes(run, 'open');
  assert.deepEqual(others, []);
  assert.deepEqual(
    ['status', 'since', 'opened_at', 'features'].map((name) => at(only!, name)),
    ['open', new Date(dayStart(7)).toISOString(), new Date(dayStart(9)).toISOString(), ['device']],
  );
}

async function retrained(run: Running, loop: Loop): Promise<void> {
  const [open] = await episodes(run, 'open');
  const event = String(at(open!, 'id'));
  await post(run, '/api/episodes/ack', { episode: event, who: 'ada', note: 'a new app' });
  await post(run, '/api/episodes/ack', { episode: event, who: 'ada', note: 'a new app' });
  await command(run, 'retraining', 'ack', event, '--who', 'trainer');
  await post(run, '/api/retraining/progress', { event, who: 'trainer', progress: 0.5 });
  const early = await refused(run, '/api/retraining/done', { event, who: 'trainer', version: '2' });
  assert.match(early, /expected a manifest of version 2 .*found versions 1/);
  const begun = (body: Json) => at(body, 'retraining', 0, 'status') === 'in-progress';
  await until(run.weirs(), '/api/retraining', begun);
  loop.train();
  await command(run, 'retraining', 'done', event, '--version', '2', '--who', 'trainer');
  const used = (body: Json) => at(body, 'retraining', 0, 'status') === 'in-use';
  const told = await until(run.weirs(), '/api/retraining', used);
  assert.equal((at(told, 'retraining') as Json[]).length, 1);
  const again = await post(run, '/api/retraining/done', { event, who: 'trainer', version: '2' });
  assert.equal(at(again, 'model', 'version'), '2');
  await days(run, 10, 13, 0.1);
  await untilReference(run, inUse(loop.references.second));
  await run.restart();
  await days(run, 14, 15, 0.1);
  await untilReference(run, (use) => at(use, 'model_version') === '2');
  const [closed, ...others] = await episodes(run, 'closed');
  assert.deepEqual(others, []); // the new reference has these devices
  assert.deepEqual(
    ['id', 'status', 'reason'].map((name) => at(closed!, name)),
    [event, 'closed', 'model-replaced'],
  );
  assert.equal(at(closed!, 'acknowledged', 'note'), 'a new app');
}

const settings = (pipeline: string) => ({
  pipeline,
  server: { port: 0 },
  clickhouse: { mode: 'off' },
  ingest: { idle_after: '1d' },
  log: { format: 'json' },
});

test('in one process the loop closes: reference, mute, episode, retraining, new model', {
  timeout: 300_000,
}, async () => {
  const loop = createLoop();
  const data = scratch();
  const start = () => spawnWeir({ ...settings(loop.pipeline), data }, ['run']);
  let weir = start();
  const run: Running = {
    weirs: () => [weir],
    produce: async (records) => {
      const lines = records.map((record) => JSON.stringify(record));
      for (;;) {
        const { status, body } = await weir.post('interactions', ...lines);
        if (status === 200) return;
        assert.equal(status, 503, JSON.stringify(body)); // it is starting
        await new Promise((resolve) => setTimeout(resolve, 100)); // HTTP has no event to wait for
      }
    },
    restart: async () => {
      await weir.end('SIGKILL');
      weir = start();
    },
  };
  await referenceSwitched(run, loop);
  await mutedThenDrifting(run);
  await retrained(run, loop);
  assert.equal((await weir.end('SIGTERM')).code, 0);
  const file = join(scratch(), 'weir.config.yaml');
  writeFileSync(file, JSON.stringify({ ...settings(loop.pipeline), data })); // JSON is YAML
  const found = await examineAll(loadConfig({ file, env: {} }));
  const inUse = 'model places-ranker version 2 is in use, in the place of 1, and loads';
  assert.ok(found.some((one) => one.found === inUse));
});

/** Topics of the test's own. */
async function ownTopics(t: TestContext) {
  const kafka = sharedKafka();
  const prefix = `loop-${randomUUID().slice(0, 8)}.`;
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  const named = (...names: string[]) =>
    Object.fromEntries(names.map((name) => [name, { name: `${prefix}${name}` }]));
  const topics = named('interactions', 'place-updates', 'context');
  const outputs = ['feature-updates', 'scores', 'drift-alerts', 'retraining-events'];
  await admin.createTopics({
    waitForLeaders: true,
    topics: Object.values(topics).map(({ name: topic }) => ({ topic, numPartitions: 2 })),
  });
  t.after(async () => {
    const own = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    await admin.deleteTopics({ topics: own });
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });
  const place = {
    brokers: kafka.place.brokers,
    session_timeout: '6s',
    prefix,
    topics,
    outputs: named(...outputs, 'dead-letters'),
  };
  const produce = async (records: readonly object[]) => {
    const messages = records.map((record, i) => {
      return { partition: i % 2, value: JSON.stringify(record) };
    });
    await producer.send({ topic: `${prefix}interactions`, acks: -1, messages });
  };
  /** All values of one of the outputs. */
  const valuesOf = async (name: string): Promise<Json[]> => {
    const topic = `${prefix}${name}`;
    const ranges = (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => {
      return { topic, partition, from: 0, to: Number(high) };
    });
    const values: Json[] = [];
    await readRanges(kafka, ranges, (_, { value }) => {
      values.push(JSON.parse(String(value)) as Json);
    });
    return values;
  };
  return { place, produce, valuesOf };
}

test('over Kafka the loop closes in two processes, each told once', {
  ...needs('kafka'),
  timeout: 500_000,
}, async (t) => {
  const loop = createLoop();
  const { place, produce, valuesOf } = await ownTopics(t);
  const start = () =>
    spawnWeir({ ...settings(loop.pipeline), data: scratch(), partitions: 2, kafka: place }, [
      'run',
    ]);
  let weirs = [start(), start()];
  const ready = async () => {
    for (const weir of weirs) await until([weir], '/ready', () => true);
  };
  const run: Running = {
    weirs: () => weirs,
    produce,
    restart: async () => {
      const [first, second] = weirs;
      await Promise.all([first!.end('SIGTERM'), second!.end('SIGKILL')]);
      weirs = [start(), start()];
      await ready();
    },
  };
  await ready();
  await referenceSwitched(run, loop);
  await mutedThenDrifting(run);
  await retrained(run, loop);
  for (const weir of weirs) assert.equal((await weir.end('SIGTERM')).code, 0);
  const alerts = await valuesOf('drift-alerts');
  assert.deepEqual(
    alerts.map((alert) => at(alert, 'phase')),
    ['opened', 'closed'],
  );
  assert.equal((await valuesOf('retraining-events')).length, 1);
  const scores = await valuesOf('scores');
  const of = (day: number) => {
    const since = scores.filter((one) => Date.parse(String(at(one, 'time'))) >= dayStart(day));
    return new Set(since.map((one) => at(one, 'version')));
  };
  assert.deepEqual([...of(10)], ['2']);
  assert.equal(of(0).size, 2);
});
