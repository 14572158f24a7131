import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WeirError } from '../../../src/errors.js';
import type { Command } from '../../../src/monitors/command.js';
import { monitor } from '../../../src/monitors/definition.js';
import type { Emission } from '../../../src/monitors/emission.js';
import { initialPolicy, type OpenEpisode } from '../../../src/monitors/policy-state.js';
import { sealReference } from '../../../src/monitors/reference.js';
import { referenceText } from '../../../src/monitors/reference-file.js';
import { closingJson } from '../../../src/streams/cluster/monitor-message.js';
import { PolicyLogTask } from '../../../src/streams/cluster/policy-log-task.js';
import { commandJson } from '../../../src/streams/cluster/policy-message.js';
import type { PolicyRecord } from '../../../src/streams/cluster/policy-record.js';
import type { PolicyStore } from '../../../src/streams/cluster/policy-store.js';
import { dayMs } from '../../monitors/simulation.js';
import { smallReference } from '../../monitors/small-reference.js';
import { messagesOf } from './scoring-restarts.js';

const definition = monitor({ name: 'drift', model: 'ranker' });
const plan = {
  definition,
  model: null,
  features: [],
  groups: ['user'],
  sources: ['user'],
  partitions: 1,
  scoreInputs: [],
};
const monitored = { plan, reference: null, modelVersion: '1' };

const use = (version: string, replaces: string) =>
  ({
    kind: 'use-model',
    monitor: 'drift',
    version,
    replaces,
    sha256: 'a'.repeat(64),
    reference: null,
    importance: null,
    who: 'trainer',
    atMs: 0,
  }) satisfies Command;
const log = messagesOf([use('2', '1'), use('3', '2')].map(commandJson));

const episode: OpenEpisode = {
  id: 'drift/3/1',
  number: 1,
  kind: 'drift',
  sinceMs: 0,
  openedMs: 1,
  signals: ['feature:a'],
  features: ['a'],
  notices: [],
  retraining: true,
  worsened: 0,
  told: { strengths: {}, share: 1 },
  acknowledged: null,
};

/** Keeps what was committed, as the state topic does. */
class KeptStore implements PolicyStore {
  readonly emissions: Emission[] = [];
  record: PolicyRecord | null = null;
  refuses = false;

  async open(): Promise<PolicyRecord | null> {
    return this.record;
  }

  async commit(emissions: readonly Emission[], record: PolicyRecord): Promise<void> {
    if (this.refuses) throw new Error('the broker is away');
    this.emissions.push(...emissions);
    this.record = record;
  }

  async close(): Promise<void> {}
}

function taskOf(store: KeptStore): PolicyLogTask {
  return new PolicyLogTask({ monitors: [monitored], store, sink: null });
}

test('a model that was switched in the log is the one that is committed', async () => {
  const store = new KeptStore();
  const task = taskOf(store);
  await task.take(log, true);
  assert.equal(store.record?.monitors.drift?.modelVersion, '3');
  assert.equal(store.record?.references?.drift?.modelVersion, '3');
  assert.deepEqual(store.record?.configured, { drift: '1' });
});

/** A task with two groups, of which only `user` closes. */
function waitingTask(store: KeptStore): PolicyLogTask {
  const both = { ...plan, groups: ['user', 'scores'], sources: ['user', 'scores'] };
  const one = { ...monitored, plan: both, importance: { 'user.a': 1 } };
  return new PolicyLogTask({ monitors: [one], store, sink: null });
}

function closing(group: string, source: number, day: number): string {
  const periodStartMs = day * dayMs;
  const period = {
    ...{ group, periodStartMs, periodEndMs: periodStartMs + dayMs, n: 3, referenceId: 'none' },
    ...{ counts: [Uint32Array.of(1, 2)], sums: [0.5], segments: [], events: [] },
    ...{ newestMs: periodStartMs, rows: null },
  };
  const closedUpToMs = period.periodEndMs;
  const said = { closedUpToMs, observedFromMs: 0, periods: [period] };
  return closingJson({ monitor: 'drift', source, closing: said });
}

const days = [0, 1, 2].map((day) => closing('user', 0, day));
const swap = commandJson({ ...use('2', '1'), importance: { 'user.a': 9 } });

function textOf(task: PolicyLogTask): string {
  return Buffer.concat([...task.dump().get('policy')!]).toString();
}

function restored(text: string): PolicyLogTask {
  const task = waitingTask(new KeptStore());
  task.restore(new Map([['policy', Buffer.from(text)]]));
  return task;
}

test('a task goes on from its snapshot with the periods that wait for another group', async () => {
  const task = waitingTask(new KeptStore());
  await task.take(messagesOf([...days, swap]), true);
  assert.deepEqual(task.periodsWaiting, [['drift', days.length]]);
  const text = textOf(task);
  assert.equal(text.trimEnd().split('\n').length, 1 + days.length, 'a line each');
  const again = restored(text);
  assert.equal(textOf(again), text);
  const late = messagesOf([...days, swap, closing('scores', 1, 2)]).slice(days.length + 1);
  await again.take(late, true);
  assert.equal(again.policyOf('drift')?.judgedUpToMs, 3 * dayMs);
  assert.equal(textOf(again).trimEnd().split('\n').length, 1);
  assert.deepEqual(again.periodsWaiting, [['drift', 0]]);
});

test('a snapshot of a former version, all in one line, is read', async () => {
  const task = waitingTask(new KeptStore());
  await task.take(messagesOf(days), true);
  const [head, ...lines] = textOf(task)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const pending = lines.map(([, start, slots]) => [start, slots]);
  const former = { ...head[0], gathering: { ...head[0].gathering, pending } };
  delete former.importance;
  assert.equal(textOf(restored(JSON.stringify([former]))), textOf(task));
});

test('a take that fails leaves the task as it was', async () => {
  const store = new KeptStore();
  const task = waitingTask(store);
  await task.take(messagesOf(days.slice(0, 1)), true);
  const before = textOf(task);
  store.refuses = true;
  const rest = messagesOf([days[0]!, ...days.slice(1), swap]).slice(1);
  await assert.rejects(task.take(rest, true), /the broker is away/);
  assert.equal(textOf(task), before);
  store.refuses = false;
  await task.take(rest, true);
  assert.equal(task.policyOf('drift')?.modelVersion, '2');
  assert.equal(textOf(task).trimEnd().split('\n').length, 1 + days.length);
});

test('a reference in the log that does not fit is told of, and changes nothing', async () => {
  const told: WeirError[] = [];
  const store = new KeptStore();
  const onUnfit = (error: WeirError) => told.push(error);
  const task = new PolicyLogTask({ monitors: [monitored], store, sink: null, onUnfit });
  const reference = referenceText(sealReference({ ...smallReference, modelVersion: '9' }));
  const said = { monitor: 'drift', reference, who: 'ada', atMs: 0 };
  await task.take(messagesOf([commandJson({ kind: 'use-reference', ...said })]), true);
  assert.equal(task.references.drift?.reference, null);
  assert.deepEqual(
    told.map(({ code }) => code),
    ['reference-invalid'],
  );
  assert.match(told[0]!.message, /expected .*version 1.*found .*version 9.*weir reference use/);
});

test('a log read again from its beginning does not go back to former models', async () => {
  const store = new KeptStore();
  const state = {
    ...initialPolicy('ranker', '3'),
    episodes: 1,
    judgedUpToMs: 1,
    commandsUpTo: 1,
    open: [episode],
  };
  store.record = { version: 2, monitors: { drift: state }, configured: { drift: '1' } };
  const task = taskOf(store); // without its snapshot
  await task.take(log, true);
  assert.deepEqual(task.policyOf('drift'), state);
  assert.equal(task.references.drift?.modelVersion, '3');
  assert.deepEqual(store.emissions, []);
});
