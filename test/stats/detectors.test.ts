import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Adwin, adwinMean, createAdwin, stepAdwin } from '../../src/stats/adwin.js';
import { createDdm, stepDdm } from '../../src/stats/ddm.js';
import { createPageHinkley, stepPageHinkley } from '../../src/stats/page-hinkley.js';
import { assertRelative, readGolden } from './golden.js';
import { hashUnit } from './hash-unit.js';

interface Case<Name extends string, Options> {
  detector: Name;
  stream: { seed: number; levels: number[]; each: number; scale?: number };
  options: Options;
  found: number[];
}
type AdwinCase = Case<
  'adwin',
  {
    delta: number;
    clock: number;
    max_buckets: number;
    min_window_length: number;
    grace_period: number;
  }
> & { forgetting: number[]; width: number; total: number; variance: number };
type PageHinkleyCase = Case<
  'page-hinkley',
  {
    min_instances: number;
    delta: number;
    threshold: number;
    alpha: number;
    mode: 'up' | 'down' | 'both';
  }
>;
type DdmCase = Case<
  'ddm',
  { warm_start: number; warning_threshold: number; drift_threshold: number }
> & { warnings: [first: number, last: number][] };

const golden = readGolden<{ length: number; cases: (AdwinCase | PageHinkleyCase | DdmCase)[] }>(
  'detectors.json',
);
const isOf = (name: string) => (row: { detector: string }) => row.detector === name;
// The rows of one name have the shape the script wrote for it.
const adwinCases = golden.cases.filter(isOf('adwin')) as AdwinCase[];
const pageHinkleyCases = golden.cases.filter(isOf('page-hinkley')) as PageHinkleyCase[];
const ddmCases = golden.cases.filter(isOf('ddm')) as DdmCase[];

const levelOf = ({ levels, each }: AdwinCase['stream'], i: number): number =>
  levels[Math.min(Math.floor(i / each), levels.length - 1)]!;

const valuesOf = (stream: AdwinCase['stream']): number[] =>
  Array.from(
    { length: golden.length },
    (_, i) => levelOf(stream, i) + stream.scale! * hashUnit(i, stream.seed),
  );

const indices = (values: readonly number[], isFound: (x: number, i: number) => boolean) =>
  values.flatMap((x, i) => (isFound(x, i) ? [i] : []));

const optionsOf = ({ options }: AdwinCase) => ({
  delta: options.delta,
  clock: options.clock,
  maxBuckets: options.max_buckets,
  minSide: options.min_window_length,
  grace: options.grace_period,
});

test('adaptive windows change where those of river change, and hold the same values after it', () => {
  assert.ok(adwinCases.some(({ found }) => found.length > 3));
  for (const row of adwinCases) {
    const adwin = createAdwin(optionsOf(row));
    const values = valuesOf(row.stream);
    assert.deepEqual(
      indices(values, (x) => stepAdwin(adwin, x)),
      row.found,
    );
    assert.equal(adwin.count, row.width);
    assertRelative(adwin.total, row.total, 1e-10, 'total');
    assertRelative(adwin.squares / adwin.count, row.variance / row.width, 1e-6, 'variance');
  }
});

test('an adaptive window that begins anew after a change is the detector of river', () => {
  for (const row of adwinCases) {
    let adwin = createAdwin(optionsOf(row));
    const found = indices(valuesOf(row.stream), (x) => {
      const isChanged = stepAdwin(adwin, x);
      if (isChanged) adwin = createAdwin(optionsOf(row));
      return isChanged;
    });
    assert.deepEqual(found, row.forgetting);
  }
});

test('Page and Hinkley find the changes that river finds', () => {
  for (const { stream, options, found } of pageHinkleyCases) {
    const state = createPageHinkley({
      warmStart: options.min_instances,
      delta: options.delta,
      threshold: options.threshold,
      memory: options.alpha,
      direction: options.mode,
    });
    assert.deepEqual(
      indices(valuesOf(stream), (x) => stepPageHinkley(state, x)),
      found,
    );
  }
});

test('the error rate drifts and warns where river says so', () => {
  for (const { stream, options, found, warnings } of ddmCases) {
    const ddm = createDdm({
      warmStart: options.warm_start,
      warning: options.warning_threshold,
      drift: options.drift_threshold,
    });
    const verdicts = Array.from({ length: golden.length }, (_, i) =>
      stepDdm(ddm, hashUnit(i, stream.seed) < levelOf(stream, i)),
    );
    const where = (name: string) => verdicts.flatMap((one, i) => (one === name ? [i] : []));
    assert.deepEqual(where('drift'), found);
    const warned = warnings.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, i) => first + i),
    );
    assert.deepEqual(where('warning'), warned);
  }
});

test('a window is the sum of its newest values, its buckets few', () => {
  const value = fc.double({ min: -10, max: 10, noNaN: true });
  const stream = fc
    .tuple(fc.array(value, { maxLength: 150 }), fc.array(value, { maxLength: 150 }))
    .map(([a, b]) => [...a, ...b.map((x) => x + 25)]);
  fc.assert(
    fc.property(stream, (values) => {
      const adwin = createAdwin({ clock: 1, delta: 0.2 });
      for (const x of values) stepAdwin(adwin, x);
      const kept = values.slice(values.length - adwin.count);
      const sum = kept.reduce((total, x) => total + x, 0);
      assert.ok(Math.abs(adwin.total - sum) < 1e-9);
      if (kept.length > 0) assert.ok(Math.abs(adwinMean(adwin)! - sum / kept.length) < 1e-9);
      else assert.equal(adwinMean(adwin), null);
      const sizes = adwin.rows.map(({ totals }, i) => totals.length * 2 ** i);
      assert.equal(
        sizes.reduce((total, size) => total + size, 0),
        adwin.count,
      );
      assert.ok(adwin.rows.every(({ totals }) => totals.length <= 5));
      assert.ok(adwin.rows.length <= 1 + Math.log2(1 + adwin.count));
    }),
  );
});

test('detectors that went through JSON go on as if nothing had happened', () => {
  const values = valuesOf(adwinCases[0]!.stream);
  const through = <T>(state: T): T => JSON.parse(JSON.stringify(state)) as T; // plain data
  let adwin: Adwin = createAdwin();
  let hinkley = createPageHinkley();
  let ddm = createDdm();
  const other = { adwin: createAdwin(), hinkley: createPageHinkley(), ddm: createDdm() };
  for (const [i, x] of values.entries()) {
    if (i % 777 === 0) [adwin, hinkley, ddm] = [through(adwin), through(hinkley), through(ddm)];
    assert.equal(stepAdwin(adwin, x), stepAdwin(other.adwin, x));
    assert.equal(stepPageHinkley(hinkley, x), stepPageHinkley(other.hinkley, x));
    assert.equal(stepDdm(ddm, x > 0.9), stepDdm(other.ddm, x > 0.9));
  }
  assert.deepEqual([adwin, hinkley, ddm], [other.adwin, other.hinkley, other.ddm]);
});

test('values that are not finite leave a detector as it was', () => {
  const adwin = createAdwin();
  const hinkley = createPageHinkley();
  for (const x of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    assert.equal(stepAdwin(adwin, x), false);
    assert.equal(stepPageHinkley(hinkley, x), false);
  }
  assert.deepEqual(adwin, createAdwin());
  assert.deepEqual(hinkley, createPageHinkley());
});
