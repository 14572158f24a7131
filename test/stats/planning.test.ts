import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { twoMeanPower, twoMeanSampleSize, twoProportionPower } from '../../src/stats/power.js';
import {
  proportionDifferenceInterval,
  proportionInterval,
} from '../../src/stats/proportion-interval.js';
import { createUniform } from '../../src/stats/random.js';
import { createSequentialTest, lookAt } from '../../src/stats/sequential-test.js';
import { twoProportionSampleSize } from '../../src/stats/two-proportion-z.js';
import { assertRelative, readGolden } from './golden.js';

const golden = readGolden<{
  intervals: number[][];
  proportions: number[][];
  means: number[][];
  sizes: number[][];
  proportionSizes: number[][];
}>('planning.json');

test('intervals of shares and of their differences are those of statsmodels', () => {
  for (const [s1, n1, s2, n2, low, high, differenceLow, differenceHigh] of golden.intervals) {
    const first = { successes: s1!, count: n1! };
    const one = proportionInterval(first);
    assert.ok(Math.abs(one.low - low!) < 1e-14 && Math.abs(one.high - high!) < 1e-14);
    const both = proportionDifferenceInterval(first, { successes: s2!, count: n2! });
    assertRelative(both.low, differenceLow!, 1e-9, 'low');
    assertRelative(both.high, differenceHigh!, 1e-9, 'high');
  }
  assert.deepEqual(proportionInterval({ successes: 0, count: 0 }), { low: 0, high: 1 });
  const none = { successes: 0, count: 0 };
  assert.deepEqual(proportionDifferenceInterval(none, none), { low: -1, high: 1 });
});

test('an interval holds its share, and turns round with its arms', () => {
  const arm = fc
    .tuple(fc.integer({ min: 1, max: 400 }), fc.nat(400))
    .map(([count, successes]) => ({ count, successes: Math.min(count, successes) }));
  fc.assert(
    fc.property(arm, arm, (first, second) => {
      const { low, high } = proportionInterval(first);
      assert.ok(low <= first.successes / first.count && first.successes / first.count <= high);
      assert.ok(low >= 0 && high <= 1);
      const there = proportionDifferenceInterval(first, second);
      const back = proportionDifferenceInterval(second, first);
      assert.ok(Math.abs(there.low + back.high) < 1e-12);
      assert.ok(there.low >= -1 - 1e-12 && there.high <= 1 + 1e-12);
    }),
  );
});

test('power is that of statsmodels', () => {
  for (const [p1, p2, count, ratio, expected] of golden.proportions) {
    const found = twoProportionPower(p1!, p2!, { count: count!, ratio: ratio! });
    assertRelative(found, expected!, 1e-9, `${p1} against ${p2}`);
  }
  for (const [effect, count, ratio, alpha, expected] of golden.means) {
    const found = twoMeanPower(effect!, { count: count!, ratio: ratio! }, alpha);
    assertRelative(found, expected!, 1e-9, `effect ${effect}`);
  }
  assertRelative(twoMeanPower(0, { count: 50 }), 0.05, 1e-12, 'no effect');
  assert.equal(twoMeanPower(50, { count: 1000 }), 1);
  assert.equal(twoMeanPower(1, { count: 1 }), 0);
});

test('sample sizes are those of statsmodels, the next whole number', () => {
  for (const [effect, power, ratio, expected] of golden.sizes) {
    assert.equal(twoMeanSampleSize(effect!, power, 0.05, ratio), Math.ceil(expected!));
  }
  for (const [p1, p2, power, ratio, expected] of golden.proportionSizes) {
    const found = twoProportionSampleSize(p1!, p2!, power, 0.05, ratio);
    assert.equal(found, Math.ceil(expected!), `${p1} against ${p2}`);
  }
  assert.equal(twoMeanSampleSize(0), Number.POSITIVE_INFINITY);
});

interface Runs {
  readonly sequential: number;
  readonly fixed: number;
}

/** Shares of runs that ever called a difference, looking after every pair of rows. */
function everSignificant(p1: number, p2: number, runs: number, rows: number): Runs {
  let sequential = 0;
  let fixed = 0;
  const uniform = createUniform(5);
  for (let run = 0; run < runs; run++) {
    const test = createSequentialTest(0.05);
    let [s1, s2, isFixed] = [0, 0, false];
    for (let n = 1; n <= rows; n++) {
      if (uniform() < p1) s1++;
      if (uniform() < p2) s2++;
      if (n < 100) continue;
      const arm = (s: number) => ({ count: n, mean: s / n, variance: (s * (n - s)) / n / (n - 1) });
      const { difference } = lookAt(test, arm(s1), arm(s2));
      const variance = (arm(s1).variance + arm(s2).variance) / n;
      if (Math.abs(difference) > 1.96 * Math.sqrt(variance)) isFixed = true;
    }
    if (test.pValue <= 0.05) sequential++;
    if (isFixed) fixed++;
  }
  return { sequential: sequential / runs, fixed: fixed / runs };
}

test('looking after every row calls a difference that is none in at most 5 % of runs', () => {
  const none = everSignificant(0.3, 0.3, 200, 2_000);
  assert.ok(none.sequential <= 0.05, `${none.sequential}`);
  assert.ok(none.fixed > 0.25, 'the usual test is wrong several times as often');
  assert.ok(everSignificant(0.3, 0.4, 50, 2_000).sequential > 0.9, 'and one that is there is seen');
});

test('a look is decided exactly when the interval leaves 0, and what was reached stays', () => {
  const test = createSequentialTest(0.1);
  const arm = (mean: number, count: number) => ({ mean, count, variance: 0.25 });
  const early = lookAt(test, arm(0.4, 99), arm(0.9, 99));
  assert.deepEqual([early.status, early.pValue], ['insufficient-data', 1]);
  let least = 1;
  for (const shift of [0.01, 0.05, 0.08, 0.12, 0.06, 0.01]) {
    const look = lookAt(test, arm(0.4, 900), arm(0.4 + shift, 900));
    const fresh = lookAt(createSequentialTest(0.1), arm(0.4, 900), arm(0.4 + shift, 900));
    assert.equal(fresh.low > 0, fresh.pValue < 0.05);
    least = Math.min(least, fresh.pValue);
    assert.equal(look.pValue, least);
  }
  assert.equal(test.looks, 7);
});

test('the mixture of likelihood ratios is the integral it stands for', () => {
  // Midpoint sum of the likelihood ratio over N(0, effect^2).
  const [effect, variance, difference] = [0.2, 0.004, 0.15];
  let mixed = 0;
  for (let i = 0; i < 40_000; i++) {
    const shift = -2 + (i + 0.5) * 1e-4;
    const density = Math.exp(-((shift / effect) ** 2) / 2) / (effect * Math.sqrt(2 * Math.PI));
    const ratio = Math.exp((shift * difference - (shift * shift) / 2) / variance);
    mixed += density * ratio * 1e-4;
  }
  const arm = (mean: number) => ({ mean, count: 1_000, variance: 2 });
  const { pValue } = lookAt(createSequentialTest(effect), arm(1), arm(1 + difference));
  assertRelative(pValue, 1 / mixed, 1e-9, 'p');
});
