import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { binningOf } from '../../src/monitors/binning.js';
import { captureReference } from '../../src/monitors/capture-reference.js';
import { monitor } from '../../src/monitors/definition.js';
import { evaluatePeriod } from '../../src/monitors/evaluate.js';
import type { Expectation } from '../../src/monitors/expectation.js';
import { createGathering, type GatheredPeriod, gather } from '../../src/monitors/gather.js';
import type { MonitoredFeature } from '../../src/monitors/monitored-feature.js';
import type { Reference } from '../../src/monitors/reference.js';
import { advance, createSampler, observe } from '../../src/monitors/sampler.js';

const dayMs = 86_400_000;
type Rows = readonly (readonly (number | string | null)[])[];

const common = { group: 'user', kind: 'stationary', windowMs: 0 } as const;
const features: readonly MonitoredFeature[] = [
  { ...common, name: 'rating', column: 0, row: 0, values: 'numeric' },
  { ...common, name: 'seen', column: 1, row: 1, values: 'numeric', kind: 'carried' },
  { ...common, name: 'device', column: 2, row: 2, values: 'categorical' },
];

/** Each row an entity of its own, an hour before the end of day `day`. */
function period(
  expectations: readonly Expectation[],
  day: number,
  rows: Rows,
  ref: Reference | null,
) {
  const definition = monitor({ name: 'q', expectations, segments: ['device'] });
  const binning = binningOf(ref, features, 'user', definition);
  const sampler = createSampler({ group: 'user', features, periodMs: dayMs, binning });
  observe(sampler, 'first', -dayMs, []);
  advance(sampler, 0);
  rows.forEach((row, i) => {
    observe(sampler, i, (day + 1) * dayMs - 3_600_000, row);
  });
  const gathered = gather(
    createGathering(['user'], dayMs),
    0,
    advance(sampler, (day + 1) * dayMs),
    new Map(),
  );
  return { definition, gathered: gathered.at(-1)! };
}

function found(expectations: readonly Expectation[], rows: Rows, ref: Reference | null = null) {
  const { definition, gathered } = period(expectations, 9, rows, ref);
  const evaluation = { definition, modelVersion: '1', features, reference: ref };
  const checks = evaluatePeriod(evaluation, gathered);
  return checks.filter((check) => check.subject === 'quality');
}

const endMs = 10 * dayMs;
const rows: Rows = [
  ...Array.from({ length: 90 }, () => [4, endMs - 1_000, 'mobile']),
  ...Array.from({ length: 8 }, () => [2, endMs - 2 * dayMs, 'desktop']),
  [9, null, 'desktop'],
  [null, null, null],
];

test('each expectation is met or not, with the figure and how far it is off', () => {
  const table: readonly [Expectation, statistic: number, verdict: string, effect: number][] = [
    [{ test: 'not-null', feature: 'rating' }, 0.99, 'drift', 0.01],
    [{ test: 'not-null', feature: 'rating', mostly: 0.95 }, 0.99, 'ok', 0],
    [{ test: 'completeness', feature: 'rating', nulls: 0.1 }, 0.99, 'ok', 0],
    [{ test: 'between', feature: 'rating', min: 1, max: 5 }, 98 / 99, 'drift', 1 / 99],
    [{ test: 'between', feature: 'rating', min: 1, max: 5, mostly: 0.9 }, 98 / 99, 'ok', 0],
    [
      { test: 'between', feature: 'rating', min: 3, mostly: 0.99 },
      91 / 99,
      'drift',
      0.99 - 91 / 99,
    ],
    [{ test: 'mean-between', feature: 'rating', min: 3, max: 4.5 }, 385 / 99, 'ok', 0],
    [{ test: 'mean-between', feature: 'rating', max: 3 }, 385 / 99, 'drift', 385 / 99 - 3],
    // Sample deviation by hand: 99 values, sum 385, sum of squares 1553.
    [
      { test: 'std-between', feature: 'rating', min: 0, max: 1 },
      Math.sqrt((1553 - 385 ** 2 / 99) / 98),
      'ok',
      0,
    ],
    [
      { test: 'std-between', feature: 'rating', min: 2 },
      Math.sqrt((1553 - 385 ** 2 / 99) / 98),
      'drift',
      2 - Math.sqrt((1553 - 385 ** 2 / 99) / 98),
    ],
    [{ test: 'recent', feature: 'seen', withinMs: dayMs, mostly: 0.9 }, 90 / 98, 'ok', 0],
    [{ test: 'recent', feature: 'seen', withinMs: dayMs }, 90 / 98, 'drift', 8 / 98],
    [{ test: 'date-range', feature: 'seen', fromMs: 0, toMs: endMs }, 1, 'ok', 0],
    // The eight of two days before the end lie before it.
    [
      { test: 'date-range', feature: 'seen', fromMs: endMs - dayMs, toMs: endMs },
      90 / 98,
      'drift',
      8 / 98,
    ],
    [{ test: 'row-count', group: 'user', min: 100, max: 200 }, 100, 'ok', 0],
    [{ test: 'row-count', group: 'user', min: 150 }, 100, 'drift', 50],
    [{ test: 'freshness', group: 'user', withinMs: 3_600_000 }, 3_600_000, 'ok', 0],
    [{ test: 'freshness', group: 'user', withinMs: 300_000 }, 3_600_000, 'drift', 3_300_000],
  ];
  for (const [expectation, statistic, verdict, effect] of table) {
    const [check] = found([expectation], rows);
    const what = JSON.stringify(expectation);
    assert.ok(Math.abs(check!.statistic! - statistic) < 1e-12, `${what}: ${check!.statistic}`);
    assert.equal(check!.verdict, verdict, what);
    assert.ok(Math.abs(check!.effect! - effect) < 1e-12, `${what}: ${check!.effect}`);
    assert.equal(check!.segment, '');
  }
});

test('a feature whose window began before the stream is expected to be nothing yet', () => {
  const windowed = features.map((feature) => ({ ...feature, windowMs: 3 * dayMs }));
  const expectation: Expectation = { test: 'not-null', feature: 'rating' };
  // The first vector came a day before day 0.
  const verdicts = [1, 2].map((day) => {
    const { definition, gathered } = period([expectation], day, rows, null);
    const evaluation = { definition, modelVersion: '1', features: windowed, reference: null };
    const checks = evaluatePeriod(evaluation, gathered);
    const [check] = checks.filter(({ subject }) => subject === 'quality');
    return `${check!.verdict} ${check!.detail}`;
  });
  assert.deepEqual(verdicts, ['insufficient-data the window was not wholly observed', 'drift ']);
});

test('a share that chance can make of few values is no breach', () => {
  const few: Rows = [...Array.from({ length: 17 }, () => [1, 0, 'm']), [9, 0, 'm'], [9, 0, 'm']];
  const [check] = found([{ test: 'between', feature: 'rating', max: 5, mostly: 0.95 }], few);
  assert.equal(check?.verdict, 'ok');
  assert.ok(check!.effect! > 0 && check!.pValue! > 0.1);
});

test('unseen categories, values out of range and volume are held against the reference', () => {
  const usual: Rows = Array.from({ length: 200 }, (_, i) => [i % 5, 0, i % 2 ? 'mobile' : 'tv']);
  const days = [0, 1, 2, 3, 4, 5].map(
    (day): GatheredPeriod => period([], day, usual, null).gathered,
  );
  const expectations: readonly Expectation[] = [
    { test: 'unseen', feature: 'device' },
    { test: 'out-of-range', feature: 'rating' },
    { test: 'volume', group: 'user' },
  ];
  const { definition } = period(expectations, 0, [], null);
  const ref = captureReference(definition, features, days, { modelVersion: '1', createdFrom: '' });
  const verdicts = (now: Rows) =>
    found(expectations, now, ref)
      .filter((check) => check.segment === '')
      .map((check) => `${check.test} ${check.verdict}`);
  assert.deepEqual(verdicts(usual), ['volume ok', 'unseen ok', 'out-of-range ok']);
  const odd: Rows = usual.slice(0, 80).map(([rating], i) => [i < 20 ? 7 : rating!, 0, 'watch']);
  assert.deepEqual(verdicts(odd), ['volume drift', 'unseen drift', 'out-of-range drift']);
});

test('segments are checked apart: one that breaks an expectation alone is named', () => {
  const usual: Rows = Array.from({ length: 200 }, (_, i) => [4, 0, i % 2 ? 'mobile' : 'tv']);
  const days = [0, 1].map((day): GatheredPeriod => period([], day, usual, null).gathered);
  const expectation: Expectation = { test: 'completeness', feature: 'rating', nulls: 0.3 };
  const { definition } = period([expectation], 0, [], null);
  const ref = captureReference(definition, features, days, { modelVersion: '1', createdFrom: '' });
  const broken: Rows = usual.map(([, seen, device]) => [
    device === 'tv' ? null : 4,
    seen!,
    device!,
  ]);
  assert.deepEqual(
    found([expectation], broken, ref).map((check) => [
      check.segment,
      check.statistic,
      check.verdict,
    ]),
    [
      ['', 0.5, 'drift'],
      ['device=mobile', 1, 'ok'],
      ['device=tv', 0, 'drift'],
    ],
  );
});

test('a period whose partitions were counted against different references says so', () => {
  const expectation: Expectation = { test: 'not-null', feature: 'rating' };
  const { definition, gathered } = period([expectation], 0, rows, null);
  const evaluation = { definition, modelVersion: '1', features, reference: null };
  const checks = evaluatePeriod(evaluation, { ...gathered, groups: [], apart: ['user'] });
  const [check] = checks.filter(({ subject }) => subject === 'quality');
  assert.equal(check!.verdict, 'insufficient-data');
  assert.match(check!.detail, /counted against different references/);
});

test('the page shows every expectation that there is, as it is declared', () => {
  const path = new URL('../../../docs/monitors.md', import.meta.url);
  const [, shown] = /```ts\nexpectations: (\[[\s\S]*?\])\n```/.exec(readFileSync(path, 'utf8'))!;
  const expectations: readonly Expectation[] = new Function(`return ${shown}`)();
  assert.deepEqual(monitor({ name: 'q', expectations }).expectations, expectations);
  const tests = {
    'not-null': 1,
    completeness: 1,
    between: 1,
    'mean-between': 1,
    'std-between': 1,
    recent: 1,
    'date-range': 1,
    unseen: 1,
    'out-of-range': 1,
    'row-count': 1,
    volume: 1,
    freshness: 1,
    schema: 1,
    duplicates: 1,
  } satisfies Record<Expectation['test'], 1>;
  assert.deepEqual(
    expectations.map((one) => one.test),
    Object.keys(tests),
  );
});
