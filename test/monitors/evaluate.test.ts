import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binningOf } from '../../src/monitors/binning.js';
import { captureReference } from '../../src/monitors/capture-reference.js';
import { monitor } from '../../src/monitors/definition.js';
import { evaluatePeriod } from '../../src/monitors/evaluate.js';
import type { GatheredPeriod } from '../../src/monitors/gather.js';
import type { MonitoredFeature } from '../../src/monitors/monitored-feature.js';
import type { Reference } from '../../src/monitors/reference.js';
import { tallied } from '../../src/monitors/sampler.js';
import { tallyRows } from '../../src/monitors/tally.js';
import { dayMs, startMs } from './simulation.js';

type Rows = readonly (readonly (number | string | null)[])[];

const definition = monitor({ name: 'drift', model: 'ranker', policy: { psiBins: 4, looks: 10 } });
const common = { group: 'user', column: 0, kind: 'stationary', windowMs: 0 } as const;
const features: readonly MonitoredFeature[] = [
  { ...common, name: 'user.level', row: 0, values: 'numeric' },
  { ...common, name: 'user.tier', row: 1, values: 'categorical' },
];

function period(
  day: number,
  rows: Rows,
  reference: Reference | null,
  watched = features,
): GatheredPeriod {
  const periodStartMs = startMs + day * dayMs;
  const place = { periodStartMs, periodEndMs: periodStartMs + dayMs };
  const binning = binningOf(reference, watched, 'user', definition);
  const group = {
    group: 'user',
    n: rows.length,
    observedFromMs: startMs,
    referenceId: binning?.referenceId ?? null,
    ...tallied(binning === null ? null : tallyRows(binning, rows, periodStartMs + dayMs)),
    events: [],
    newestMs: null,
    rows: binning === null ? rows : null,
  };
  return { ...place, groups: [{ ...place, ...group }] };
}

/** `counts[i]` rows with level i and a tier of its own. */
function rowsOf(...counts: readonly number[]): Rows {
  return counts.flatMap((count, level) =>
    Array.from({ length: count }, () => [level, `tier ${level}`]),
  );
}

const options = { modelVersion: '3', createdFrom: 'a day' };
const reference = captureReference(
  definition,
  features,
  [period(0, rowsOf(250, 250, 250, 250), null)],
  options,
);
const evaluation = { definition, modelVersion: '3', features, reference };

test('equal shares are ok, with the figures of the null law', () => {
  const checks = evaluatePeriod(evaluation, period(1, rowsOf(100, 100, 100, 100), reference));
  assert.deepEqual(
    checks.map((c) => [c.feature, c.test, c.verdict, c.statistic, c.pValue, c.nCurrent]),
    [
      ['user.level', 'psi', 'ok', 0, 1, 400],
      ['user.level', 'ks', 'ok', 0, 1, 400],
      ['user.tier', 'psi', 'ok', 0, 1, 400],
      ['user.tier', 'chi2', 'ok', 0, 1, 400],
    ],
  );
  const [first] = checks;
  // (4 - 1)(1/1000 + 1/400), and alpha over 4 tests and 10 looks.
  assert.ok(Math.abs(first!.nullMean! - 0.0105) < 1e-12);
  assert.ok(Math.abs(first!.level! - 0.05 / 40) < 1e-15);
  assert.equal(first!.corrected, -first!.nullMean!);
  assert.equal(first!.nReference, 1000);
  assert.equal(first!.modelVersion, '3');
  assert.equal(first!.referenceId, reference.id);
});

test('a large and significant change is drift in each test, with figures computed by hand', () => {
  const checks = evaluatePeriod(evaluation, period(1, rowsOf(200, 100, 60, 40), reference));
  const shares = [0.5, 0.25, 0.15, 0.1];
  const expected = shares.reduce((sum, c) => sum + (c - 0.25) * Math.log(c / 0.25), 0);
  assert.deepEqual(
    checks.map((c) => [c.test, c.verdict]),
    [
      ['psi', 'drift'],
      ['ks', 'drift'],
      ['psi', 'drift'],
      ['chi2', 'drift'],
    ],
  );
  assert.ok(Math.abs(checks[0]!.statistic! - expected) < 1e-12);
  assert.ok(Math.abs(checks[0]!.effect! - (expected - 0.0105)) < 1e-12);
  assert.ok(Math.abs(checks[1]!.statistic! - 0.25) < 1e-12);
  assert.ok(checks[1]!.critical! > 0.08 && checks[1]!.critical! < 0.15);
});

test('a smaller significant change is a warning, one that is not significant is ok', () => {
  const warned = evaluatePeriod(evaluation, period(1, rowsOf(164, 104, 76, 56), reference));
  assert.deepEqual(new Set(warned.map((c) => c.verdict)), new Set(['warning']));
  assert.ok(warned[0]!.effect! > 0.1 && warned[0]!.effect! < 0.2);
  const slight = evaluatePeriod(evaluation, period(1, rowsOf(105, 105, 95, 95), reference));
  assert.deepEqual(new Set(slight.map((c) => c.verdict)), new Set(['ok']));
});

test('a size of effect that chance can make is not drift', () => {
  const loose = monitor({ name: 'drift', policy: { psiBins: 4, samplesPerBin: 1, looks: 1000 } });
  const one = { ...evaluation, definition: loose };
  const [check] = evaluatePeriod(one, period(1, rowsOf(8, 2, 1, 5), reference));
  assert.ok(check!.effect! > 0.2);
  assert.ok(check!.pValue! > check!.level!);
  assert.equal(check!.verdict, 'ok');
});

test('nulls, unseen values and values out of range are drift like others', () => {
  for (const [level, tier] of [
    [null, null],
    [99, 'new'],
    [-99, 'other'],
    [Number.NaN, 'nan'],
  ] as const) {
    const rows = [...rowsOf(75, 75, 75, 75), ...Array.from({ length: 100 }, () => [level, tier])];
    const checks = evaluatePeriod(evaluation, period(1, rows, reference));
    assert.deepEqual(
      checks.filter((c) => c.test === 'psi').map((c) => c.verdict),
      ['drift', 'drift'],
      `${level}`,
    );
  }
});

test('what cannot be compared says why, and never NaN', () => {
  const thin = evaluatePeriod(evaluation, period(1, rowsOf(20, 20, 20, 19), reference));
  assert.deepEqual(
    thin.map((c) => [c.test, c.verdict, c.statistic, c.nCurrent]),
    [
      ['psi', 'insufficient-data', null, 79],
      ['ks', 'insufficient-data', null, 79],
      ['psi', 'insufficient-data', null, 79],
      ['chi2', 'insufficient-data', null, 79],
    ],
  );
  assert.equal(thin[0]?.detail, '4 bins need 80 samples on each side');

  const without = { ...evaluation, reference: null };
  const none = evaluatePeriod(without, period(1, rowsOf(500), null));
  assert.ok(none.every((c) => c.verdict === 'no-reference' && c.nCurrent === 500));
  assert.equal(none[0]?.detail, "capture one with 'weir reference capture'");

  const late = { ...period(1, rowsOf(500), reference), groups: [] };
  const nobody = evaluatePeriod(evaluation, late);
  assert.ok(nobody.every((c) => c.verdict === 'insufficient-data' && c.nCurrent === 0));
});

test('a window that has not been wholly observed yet is not judged, in the reference or now', () => {
  const month = features.map((feature) => ({ ...feature, windowMs: 30 * dayMs }));
  const since = new Date(startMs + 30 * dayMs).toISOString();
  const days = [29, 30].map((day) => period(day, rowsOf(100, 100, 100, 100), null));
  const monthly = captureReference(definition, month, days, options);
  assert.equal(monthly.features[0]?.n, 400);
  const asked = { definition, modelVersion: '3', features: month, reference: monthly };
  const early = evaluatePeriod(asked, period(29, rowsOf(400), monthly, month));
  assert.ok(early.every((c) => c.verdict === 'insufficient-data'));
  assert.equal(early[0]?.detail, `its window is wholly observed from ${since}`);
  const then = evaluatePeriod(asked, period(30, rowsOf(400), monthly, month));
  assert.ok(then.every((c) => c.verdict === 'drift'));
  // The same name over another window is another feature: the reference does not know it.
  const other = evaluatePeriod({ ...asked, features }, period(30, rowsOf(400), monthly));
  assert.ok(other.every((c) => c.verdict === 'no-reference'));
});

test('a seasonal feature is held against the same weekday of the reference', () => {
  const seasonal = features.map((feature) => ({ ...feature, kind: 'seasonal' as const }));
  const week = [0, 1, 2, 3, 4, 5, 6].map((day) =>
    period(day, day < 5 ? rowsOf(300, 100) : rowsOf(100, 300), null),
  );
  const weekly = captureReference(definition, seasonal, week, options);
  const asked = { definition, modelVersion: '3', features: seasonal, reference: weekly };
  const verdicts = (day: number, rows: Rows) => [
    ...new Set(evaluatePeriod(asked, period(day, rows, weekly)).map((c) => c.verdict)),
  ];
  assert.deepEqual(verdicts(7, rowsOf(300, 100)), ['ok']); // a Monday
  assert.deepEqual(verdicts(12, rowsOf(100, 300)), ['ok']); // a Saturday
  assert.deepEqual(verdicts(12, rowsOf(300, 100)), ['drift']);
  const stationary = captureReference(definition, features, week, options);
  const sliceless = evaluatePeriod({ ...asked, reference: stationary }, period(7, [], stationary));
  assert.ok(sliceless.every((c) => c.verdict === 'no-reference'));
});
