import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countValues } from '../../src/stats/bin-of.js';
import { frozenEdges } from '../../src/stats/frozen-edges.js';
import { ksAtEdges } from '../../src/stats/ks-at-edges.js';
import { ksCriticalDistance } from '../../src/stats/ks-critical-distance.js';
import { ksEffectiveSize } from '../../src/stats/ks-effective-size.js';
import { ksTwoSample } from '../../src/stats/ks-two-sample.js';
import { kstwoSf } from '../../src/stats/kstwo.js';
import { shares } from '../../src/stats/shares.js';
import { assertRelative, readGolden } from './golden.js';

interface Sample {
  name: string;
  a: number[];
  b: number[];
  statistic: number;
  exact: number;
  kstwo: number;
}
const golden = readGolden<{ samples: Sample[] }>('kolmogorov-smirnov.json');

/** D by looking at every value: numbers, then nulls, then what is not finite. */
function naiveDistance(a: readonly (number | null)[], b: readonly (number | null)[]): number {
  const rank = (x: number | null) => (x === null ? 1 : Number.isFinite(x) ? 0 : 2);
  const isUpTo = (x: number | null, y: number | null) =>
    rank(x) !== rank(y) ? rank(x) < rank(y) : rank(x) > 0 || x! <= y!;
  const share = (of: readonly (number | null)[], at: number | null) =>
    of.filter((x) => isUpTo(x, at)).length / of.length;
  return Math.max(0, ...[...a, ...b].map((at) => Math.abs(share(a, at) - share(b, at))));
}

const value = fc.oneof(
  { weight: 6, arbitrary: fc.double({ noNaN: true, min: -3, max: 3 }) },
  { weight: 6, arbitrary: fc.integer({ min: -4, max: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(null, Number.NaN, Number.POSITIVE_INFINITY) },
);
const sample = fc.array(value, { minLength: 1, maxLength: 120 });

test('the statistic is exact and its p-values are those of scipy, ties included', () => {
  for (const { name, a, b, statistic, exact, kstwo } of golden.samples) {
    const auto = ksTwoSample(a, b);
    assert.equal(auto.method, 'exact');
    assertRelative(auto.statistic, statistic, 1e-15, name);
    assertRelative(auto.pValue, exact, 1e-9, `${name}, exact`);
    const law = ksTwoSample(a, b, 'kstwo');
    assert.equal(law.method, 'kstwo');
    assertRelative(law.pValue, kstwo, 1e-8, `${name}, kstwo`);
  }
});

test('samples of more than 10,000 values take the one-sample law and say so', () => {
  const large = Array.from({ length: 10_001 }, (_, i) => i);
  const result = ksTwoSample(large, [1, 2, 3]);
  assert.equal(result.method, 'kstwo');
  assert.equal(result.pValue, kstwoSf(result.statistic, 3));
});

test('the statistic of any samples, nulls and infinities among them, is the naive one', () => {
  fc.assert(
    fc.property(sample, sample, (a, b) => {
      const { statistic, pValue } = ksTwoSample(a, b);
      assert.ok(Math.abs(statistic - naiveDistance(a, b)) < 1e-12);
      assert.ok(pValue >= 0 && pValue <= 1);
      assert.equal(ksTwoSample(b, a).statistic, statistic);
    }),
  );
});

test('the bounds at the edges hold the exact distance of the samples', () => {
  fc.assert(
    fc.property(sample, sample, fc.integer({ min: 2, max: 24 }), (a, b, count) => {
      const bins = frozenEdges(a, count);
      const reference = countValues(bins, a);
      const current = countValues(bins, b);
      const { lower, upper } = ksAtEdges(bins, reference, current);
      const exact = ksTwoSample(a, b).statistic;
      assert.ok(lower <= exact + 1e-12, `${lower} ${exact}`);
      assert.ok(exact <= upper + 1e-12, `${exact} ${upper}`);
      const r = shares(reference);
      const c = shares(current);
      const width = Math.max(...r.map((share, i) => Math.min(share, c[i]!)));
      assert.ok(upper <= lower + width + 1e-12, 'no looser than D + max min(r, c)');
    }),
    { numRuns: 400 },
  );
});

test('a reference with a bin for each value gives the exact distance', () => {
  fc.assert(
    fc.property(sample, sample, (a, b) => {
      const bins = frozenEdges(a, 256);
      const { lower, upper } = ksAtEdges(bins, countValues(bins, a), countValues(bins, b));
      assert.ok(Math.abs(lower - upper) < 1e-12);
      assert.ok(Math.abs(lower - ksTwoSample(a, b).statistic) < 1e-12);
    }),
  );
});

test('a change of the null share alone is a distance', () => {
  const a = Array.from({ length: 1000 }, (_, i) => (i % 10 === 0 ? null : i));
  const b = Array.from({ length: 1000 }, (_, i) => (i % 10 < 4 ? null : i));
  const bins = frozenEdges(a);
  const result = ksAtEdges(bins, countValues(bins, a), countValues(bins, b));
  assert.ok(result.lower >= 0.3 && result.pValue < 1e-30);
});

test('the p-value is that of the lower bound at round(nm / (n + m))', () => {
  const bins = { kind: 'numeric', edges: [0, 1, 2] } as const;
  const result = ksAtEdges(bins, [0, 500, 500, 0, 0, 0], [0, 400, 300, 100, 0, 0]);
  assert.equal(result.lower, 0.125);
  assert.equal(result.bin, 2);
  assert.equal(result.effectiveSize, 444);
  assert.equal(result.method, 'kstwo');
  assert.equal(result.pValue, kstwoSf(0.125, 444));
});

test('the effective size rounds halves to even', () => {
  assert.equal(ksEffectiveSize(1000, 1000), 500);
  assert.equal(ksEffectiveSize(1, 1), 0);
  assert.equal(ksEffectiveSize(3, 3), 2);
  assert.equal(ksEffectiveSize(5, 5), 2);
  assert.equal(ksEffectiveSize(0, 9), 0);
});

test('the critical distance of a million against a million is 0.002', () => {
  assert.equal(ksCriticalDistance(0.05, 1e6, 1e6).toFixed(4), '0.0019');
  assert.equal(ksCriticalDistance(0.05, 0, 10), 1);
});

test('empty and constant samples have a verdict', () => {
  assert.deepEqual(ksTwoSample([], [1]), {
    status: 'insufficient-data',
    statistic: 0,
    pValue: 1,
    method: 'exact',
  });
  assert.equal(ksTwoSample([2, 2], [2]).pValue, 1);
  const bins = frozenEdges([5, 5]);
  const empty = ksAtEdges(bins, [0, 2, 0, 0, 0], [0, 0, 0, 0, 0]);
  assert.deepEqual(
    [empty.status, empty.lower, empty.upper, empty.pValue],
    ['insufficient-data', 0, 1, 1],
  );
  const same = ksAtEdges(bins, [0, 200, 0, 0, 0], [0, 90, 0, 0, 0]);
  assert.deepEqual(
    [same.status, same.lower, same.upper, same.pValue, same.bin],
    ['ok', 0, 0, 1, -1],
  );
});
