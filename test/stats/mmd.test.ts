import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FourierMap, frozenFourierMap } from '../../src/stats/fourier-map.js';
import {
  createFourierSums,
  discrepancy,
  mergeSums,
  rowAdder,
  unbiasedDiscrepancy,
} from '../../src/stats/fourier-sums.js';
import { mmdNull, mmdOfRows, mmdOfSums } from '../../src/stats/mmd.js';
import { mmdExact } from '../../src/stats/mmd-exact.js';
import { createNormal, createUniform } from '../../src/stats/random.js';
import { assertRelative, readGolden } from './golden.js';

const golden = readGolden<{
  cases: {
    reference: number[];
    current: number[];
    width: number;
    bandwidth: number;
    value: number;
    p?: number;
  }[];
}>('discrepancy.json');

const normalRows = (rows: number, width: number, seed: number, shift = 0): number[] => {
  const normal = createNormal(createUniform(seed));
  return Array.from({ length: rows * width }, () => normal() + shift);
};

function sumsOf(map: FourierMap, rows: readonly number[]) {
  const add = rowAdder(map);
  const sums = createFourierSums(map);
  for (let from = 0; from < rows.length; from += map.means.length) add(sums, rows, from);
  return sums;
}

test('the exact discrepancy is that of numpy, its p-value near that of all permutations', () => {
  for (const { reference, current, width, bandwidth, value, p } of golden.cases) {
    const runs = 4_999;
    const found = mmdExact(reference, current, width, bandwidth, { runs: p ? runs : 99 });
    assert.ok(Math.abs(found.value - value) < 1e-12, `${found.value}, not ${value}`);
    if (p === undefined) continue;
    const error = Math.sqrt((p * (1 - p)) / runs);
    assert.ok(Math.abs(found.pValue - p) < 4 * error + 1 / runs, `${found.pValue}, not ${p}`);
  }
});

test('Fourier features give the exact discrepancy up to the number of frequencies', () => {
  const reference = normalRows(150, 3, 1);
  const current = normalRows(120, 3, 2, 0.5);
  const map = frozenFourierMap(reference, 3, { pairs: 4_000 });
  const deviation = (column: number) => {
    const own = reference.filter((_, i) => i % 3 === column);
    const mean = own.reduce((a, b) => a + b, 0) / own.length;
    return Math.sqrt(own.reduce((a, b) => a + (b - mean) ** 2, 0) / (own.length - 1));
  };
  const deviations = [0, 1, 2].map(deviation);
  const standard = (rows: readonly number[]) => rows.map((x, i) => x / deviations[i % 3]!);
  const exact = mmdExact(standard(reference), standard(current), 3, map.bandwidth, { runs: 0 });
  const found = mmdOfRows(map, reference, current, { runs: 0 });
  assert.ok(Math.abs(found.value - exact.value) < 0.01, `${found.value}, not ${exact.value}`);
  assert.ok(exact.value > 0.05);
});

test('the bandwidth is the median distance of the standardised rows', () => {
  const map = frozenFourierMap([0, 1, 2, 3], 1);
  // Distances 1 1 1 2 2 3 over the standard deviation sqrt(5/3).
  assertRelative(map.bandwidth, 2 / Math.sqrt(5 / 3), 1e-12, 'bandwidth');
  assert.equal(frozenFourierMap([7, 7, 7], 1).bandwidth, 1);
  assert.equal(frozenFourierMap([], 2).bandwidth, 1);
});

test('a map is the same for the same seed, and survives JSON', () => {
  const rows = normalRows(50, 2, 3);
  const map = frozenFourierMap(rows, 2, { seed: 9 });
  assert.deepEqual(frozenFourierMap(rows, 2, { seed: 9 }), map);
  assert.notDeepEqual(frozenFourierMap(rows, 2, { seed: 10 }), map);
  assert.deepEqual(JSON.parse(JSON.stringify(map)), map);
});

test('panes add up in any order and leave without a trace, bit for bit', () => {
  const map = frozenFourierMap(normalRows(40, 2, 4), 2, { pairs: 8 });
  const number = fc.oneof(
    fc.double({ min: -5, max: 5, noNaN: true }),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1e300),
  );
  const rows = fc.array(fc.tuple(number, number), { maxLength: 30 }).map((list) => list.flat());
  fc.assert(
    fc.property(rows, rows, rows, (a, b, c) => {
      const [one, two, three] = [a, b, c].map((part) => sumsOf(map, part));
      const whole = sumsOf(map, [...c, ...a, ...b]);
      const merged = createFourierSums(map);
      for (const part of [one!, two!, three!]) mergeSums(merged, part);
      assert.deepEqual(merged, whole);
      mergeSums(merged, two!, -1);
      assert.deepEqual(merged, sumsOf(map, [...a, ...c]));
      assert.ok(whole.sums.every(Number.isSafeInteger));
    }),
  );
});

test('a window against itself has no discrepancy, biased or not', () => {
  const rows = normalRows(30, 2, 5);
  const map = frozenFourierMap(rows, 2);
  const sums = sumsOf(map, rows);
  assert.equal(discrepancy(sums, sums), 0);
  assert.ok(unbiasedDiscrepancy(sums, sums)! < 0);
  assert.equal(discrepancy(sums, createFourierSums(map)), 0);
});

test('a shift is seen by rows and by sums, no shift by neither', () => {
  const reference = normalRows(400, 4, 6);
  const map = frozenFourierMap(reference, 4);
  const law = mmdNull(map, reference);
  for (const [shift, isSeen] of [
    [0, false],
    [0.4, true],
  ] as const) {
    const current = normalRows(300, 4, 7, shift);
    const rows = mmdOfRows(map, reference, current);
    const sums = mmdOfSums(law, sumsOf(map, reference), sumsOf(map, current));
    assert.equal(rows.value, sums.value);
    for (const { pValue } of [rows, sums]) {
      if (isSeen) assert.equal(pValue, 0.001);
      else assert.ok(pValue > 0.05, `${pValue}`);
    }
  }
});

test('p-values of equal laws are uniform: below 10 % in 10 % of pairs', () => {
  let byRows = 0;
  let bySums = 0;
  const trials = 300;
  const pool = normalRows(100, 2, 8);
  const map = frozenFourierMap(pool, 2, { pairs: 16 });
  for (let trial = 0; trial < trials; trial++) {
    const reference = normalRows(100, 2, 1_000 + trial);
    const current = normalRows(60, 2, 9_000 + trial);
    if (mmdOfRows(map, reference, current, { runs: 99 }).pValue <= 0.1) byRows++;
    const law = mmdNull(map, reference, { runs: 99 });
    if (mmdOfSums(law, sumsOf(map, reference), sumsOf(map, current)).pValue <= 0.1) bySums++;
  }
  // Four standard errors of 300 trials: 0.069.
  for (const count of [byRows, bySums]) assert.ok(Math.abs(count / trials - 0.1) < 0.07);
});

test('missing numbers give a verdict, not NaN', () => {
  const rows = [1, Number.NaN, 2, 3, Number.POSITIVE_INFINITY, 4, 5, 6];
  const map = frozenFourierMap(rows, 2);
  for (const found of [mmdOfRows(map, rows, rows), mmdExact(rows, rows, 2, 1)]) {
    assert.equal(found.status, 'ok');
    assert.ok(found.value <= 0 && found.pValue > 0.5);
  }
});

test('too few rows have a verdict', () => {
  const map = frozenFourierMap([1, 2, 3], 1);
  const results = [
    mmdOfRows(map, [1, 2, 3], [1]),
    mmdOfSums(mmdNull(map, [1]), sumsOf(map, [1, 2]), sumsOf(map, [1, 2])),
    mmdExact([1, 2, 3], [], 1, 1),
  ];
  for (const { status, value, pValue } of results) {
    assert.deepEqual([status, value, pValue], ['insufficient-data', 0, 1]);
  }
});
