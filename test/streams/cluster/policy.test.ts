import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WeirError } from '../../../src/errors.js';
import { binningOf } from '../../../src/monitors/binning.js';
import { monitor } from '../../../src/monitors/definition.js';
import { toAlertRecord } from '../../../src/monitors/drift-alert-record.js';
import type { Emission } from '../../../src/monitors/emission.js';
import type { Reference } from '../../../src/monitors/reference.js';
import { toRetrainingRecord } from '../../../src/monitors/retraining-record.js';
import { advance, createSampler, observe } from '../../../src/monitors/sampler.js';
import type { MonitorClosing, Monitored } from '../../../src/operators/monitor-plan.js';
import type { Kafka } from '../../../src/sinks/kafka/client.js';
import type { LogMessage } from '../../../src/streams/cluster/log-task.js';
import { closingJson } from '../../../src/streams/cluster/monitor-message.js';
import { PolicyLogTask } from '../../../src/streams/cluster/policy-log-task.js';
import { KafkaPolicyStore, type PolicyTopics } from '../../../src/streams/cluster/policy-store.js';
import {
  createDays,
  dayMs,
  seeded,
  simulate,
  simulatedFeatures,
  startMs,
} from '../../monitors/simulation.js';
import { needs } from '../../servers.js';
import { type Fault, type FaultyKafka, faultyKafka } from './policy-faults.js';
import { dumped, messagesOf } from './scoring-restarts.js';
import { openTopics, type TestTopics } from './scoring-topics.js';

/** `WEIR_TEST_TRIALS` for more. */
const trials = Number(process.env.WEIR_TEST_TRIALS ?? 24);
const concurrency = 6;
const features = simulatedFeatures(3);
const drifting = [3, 4, 7, 8];
const world = {
  seed: 3,
  features: 3,
  entities: 400,
  loyalty: 0.5,
  shift: (day: number) => (drifting.includes(day - 4) ? 1.5 : 0),
};
const policy = { periods: 1, ofPeriods: 1, coolDownPeriods: 0, schedule: 'off' } as const;

let reference: Reference;
let log: readonly LogMessage[];
let topics: TestTopics | null = null;

before(async () => {
  reference = simulate(world, 4, 0).reference;
  log = messagesOf(closingsOf(reference).map(closingJson));
  if (needs('kafka').skip !== undefined) return;
  topics = await openTopics('policy');
});
after(() => topics?.close());

/** Ten periods after the reference's four, in two samplers. */
function closingsOf(against: Reference): MonitorClosing[] {
  const binning = binningOf(against, features, 'user');
  const samplers = [0, 1].map(() =>
    createSampler({ group: 'user', features, periodMs: dayMs, binning }),
  );
  const nextDay = createDays(world);
  for (let day = 0; day < 4; day++) nextDay(day);
  const closings: MonitorClosing[] = [];
  for (let day = 4; day < 14; day++) {
    const atMs = startMs + day * dayMs;
    for (const [entity, values] of nextDay(day).entries()) {
      if (values.length > 0) observe(samplers[entity % 2]!, entity, atMs + entity, values);
    }
    for (const [source, sampler] of samplers.entries()) {
      closings.push({ monitor: 'sim', source, closing: advance(sampler, atMs + dayMs) });
    }
  }
  return closings;
}

function monitored(model: string, modelVersion = '1'): Monitored {
  const definition = monitor({ name: 'sim', model, policy });
  const plan = {
    definition,
    model: null,
    features,
    groups: ['user'],
    sources: ['user', 'user'],
    partitions: 2,
    scoreInputs: [],
  };
  return { plan, reference, modelVersion };
}

function encode(emission: Emission): string {
  return JSON.stringify(
    emission.kind === 'alert' ? toAlertRecord(emission) : toRetrainingRecord(emission),
  );
}

/**
 * Topics for tasks that run one after the other: where transactions of several producers
 * interleave, kafkajs as a reader takes aborted records for committed ones.
 */
async function ownTopics(name: string): Promise<PolicyTopics> {
  return {
    alerts: await topics!.create(`${name}.drift-alerts`, 3),
    retraining: await topics!.create(`${name}.retraining-events`, 3),
    state: await topics!.create(`${name}.state`, 1),
  };
}

function taskOf(kafka: Kafka, model: string, own: PolicyTopics, version?: string): PolicyLogTask {
  const transactionalId = `${topics!.prefix}${model}`;
  const store = new KafkaPolicyStore({ kafka, transactionalId, topics: own, encode });
  return new PolicyLogTask({ monitors: [monitored(model, version)], store, sink: null });
}

/** Ids by model, as a `read_committed` reader of both topics finds them. */
async function toldIn(topic: string, id: string): Promise<Map<string, string[]>> {
  const told = new Map<string, string[]>();
  for (const { key, value } of (await topics!.read(topic)).flat()) {
    const record = JSON.parse(value.toString());
    told.set(key, [...(told.get(key) ?? []), record[id]]);
  }
  return told;
}

const expectedAlerts = (model: string) =>
  [1, 2].flatMap((n) => [`${model}/1/${n}/opened`, `${model}/1/${n}/closed`]);
const expectedEvents = (model: string) => [1, 2].map((n) => `${model}/1/${n}`);

function anyFault(random: () => number): Fault {
  const kinds = ['kill', 'kill', 'pause', 'error'] as const;
  return {
    call: Math.floor(random() * 26),
    done: random() < 0.5,
    kind: kinds[Math.floor(random() * kinds.length)]!,
  };
}

interface Held {
  readonly fault: Fault | null;
  readonly task: PolicyLogTask;
  readonly process: FaultyKafka;
}

/** One policy task's life: processes that fail one after the other, until one takes all. */
async function trial(seed: number, model: string, own: PolicyTopics): Promise<void> {
  const random = seeded(seed);
  const processes: FaultyKafka[] = [];
  const zombies: Promise<unknown>[] = [];
  const start = (fault: Fault | null): Held => {
    const process = faultyKafka(topics!.kafka, fault);
    processes.push(process);
    return { fault, process, task: taskOf(process.kafka, model, own) };
  };
  let kept: { next: number; parts: Map<string, Uint8Array> } | null = null;
  let next = 0;
  let faults = 1 + Math.floor(random() * 4);
  let held = start(anyFault(random));
  while (next < log.length) {
    const to = Math.min(log.length, next + 1 + Math.floor(random() * 3));
    const taken = held.task.take(log.slice(next, to), to === log.length);
    taken.catch(() => undefined); // a zombie's comes when nobody waits for it
    const outcome = await Promise.race([
      taken.then(
        () => 'taken' as const,
        () => 'failed' as const,
      ),
      held.process.stopped,
    ]);
    if (outcome === 'failed') continue; // the same process takes the same messages again
    if (outcome === 'taken') {
      next = to;
      if (random() < 0.3) kept = { next, parts: dumped(held.task) };
      continue;
    }
    if (held.fault?.kind === 'pause') zombies.push(taken);
    if (random() < 0.5) held.process.resume(); // while the next one starts
    held = start(--faults > 0 ? anyFault(random) : null);
    next = kept?.next ?? 0;
    if (kept !== null) held.task.restore(kept.parts);
  }
  for (const process of processes) process.resume(); // and after the last one is done
  await Promise.race([held.task.close(), held.process.stopped]);
  await Promise.allSettled(zombies);
  for (const process of processes) await process.close();
}

test('whatever ends the process, each episode has one alert and one event', {
  ...needs('kafka'),
}, async () => {
  const open = Array.from({ length: trials }, (_, i) => i);
  const worker = async (_: unknown, number: number) => {
    const own = await ownTopics(`worker${number}`);
    const models: string[] = [];
    for (let i = open.shift(); i !== undefined; i = open.shift()) {
      models.push(`m${i}`);
      await trial(1_000 + i, `m${i}`, own);
    }
    const alerts = await toldIn(own.alerts, 'alert_id');
    const events = await toldIn(own.retraining, 'event_id');
    for (const model of models) {
      assert.deepEqual(alerts.get(model), expectedAlerts(model));
      assert.deepEqual(events.get(model), expectedEvents(model));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
});

test('of two tasks at once the older is shut out and tells nothing', {
  ...needs('kafka'),
}, async () => {
  const own = await ownTopics('zombie');
  const { kafka } = topics!;
  const older = taskOf(kafka, 'zombie', own);
  await older.take(log.slice(0, 6), false);
  const newer = taskOf(kafka, 'zombie', own);
  newer.restore(dumped(older));
  await newer.take(log.slice(6, 8), false); // opens an episode
  const before = dumped(older);
  await assert.rejects(
    older.take(log.slice(6, 8), false),
    (error) =>
      error instanceof WeirError &&
      error.code === 'kafka-failed' &&
      /another process has taken it over/.test(error.message),
  );
  assert.deepEqual(dumped(older), before, 'a take that failed changes nothing');
  await newer.take(log.slice(8), true);
  await Promise.all([older.close(), newer.close()]);
  const alerts = await toldIn(own.alerts, 'alert_id');
  const events = await toldIn(own.retraining, 'event_id');
  assert.deepEqual(alerts.get('zombie'), expectedAlerts('zombie'));
  assert.deepEqual(events.get('zombie'), expectedEvents('zombie'));
});

test('a task without its snapshot goes on from what was committed; another version closes', {
  ...needs('kafka'),
}, async () => {
  const own = await ownTopics('version');
  const { kafka } = topics!;
  const first = taskOf(kafka, 'version', own);
  await first.take(log.slice(0, 8), false);
  const open = first.policyOf('sim');
  assert.equal(open?.open[0]?.number, 1);
  await first.close();
  const second = taskOf(kafka, 'version', own);
  await second.take(log.slice(0, 8), false); // the log from its beginning
  assert.deepEqual(second.policyOf('sim'), open);
  await second.close();
  for (let again = 0; again < 2; again++) {
    const third = taskOf(kafka, 'version', own, '2');
    third.restore(dumped(second));
    await third.take([], true);
    await third.close();
  }
  const alerts = await toldIn(own.alerts, 'alert_id');
  const ids = ['version/1/1/opened', 'version/1/1/closed'];
  assert.deepEqual(alerts.get('version'), ids);
});
