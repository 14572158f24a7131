import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { benjaminiHochberg } from '../../src/stats/benjamini-hochberg.js';
import { gTest } from '../../src/stats/g-test.js';
import { holm } from '../../src/stats/holm.js';
import { mcnemar } from '../../src/stats/mcnemar.js';
import { addValue, createMoments, mergeMoments, sampleVariance } from '../../src/stats/moments.js';
import { sampleRatio } from '../../src/stats/sample-ratio.js';
import { twoProportionSampleSize, twoProportionZ } from '../../src/stats/two-proportion-z.js';
import { welchT } from '../../src/stats/welch-t.js';
import { assertRelative, readGolden } from './golden.js';

const golden = readGolden<{
  adjusted: { p: number[]; holm: number[]; bh: number[] }[];
  mcnemar: [b: number, c: number, statistic: number, p: number][];
  proportions: number[][];
  welch: number[][];
  ratios: { counts: number[]; weights: number[]; statistic: number; p: number }[];
}>('comparisons.json');
const counts = readGolden<{
  cases: { reference: number[]; current: number[]; gTest?: [number, number, number] }[];
}>('counts.json');

test('adjusted p-values are those of statsmodels', () => {
  for (const { p, holm: byHolm, bh } of golden.adjusted) {
    holm(p).forEach((value, i) => {
      assertRelative(value, byHolm[i]!, 1e-12, 'holm');
    });
    benjaminiHochberg(p).forEach((value, i) => {
      assertRelative(value, bh[i]!, 1e-12, 'bh');
    });
  }
  assert.deepEqual([...holm([])], []);
  assert.deepEqual([...holm([0.01, Number.NaN])], [0.02, 1]);
  assert.deepEqual([...benjaminiHochberg([0.01, Number.NaN])], [0.02, 1]);
});

test('McNemar is exact below 25 discordant pairs and corrected from there on', () => {
  for (const [b, c, statistic, p] of golden.mcnemar) {
    const result = mcnemar(b, c);
    assert.equal(result.method, b + c < 25 ? 'exact' : 'corrected');
    assertRelative(result.statistic, statistic, 1e-14, `${b} ${c}`);
    assertRelative(result.pValue, p, 1e-10, `${b} ${c}`);
  }
});

test('the z-test of two shares is that of statsmodels, interval and effect size included', () => {
  for (const [s1, n1, s2, n2, z, p, low, high, h] of golden.proportions) {
    const result = twoProportionZ({ successes: s1!, count: n1! }, { successes: s2!, count: n2! });
    assertRelative(result.z, z!, 1e-12, 'z');
    assertRelative(result.pValue, p!, 1e-10, 'p');
    assertRelative(result.low, low!, 1e-10, 'low');
    assertRelative(result.high, high!, 1e-10, 'high');
    assertRelative(result.effectSize, h!, 1e-10, 'h');
    assertRelative(result.relativeLift!, s2! / n2! / (s1! / n1!) - 1, 1e-10, 'lift');
  }
});

test('the sample size for 10 % against 12 % at power 0.8 is 3,841 an arm', () => {
  // R: power.prop.test(p1 = .1, p2 = .12, power = .8) gives 3840.847.
  assert.equal(twoProportionSampleSize(0.1, 0.12), 3841);
  assert.equal(twoProportionSampleSize(0.12, 0.1), 3841);
  assert.equal(twoProportionSampleSize(0.1, 0.1), Number.POSITIVE_INFINITY);
});

test('the t-test of Welch is that of scipy', () => {
  for (const [m1, v1, n1, m2, v2, n2, t, df, p, low, high] of golden.welch) {
    const result = welchT(
      { mean: m1!, variance: v1!, count: n1! },
      { mean: m2!, variance: v2!, count: n2! },
    );
    assertRelative(result.t, t!, 1e-12, 't');
    assertRelative(result.df, df!, 1e-12, 'df');
    assertRelative(result.pValue, p!, 1e-10, 'p');
    assertRelative(result.low, low!, 1e-9, 'low');
    assertRelative(result.high, high!, 1e-9, 'high');
  }
});

test('a sample-ratio mismatch is called at p below 0.001', () => {
  for (const { counts: arms, weights, statistic, p } of golden.ratios) {
    const result = sampleRatio(arms, weights);
    assertRelative(result.statistic, statistic, 1e-12, 'statistic');
    assertRelative(result.pValue, p, 1e-10, 'p');
    assert.equal(result.isMismatch, p < 0.001);
  }
  assert.equal(sampleRatio([0, 0], [1, 1]).isMismatch, false);
  assert.equal(sampleRatio([10, 1], [1, 0]).isMismatch, true);
});

test('the G-test is that of scipy', () => {
  for (const { reference, current, gTest: expected } of counts.cases) {
    if (expected === undefined) continue;
    const result = gTest(reference, current);
    assertRelative(result.statistic, expected[0], 1e-9, 'statistic');
    assert.equal(result.df, expected[1]);
    if (expected[2] > 1e-300) assertRelative(result.pValue, expected[2], 1e-8, 'p');
  }
});

test('tests without data have a verdict and no NaN', () => {
  const none = { successes: 0, count: 0 };
  const empty = { count: 0, mean: 0, variance: 0 };
  const results = [
    twoProportionZ(none, none),
    twoProportionZ({ successes: 0, count: 5 }, { successes: 0, count: 9 }),
    welchT(empty, empty),
    welchT({ count: 9, mean: 1, variance: 0 }, { count: 9, mean: 1, variance: 0 }),
    gTest([], []),
    gTest([4, 0], [9, 0]),
  ];
  for (const result of results) {
    assert.equal(result.status, 'insufficient-data');
    assert.equal(result.pValue, 1);
    for (const figure of Object.values(result)) assert.ok(!Number.isNaN(figure));
  }
});

test('moments of merged parts are those of the whole', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true })),
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true })),
      (a, b) => {
        const parts = [a, b, [...a, ...b]].map((values) => {
          const moments = createMoments();
          for (const x of values) addValue(moments, x);
          return moments;
        });
        const [first, second, whole] = parts;
        mergeMoments(first!, second!);
        assert.equal(first!.count, whole!.count);
        assert.ok(Math.abs(first!.mean - whole!.mean) < 1e-8);
        assert.ok(Math.abs(first!.squares - whole!.squares) <= 1e-9 * whole!.squares + 1e-3);
      },
    ),
  );
  const moments = createMoments();
  assert.equal(sampleVariance(moments), null);
  // NIST StRD NumAcc3: 1,001 values around 1,000,000 of standard deviation 0.1.
  addValue(moments, 1_000_000.2);
  for (let i = 0; i < 500; i++) {
    addValue(moments, 1_000_000.1);
    addValue(moments, 1_000_000.3);
  }
  assertRelative(moments.mean, 1_000_000.2, 1e-15, 'mean');
  assertRelative(Math.sqrt(sampleVariance(moments)!), 0.1, 1e-9, 'standard deviation');
});
