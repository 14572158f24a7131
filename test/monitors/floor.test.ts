import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MonitorDefinition, monitor } from '../../src/monitors/definition.js';
import { evaluatePeriod } from '../../src/monitors/evaluate.js';
import type { GatheredPeriod } from '../../src/monitors/gather.js';
import { type Reference, sealReference } from '../../src/monitors/reference.js';
import { dayMs } from './simulation.js';
import { smallReference } from './small-reference.js';

const definition = monitor({
  name: 'drift',
  model: 'ranker',
  policy: { alpha: 0.05, looks: 1 },
  business: [{ test: 'satisfaction', view: 'user', mean: 'rating', least: 4 }],
});

function referenceAt(mean: number): Reference {
  const values = [mean - 0.02, mean, mean, mean, mean + 0.02];
  const figures = [{ name: 'business/satisfaction//satisfaction', n: 2_000, values }];
  return sealReference({ ...smallReference, features: [], figures });
}

/** A day of 400 ratings with this mean, and a variance of 1. */
function floorCheck(mean: number, reference: Reference, n = 400) {
  return checkOf(definition, reference, [n * mean, n, n * (1 + mean * mean)]);
}

/** The floor's check of a day with these sums of its only figure. */
function checkOf(of: MonitorDefinition, reference: Reference, events: readonly number[]) {
  const period: GatheredPeriod = {
    periodStartMs: 9 * dayMs,
    periodEndMs: 10 * dayMs,
    groups: [
      {
        group: 'user',
        periodStartMs: 9 * dayMs,
        periodEndMs: 10 * dayMs,
        n: 10,
        referenceId: 'r',
        counts: [],
        sums: [],
        segments: [],
        events,
        newestMs: null,
        rows: null,
        observedFromMs: 0,
      },
    ],
  };
  const evaluation = { definition: of, features: [], reference, modelVersion: '1' };
  return evaluatePeriod(evaluation, period).find(({ feature }) => feature.endsWith('-floor'))!;
}

test('a mean rating below its floor is drift, by a one-sided z test', () => {
  const kept = floorCheck(4.1, referenceAt(4.15));
  assert.deepEqual([kept.verdict, kept.subject], ['ok', 'business']);
  const broken = floorCheck(3.9, referenceAt(4.15));
  assert.equal(broken.verdict, 'drift');
  assert.ok(Math.abs(broken.pValue! - 0.02275013194817921) < 1e-9); // normal, beyond 2
  assert.ok(Math.abs(broken.effect! - 0.1) < 1e-9);
});

test('a floor that the reference does not keep, or too few values, say nothing', () => {
  assert.equal(floorCheck(3.9, referenceAt(3.95)).verdict, 'no-reference');
  assert.equal(floorCheck(3.9, referenceAt(4.15), 100).verdict, 'insufficient-data');
});

test('a share below its floor is judged by the binomial tail, none at all too', () => {
  const per = { event_type: 'view' };
  const conversion = monitor({
    name: 'drift',
    business: [{ test: 'conversion', view: 'user', of: { event_type: 'visit' }, per, least: 0.01 }],
  });
  const figures = [
    {
      name: 'business/conversion//conversion',
      n: 2_000,
      values: [0.012, 0.013, 0.012, 0.011, 0.012],
    },
  ];
  const reference = sealReference({ ...smallReference, features: [], figures });
  const none = checkOf(conversion, reference, [0, 400, 0]);
  assert.ok(Math.abs(none.pValue! - 0.99 ** 400) < 1e-12);
  assert.equal(none.verdict, 'ok');
  assert.equal(checkOf(conversion, reference, [0, 4000, 0]).verdict, 'drift');
});

test('a mean of values that are all alike says nothing of chance', () => {
  const alike = checkOf(definition, referenceAt(4.15), [1200, 400, 3600]);
  assert.deepEqual([alike.verdict, alike.detail], ['insufficient-data', 'its values do not vary']);
});
