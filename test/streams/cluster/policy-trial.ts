import assert from 'node:assert/strict';
import { binningOf } from '../../../src/monitors/binning.js';
import type { Command } from '../../../src/monitors/command.js';
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
import { commandJson } from '../../../src/streams/cluster/policy-message.js';
import { KafkaPolicyStore, type PolicyTopics } from '../../../src/streams/cluster/policy-store.js';
import {
  createDays,
  dayMs,
  seeded,
  simulate,
  simulatedFeatures,
  startMs,
} from '../../monitors/simulation.js';
import { type Fault, type FaultyKafka, faultyKafka } from './policy-faults.js';
import { dumped, messagesOf } from './scoring-restarts.js';
import type { TestTopics } from './scoring-topics.js';

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
const definition = monitor({ name: 'sim', policy });

const reference: Reference = simulate(world, 4, 0).reference;
const closings = closingsOf(reference).map(closingJson);

/** What the monitor log holds: ten periods, and what people and a trainer say. */
export function logOf(): readonly LogMessage[] {
  const who = 'ada';
  const atMs = startMs + 8 * dayMs;
  const monitorName = 'sim';
  const event = `${monitorName}/1/1`;
  const say = (at: number, command: Command): void => {
    texts.splice(at, 0, commandJson(command));
  };
  const texts = [...closings];
  const muted = { monitor: monitorName, feature: 'user.f2', who, atMs };
  const trainer = { monitor: monitorName, event, who, note: '', atMs };
  // From the end on, so that places stay what they are.
  say(16, { kind: 'unmute', ...muted });
  say(14, {
    kind: 'retraining',
    ...trainer,
    status: 'done',
    progress: null,
    version: '2',
  });
  say(11, { kind: 'retraining', ...trainer, status: 'in-progress', progress: 0.5, version: null });
  say(10, { kind: 'acknowledge', monitor: monitorName, episode: event, who, note: 'seen', atMs });
  say(3, { kind: 'mute', ...muted, untilMs: atMs, reason: 'known' });
  return messagesOf(texts);
}

/** Ten periods after the reference's four, in two samplers. */
function closingsOf(against: Reference): MonitorClosing[] {
  const binning = binningOf(against, features, 'user', definition);
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
export async function ownTopics(topics: TestTopics, name: string): Promise<PolicyTopics> {
  return {
    alerts: await topics.create(`${name}.drift-alerts`, 3),
    retraining: await topics.create(`${name}.retraining-events`, 3),
    state: await topics.create(`${name}.state`, 1),
  };
}

export function taskOf(
  kafka: Kafka,
  prefix: string,
  model: string,
  own: PolicyTopics,
  version?: string,
): PolicyLogTask {
  const transactionalId = `${prefix}${model}`;
  const store = new KafkaPolicyStore({ kafka, transactionalId, topics: own, encode });
  return new PolicyLogTask({ monitors: [monitored(model, version)], store, sink: null });
}

/** Ids by model, as a `read_committed` reader of both topics finds them. */
export async function toldIn(
  topics: TestTopics,
  topic: string,
  id: string,
): Promise<Map<string, string[]>> {
  const told = new Map<string, string[]>();
  for (const { key, value } of (await topics.read(topic)).flat()) {
    const record = JSON.parse(value.toString());
    told.set(key, [...(told.get(key) ?? []), record[id]]);
  }
  return told;
}

export const expectedAlerts = [1, 2].flatMap((n) => [`sim/1/${n}/opened`, `sim/1/${n}/closed`]);
export const expectedEvents = [1, 2].map((n) => `sim/1/${n}`);

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
export async function trial(
  topics: TestTopics,
  seed: number,
  model: string,
  own: PolicyTopics,
): Promise<number> {
  const log = logOf();
  const random = seeded(seed);
  const processes: FaultyKafka[] = [];
  const zombies: Promise<unknown>[] = [];
  const start = (fault: Fault | null): Held => {
    const process = faultyKafka(topics.kafka, fault);
    processes.push(process);
    return { fault, process, task: taskOf(process.kafka, topics.prefix, model, own) };
  };
  let kept: { next: number; parts: Map<string, Uint8Array> } | null = null;
  let next = 0;
  let befell = 0;
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
    if (outcome !== 'taken') befell++;
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
  const state = held.task.policyOf('sim');
  const [second, first] = state?.past ?? [];
  assert.deepEqual([first?.acknowledged?.note, second?.acknowledged], ['seen', null]);
  assert.deepEqual(
    state?.retrainings.map(({ status, version }) => [status, version]),
    [
      ['due', null],
      ['done', '2'],
    ],
  );
  assert.deepEqual(state?.mutes, []);
  return befell;
}

/**
 * So many lives of policy tasks; each must have told every episode once.
 * @returns how many processes were killed, paused, or lost a call
 */
export async function runTrials(
  topics: TestTopics,
  count: number,
  concurrency: number,
  progress: (done: number) => void = () => undefined,
): Promise<number> {
  const open = Array.from({ length: count }, (_, i) => i);
  let befell = 0;
  const worker = async (_: unknown, number: number): Promise<void> => {
    const own = await ownTopics(topics, `worker${number}`);
    const models: string[] = [];
    for (let i = open.shift(); i !== undefined; i = open.shift()) {
      models.push(`m${i}`);
      const here = await trial(topics, 1_000 + i, `m${i}`, own);
      befell += here; // after the wait: other workers add meanwhile
      progress(count - open.length);
    }
    const alerts = await toldIn(topics, own.alerts, 'alert_id');
    const events = await toldIn(topics, own.retraining, 'event_id');
    for (const model of models) {
      assert.deepEqual(alerts.get(model), expectedAlerts);
      assert.deepEqual(events.get(model), expectedEvents);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return befell;
}
