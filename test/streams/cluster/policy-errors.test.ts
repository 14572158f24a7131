import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monitor } from '../../../src/monitors/definition.js';
import type { MonitoredFeature } from '../../../src/monitors/monitored-feature.js';
import { sealReference } from '../../../src/monitors/reference.js';
import { closingJson } from '../../../src/streams/cluster/monitor-message.js';
import { PolicyLogTask } from '../../../src/streams/cluster/policy-log-task.js';
import type { PolicyStore } from '../../../src/streams/cluster/policy-store.js';
import { dayMs } from '../../monitors/simulation.js';
import { smallReference } from '../../monitors/small-reference.js';
import { messagesOf } from './scoring-restarts.js';

const feature: MonitoredFeature = {
  ...{ name: 'score', group: 'scores', kind: 'stationary', values: 'numeric', windowMs: 0 },
  ...{ column: 0, row: 0 },
};
const place = { name: 'score', windowMs: 0, n: 20, seasons: null, segments: [] };
const reference = sealReference({
  ...smallReference,
  features: [{ ...place, bins: { kind: 'numeric', edges: [0.5, 1] }, counts: [10, 10, 0, 0, 0] }],
  labelled: { negative: [8, 2, 0, 0, 0], positive: [2, 8, 0, 0, 0] },
});
const definition = { ...monitor({ name: 'drift', model: 'ranker' }), horizonMs: dayMs };
const plan = {
  ...{ definition, model: null, features: [feature], groups: ['labels'], sources: ['labels'] },
  ...{ partitions: 1, scoreInputs: [] },
};

/** Ten labelled scores each hour, of which two are expected to be wrong, and so many are. */
function closing(day: number, wrong: number): string {
  const periodStartMs = day * dayMs;
  const parts = Array.from({ length: 24 }, () => [10, wrong, 2 * 2 ** 20]).flat();
  const period = {
    ...{ group: 'labels', periodStartMs, periodEndMs: periodStartMs + dayMs, n: 240 },
    ...{ referenceId: reference.id, newestMs: null, rows: null, events: [240], segments: [] },
    counts: [Uint32Array.of(96, 24, 0, 0, 0), Uint32Array.of(24, 96, 0, 0, 0)],
    sums: [96, 24, 96, 24, 120, 90, ...parts],
  };
  const said = { closedUpToMs: period.periodEndMs, observedFromMs: 0, periods: [period] };
  return closingJson({ monitor: 'drift', source: 0, closing: said });
}

const log = messagesOf([1, 2, 3, 4, 5, 6, 7].map((day) => closing(day, day < 4 ? 2 : 6)));

function taskOf(isAway: () => boolean = () => false): PolicyLogTask {
  const store: PolicyStore = {
    open: async () => null,
    commit: async () => {
      if (isAway()) throw new Error('the broker is away');
    },
    close: async () => undefined,
  };
  const monitored = { plan, reference, modelVersion: '1' };
  return new PolicyLogTask({ monitors: [monitored], store, sink: null });
}

function textOf(task: PolicyLogTask): string {
  return Buffer.concat([...task.dump().get('policy')!]).toString();
}

test('the stream of errors goes on over a restart of the policy task, byte for byte', async () => {
  const whole = taskOf();
  await whole.take(log, true);
  const { change, upToMs } = whole.policyOf('drift')!.errors!;
  assert.equal(upToMs, 8 * dayMs);
  // Labels of the fourth day are those of scores of the third.
  assert.equal(change?.atMs, 3 * dayMs);
  let task = taskOf();
  for (const message of log) {
    await task.take([message], true);
    const kept = Buffer.from(textOf(task));
    task = taskOf();
    task.restore(new Map([['policy', kept]]));
  }
  assert.equal(textOf(task), textOf(whole));
});

test('what was not committed is not in the stream of errors', async () => {
  let isAway = false;
  const task = taskOf(() => isAway);
  await task.take(log.slice(0, 2), true);
  const before = textOf(task);
  isAway = true;
  await assert.rejects(task.take(log.slice(2), true), /the broker is away/);
  assert.equal(textOf(task), before);
  isAway = false;
  await task.take(log.slice(2), true);
  const whole = taskOf();
  await whole.take(log, true);
  assert.deepEqual(task.policyOf('drift')?.errors, whole.policyOf('drift')?.errors);
});
