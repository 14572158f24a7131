import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Check } from '../../../src/monitors/check.js';
import type { Emission } from '../../../src/monitors/emission.js';
import type { MonitorClosing } from '../../../src/operators/monitor-plan.js';
import type { Step } from '../../../src/operators/step.js';
import { closingJson } from '../../../src/streams/cluster/monitor-message.js';
import { monitorsOf } from '../../../src/streams/cluster/monitor-plans.js';
import { PolicyLogTask } from '../../../src/streams/cluster/policy-log-task.js';
import type { PolicyRecord } from '../../../src/streams/cluster/policy-record.js';
import type { PolicyStore } from '../../../src/streams/cluster/policy-store.js';
import { scoreHeaders } from '../../../src/streams/cluster/score-headers.js';
import { ScoresLogTask } from '../../../src/streams/cluster/scores-log-task.js';
import { ScoringLogTask } from '../../../src/streams/cluster/scoring-log-task.js';
import type { ScoreRecord } from '../../../src/streams/cluster/scoring-output.js';
import { type LoadedModels, noModels } from '../../../src/streams/load-models.js';
import { seeded } from '../../monitors/simulation.js';
import { capturePeriods, days, short, world } from '../../operators/short-drift.js';
import { closeDays, createWorldRun, runDays } from '../../proof/world-run.js';
import { decodeScore, encodeScore } from './score-messages.js';
import { emitAll } from './scoring-emitters.js';
import { collected, messagesOf, takeAll } from './scoring-restarts.js';

// As in the test of the embedded task.
const partitions = 3;

const steps: Step[] = [];
let loaded: LoadedModels;
let expected: { readonly checks: readonly Check[]; readonly emissions: readonly Emission[] };

before(async () => {
  const first = createWorldRun({ pipeline: short, loaded: noModels, capturePeriods });
  await runDays(first, world, 0, 12);
  loaded = { models: new Map(), references: new Map([['short', first.captured[0]!]]) };
  const onStep = (step: Step) => void steps.push(step);
  const run = createWorldRun({ pipeline: short, loaded, partitions, onStep });
  await runDays(run, world, 0, days);
  await closeDays(run, world, days);
  expected = run;
});

/** A store that keeps what is committed. */
function memoryStore(emissions: Emission[]): PolicyStore {
  let record: PolicyRecord | null = null;
  return {
    open: async () => record,
    commit: async (told, state) => {
      emissions.push(...told);
      record = state;
    },
    close: async () => undefined,
  };
}

/** All closings in a random order that keeps each source's own. */
function mixed(closings: readonly MonitorClosing[], random: () => number): MonitorClosing[] {
  const lists = new Map<number, MonitorClosing[]>();
  for (const one of closings) lists.set(one.source, [...(lists.get(one.source) ?? []), one]);
  const order: MonitorClosing[] = [];
  let open = [...lists.values()];
  while (open.length > 0) {
    order.push(open[Math.floor(random() * open.length)]!.shift()!);
    open = open.filter((list) => list.length > 0);
  }
  return order;
}

/** Everything from the feature tasks to the policy, each in parts, each started again at random. */
async function runApart(seed: number) {
  const random = seeded(seed);
  const monitors = monitorsOf(short, loaded, partitions);
  const halves: Buffer[][] = Array.from({ length: partitions }, () => []);
  const closings: MonitorClosing[] = [];
  await emitAll({ pipeline: short, partitions, monitors, steps }, random, (emitted) => {
    for (const { partition, value } of emitted.halves) halves[partition]!.push(value);
    closings.push(...emitted.closings);
  });
  for (const [partition, log] of halves.entries()) {
    const records: ScoreRecord[] = [];
    const output = { scores: collected(records), monitor: collected(closings) };
    const own = { monitors, partition, epoch: 0, clock: () => 0 };
    const scoring = { models: short.models, loaded, ...own, ...output };
    await takeAll(() => new ScoringLogTask(scoring), messagesOf(log), random);
    const scores = messagesOf(records.map(encodeScore), records.map(scoreHeaders));
    const sampling = { monitors, partition, decode: decodeScore, sink: null, ...output };
    await takeAll(() => new ScoresLogTask(sampling), scores, random);
  }
  const emissions: Emission[] = [];
  const checks = new Map<string, Check>();
  const store = memoryStore(emissions);
  const onJudged = (found: readonly Check[]) => {
    for (const one of found) checks.set(`${one.periodStartMs} ${one.feature} ${one.test}`, one);
  };
  const judging = { monitors, store, sink: null, onJudged };
  const log = messagesOf(mixed(closings, random).map(closingJson));
  const policy = await takeAll(() => new PolicyLogTask(judging), log, random);
  return { checks: [...checks.values()], emissions, policy, closings };
}

test('monitors in parts find what one graph finds, and tell it once', async () => {
  assert.equal(expected.emissions.length, 2);
  for (const seed of [1, 2, 3]) {
    const { checks, emissions, policy } = await runApart(seed);
    assert.deepEqual(checks, expected.checks);
    assert.deepEqual(emissions, expected.emissions);
    assert.equal(policy.foreign, 0);
  }
});
