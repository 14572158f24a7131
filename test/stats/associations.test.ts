import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Correlation,
  correlationChange,
  pearson,
  spearman,
  spearmanOfCounts,
} from '../../src/stats/correlation.js';
import {
  conceptHomogeneity,
  informationChange,
  mutualInformation,
} from '../../src/stats/mutual-information.js';
import { ranks } from '../../src/stats/ranks.js';
import { wasserstein } from '../../src/stats/wasserstein.js';
import { assertRelative, readGolden } from './golden.js';

type Pair = [value: number, p: number];
const golden = readGolden<{
  information: {
    joint: number[];
    columns: number;
    value: number;
    df: number;
    statistic: number;
    p: number;
    bias: number;
  }[];
  homogeneity: {
    reference: number[];
    current: number[];
    columns: number;
    statistic: number;
    df: number;
    p: number;
  }[];
  correlations: {
    name: string;
    x: number[];
    y: number[];
    pearson: Pair;
    spearman: Pair;
    pointBiserial?: Pair;
    ranks: number[];
  }[];
  changes: [
    r1: number,
    n1: number,
    r2: number,
    n2: number,
    kind: 'pearson' | 'spearman',
    z: number,
    p: number,
  ][];
  distances: { a: number[]; b: number[]; value: number }[];
}>('associations.json');

test('mutual information is that of scikit-learn, its law the G-test of scipy', () => {
  for (const { joint, columns, ...expected } of golden.information) {
    const found = mutualInformation(joint, columns);
    assert.ok(Math.abs(found.value - expected.value) < 1e-13);
    assert.equal(found.df, expected.df);
    assertRelative(found.bias, expected.bias, 1e-14, 'bias');
    assertRelative(found.corrected, found.value - expected.bias, 1e-12, 'corrected');
    assertRelative(found.statistic, expected.statistic, 1e-10, 'statistic');
    assertRelative(found.pValue, expected.p, 1e-9, 'p');
  }
});

test('a label that is the feature has its entropy as information, an unrelated one none', () => {
  const half = mutualInformation([50, 0, 0, 50], 2);
  assertRelative(half.value, Math.log(2), 1e-15, 'one bit');
  const none = mutualInformation([10, 20, 30, 60], 2);
  assert.ok(Math.abs(none.value) < 1e-16);
  assert.ok(none.corrected < 0);
  assert.equal(none.pValue, 1);
  for (const joint of [[], [0, 0, 0, 0], [5, 0, 9, 0], [5, 9, 0, 0]]) {
    const found = mutualInformation(joint, 2);
    assert.deepEqual(
      [found.status, found.value, found.corrected, found.pValue],
      ['insufficient-data', 0, 0, 1],
    );
  }
});

test('information does not depend on order or scale, and is at most the entropy of the label', () => {
  const tables = fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(tables, fc.integer({ min: 2, max: 9 }), (rows, times) => {
      const joint = rows.flat();
      const found = mutualInformation(joint, 2);
      const turned = mutualInformation(
        rows.toReversed().flatMap(([a, b]) => [b, a]),
        2,
      );
      assert.ok(Math.abs(found.value - turned.value) < 1e-12);
      const more = mutualInformation(
        joint.map((count) => count * times),
        2,
      );
      assert.ok(Math.abs(found.value - more.value) < 1e-12);
      assert.ok(found.value >= 0 && found.value <= Math.log(2) + 1e-12);
      assert.ok(found.pValue >= 0 && found.pValue <= 1);
    }),
  );
});

test('labels that depend on the feature as before are told from those that do not', () => {
  for (const { reference, current, columns, statistic, df, p } of golden.homogeneity) {
    const found = conceptHomogeneity(reference, current, columns);
    assert.equal(found.df, df);
    assertRelative(found.statistic, statistic, 1e-10, 'statistic');
    assertRelative(found.pValue, p, 1e-9, 'p');
    assert.equal(found.skipped, 0);
  }
  // A dependence that turns round keeps its information: only the second test sees it.
  const [up, down] = [
    [900, 100, 100, 900],
    [100, 900, 900, 100],
  ];
  assert.equal(informationChange(up!, down!, 2).pValue, 1);
  assert.ok(conceptHomogeneity(up!, down!, 2).pValue < 1e-100);
  assert.deepEqual(conceptHomogeneity([5, 5], [0, 0], 2), {
    status: 'insufficient-data',
    statistic: 0,
    df: 0,
    pValue: 1,
    skipped: 1,
  });
});

test('a change of the feature alone is no change of the concept', () => {
  const reference = [800, 200, 300, 700];
  const found = conceptHomogeneity(reference, [80, 20, 1500, 3500], 2);
  assert.equal(found.pValue, 1);
});

test('a change of information has a sign, a size and a p-value', () => {
  const [strong, weak] = [
    [400, 100, 100, 400],
    [260, 240, 240, 260],
  ];
  const lost = informationChange(strong!, weak!, 2);
  assert.ok(lost.change < -0.15 && lost.relative! > 0.9 && lost.pValue < 1e-20);
  const won = informationChange(weak!, strong!, 2);
  assert.equal(won.change, -lost.change);
  assert.equal(won.pValue, lost.pValue);
  const none = informationChange(strong!, [0, 0, 0, 0], 2);
  assert.deepEqual([none.status, none.change, none.pValue], ['insufficient-data', 0, 1]);
});

test('correlations, ties included, are those of scipy', () => {
  for (const row of golden.correlations) {
    assert.deepEqual([...ranks(row.x)], row.ranks);
    const pairs = [
      [pearson(row.x, row.y), row.pearson],
      [spearman(row.x, row.y), row.spearman],
      ...(row.pointBiserial === undefined ? [] : [[pearson(row.y, row.x), row.pointBiserial]]),
    ] as [Correlation, Pair][]; // made of such pairs above
    for (const [{ r, pValue }, [expected, p]] of pairs) {
      assertRelative(r, expected, 1e-11, row.name);
      // scipy's digits of 1 - r^2 run out before these do.
      if (Math.abs(expected) < 0.999) assertRelative(pValue, p, 1e-8, row.name);
    }
  }
});

test('rank correlation of counts is that of the pairs they count', () => {
  const pairs = fc.array(fc.tuple(fc.nat(4), fc.nat(2)), { maxLength: 80 });
  fc.assert(
    fc.property(pairs, (rows) => {
      const joint = new Uint32Array(15);
      for (const [x, y] of rows) joint[x * 3 + y]!++;
      const counted = spearmanOfCounts(joint, 3);
      const listed = spearman(
        rows.map(([x]) => x),
        rows.map(([, y]) => y),
      );
      assert.equal(counted.status, listed.status);
      assert.equal(counted.count, listed.count);
      assert.ok(Math.abs(counted.r - listed.r) < 1e-12);
    }),
  );
});

test('the change of a correlation is the difference of Fisher values over its error', () => {
  for (const [r1, n1, r2, n2, kind, z, p] of golden.changes) {
    const of = (r: number, count: number) => ({ status: 'ok', r, pValue: 0, count }) as const;
    const found = correlationChange(of(r1, n1), of(r2, n2), kind);
    assertRelative(found.z, z, 1e-12, 'z');
    assertRelative(found.pValue, p, 1e-10, 'p');
    assertRelative(found.change, r2 - r1, 1e-15, 'change');
    assert.ok(found.low <= found.change && found.change <= found.high);
    if (n2 > 30) assert.equal(found.low > 0 || found.high < 0, found.pValue < 0.05);
  }
  const short = pearson([1, 2, 4], [3, 1, 9]);
  const flat = pearson([1, 1, 1, 1, 1], [3, 1, 9, 4, 4]);
  assert.equal(flat.status, 'insufficient-data');
  for (const one of [short, flat]) {
    const { status, pValue } = correlationChange(one, one, 'pearson');
    assert.deepEqual([status, pValue], ['insufficient-data', 1]);
  }
  const whole = pearson([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]);
  assert.equal(whole.pValue, 0);
  assert.equal(correlationChange(whole, whole, 'spearman').pValue, 1);
});

test('correlations do not change with scale, order or what is not finite', () => {
  const value = fc.integer({ min: -50, max: 50 });
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value), { minLength: 4, maxLength: 60 }), (rows) => {
      const [x, y] = [rows.map(([a]) => a), rows.map(([, b]) => b)];
      const plain = spearman(x, y).r;
      const monotone = x.map((a) => Math.exp(a / 9));
      assert.ok(Math.abs(spearman(monotone, y).r - plain) < 1e-12);
      assert.ok(Math.abs(spearman(y, x).r - plain) < 1e-12);
      assert.ok(Math.abs(spearman([...x, Number.NaN], [...y, 3]).r - plain) < 1e-12);
      const scaled = x.map((a) => 3 * a - 7);
      assert.ok(Math.abs(pearson(scaled, y).r - pearson(x, y).r) < 1e-12);
      assert.ok(Math.abs(plain) <= 1);
    }),
  );
});

test('the distance of two samples is that of scipy', () => {
  for (const { a, b, value } of golden.distances) {
    assertRelative(wasserstein(a, b)!, value, 1e-12, 'distance');
  }
  assert.equal(wasserstein([], [1]), null);
  assert.equal(wasserstein([Number.NaN], [1]), null);
  assert.equal(wasserstein([1, Number.POSITIVE_INFINITY], [3]), 2);
});

test('the distance is a metric, and as far as everything is moved', () => {
  const values = fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(values, values, values, fc.integer({ min: -9, max: 9 }), (a, b, c, by) => {
      const between = wasserstein(a, b)!;
      assert.equal(between, wasserstein(b, a));
      assert.ok(between <= wasserstein(a, c)! + wasserstein(c, b)! + 1e-12);
      const moved = a.map((x) => x + by);
      assert.ok(Math.abs(wasserstein(a, moved)! - Math.abs(by)) < 1e-12);
    }),
  );
});
