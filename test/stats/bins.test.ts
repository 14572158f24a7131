import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { binOf, countValues } from '../../src/stats/bin-of.js';
import {
  binCount,
  binLabel,
  type NumericBins,
  notFiniteBin,
  nullBin,
  unseenBin,
} from '../../src/stats/bins.js';
import { frozenCategories } from '../../src/stats/frozen-categories.js';
import { frozenEdges } from '../../src/stats/frozen-edges.js';
import { nextDown } from '../../src/stats/next-down.js';
import { parseBins } from '../../src/stats/parse-bins.js';

/** Bins by scanning all edges. */
function scannedBin(bins: NumericBins, x: number): number {
  const found = bins.edges.findIndex((edge) => x <= edge);
  return found === -1 ? bins.edges.length : found;
}

const anyNumber = fc.oneof(
  fc.double(),
  fc.double({ noNaN: true, min: -5, max: 5 }),
  fc.integer({ min: -3, max: 3 }),
);

test('nextDown is the neighbour below', () => {
  assert.equal(nextDown(1), 1 - 2 ** -53);
  assert.equal(nextDown(0), -5e-324);
  assert.equal(nextDown(5e-324), 0);
  assert.equal(nextDown(-1), -1 - 2 ** -52);
  assert.equal(nextDown(-Number.MAX_VALUE), Number.NEGATIVE_INFINITY);
});

test('a continuous reference is cut at its quantiles', () => {
  const reference = Array.from({ length: 1000 }, (_, i) => (i * 7919) % 1000);
  const bins = frozenEdges(reference, 10);
  assert.deepEqual(bins.edges, [nextDown(0), 99, 199, 299, 399, 499, 599, 699, 799, 899, 999]);
  assert.deepEqual(
    [...countValues(bins, reference)],
    [0, ...Array.from({ length: 10 }, () => 100), 0, 0, 0],
  );
  assert.equal(frozenEdges(reference).edges.length, 257);
});

test('a point mass among continuous values has a bin of its own', () => {
  const reference = [
    ...Array.from({ length: 600 }, () => 0),
    ...Array.from({ length: 400 }, (_, i) => i - 200.5),
  ];
  const bins = frozenEdges(reference, 10);
  const bin = binOf(bins, 0);
  assert.equal(countValues(bins, reference)[bin], 600);
  assert.notEqual(binOf(bins, -1e-300), bin);
  assert.notEqual(binOf(bins, 1e-300), bin);
  assert.equal(binOf(bins, -0), bin);
});

test('few distinct values have a bin each, and what lies between them another', () => {
  const bins = frozenEdges([3, 1, 1, 2, 3, 3]);
  assert.deepEqual(bins.edges, [nextDown(1), 1, nextDown(2), 2, nextDown(3), 3]);
  assert.deepEqual([...countValues(bins, [0, 1, 1.5, 2, 3, 4])], [1, 1, 1, 1, 0, 1, 1, 0, 0]);
});

test('a constant and an empty reference have bins too', () => {
  const constant = frozenEdges([5, 5, 5]);
  assert.deepEqual(constant.edges, [nextDown(5), 5]);
  assert.deepEqual([...countValues(constant, [4, 5, 6, null])], [1, 1, 1, 1, 0]);
  const empty = frozenEdges([null, Number.NaN]);
  assert.deepEqual(empty.edges, []);
  assert.deepEqual([...countValues(empty, [4, -1, null, Number.NaN])], [2, 1, 1]);
  assert.equal(binLabel(empty, 0), 'any number');
});

test('what is below, above, null, missing, infinite or no number has its own bin', () => {
  const bins = frozenEdges(Array.from({ length: 500 }, (_, i) => i));
  assert.equal(binOf(bins, -0.001), 0);
  assert.equal(binOf(bins, 499), bins.edges.length - 1);
  assert.equal(binOf(bins, 499.001), bins.edges.length);
  for (const missing of [null, undefined]) assert.equal(binOf(bins, missing), nullBin(bins));
  for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 'x', {}]) {
    assert.equal(binOf(bins, odd), notFiniteBin(bins));
  }
  assert.equal(binOf(bins, true), binOf(bins, 1));
  assert.equal(binCount(bins), notFiniteBin(bins) + 1);
  assert.equal(binLabel(bins, nullBin(bins)), 'null');
  assert.equal(binLabel(bins, notFiniteBin(bins)), 'not finite');
  assert.match(binLabel(bins, 0), /^at most -?/);
  assert.equal(binLabel(bins, bins.edges.length), 'above 499');
});

test('a dictionary keeps the most frequent values and counts the rest as unseen', () => {
  const reference = ['b', 'a', 'b', 'c', 'c', 'd', null, 7, 7, 7];
  const bins = frozenCategories(reference, 3);
  assert.deepEqual(bins.values, ['7', 'b', 'c']);
  assert.deepEqual([...countValues(bins, reference)], [3, 2, 2, 2, 1]);
  assert.equal(binOf(bins, 'd'), unseenBin(bins));
  assert.equal(binOf(bins, '7'), 0);
  assert.equal(binOf(bins, JSON.parse('{"toString": 1}')), unseenBin(bins));
  assert.equal(binLabel(bins, 1), 'b');
  assert.equal(binLabel(bins, 3), 'unseen');
  assert.equal(binLabel(bins, 4), 'null');
  assert.equal(binOf(frozenCategories([]), 'a'), 0);
});

test('the search finds the bin that scanning all edges finds', () => {
  fc.assert(
    fc.property(
      fc.array(anyNumber),
      fc.array(anyNumber),
      fc.integer({ min: 2, max: 40 }),
      (a, b, count) => {
        const bins = frozenEdges(a, count);
        for (const x of [...a, ...b]) {
          const expected = Number.isFinite(x) ? scannedBin(bins, x) : notFiniteBin(bins);
          assert.equal(binOf(bins, x), expected);
        }
      },
    ),
  );
});

test('edges ascend strictly, stay within count + 1 and hold every reference value', () => {
  fc.assert(
    fc.property(
      fc.array(anyNumber, { maxLength: 300 }),
      fc.integer({ min: 2, max: 40 }),
      (a, count) => {
        const bins = frozenEdges(a, count);
        assert.ok(bins.edges.length <= count + 1);
        assert.ok(bins.edges.every((edge, i) => i === 0 || bins.edges[i - 1]! < edge));
        const counts = countValues(bins, a);
        assert.equal(counts[bins.edges.length], 0);
        if (!a.includes(-Number.MAX_VALUE)) assert.equal(counts[0], 0);
      },
    ),
  );
});

test('no bin but a point holds much more than its share of the reference', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.double({ noNaN: true, min: -4, max: 4 }).map((x) => Math.round(x * 20) / 20),
        {
          minLength: 1,
          maxLength: 500,
        },
      ),
      (a) => {
        const count = 16;
        const bins = frozenEdges(a, count);
        const counts = countValues(bins, a);
        for (let bin = 1; bin < bins.edges.length; bin++) {
          const isPoint = bins.edges[bin - 1] === nextDown(bins.edges[bin]!);
          assert.ok(isPoint || counts[bin]! <= (2 * a.length) / count + 1, `${counts[bin]}`);
        }
      },
    ),
  );
});

test('counts of two parts add up to the counts of the whole', () => {
  fc.assert(
    fc.property(fc.array(anyNumber), fc.array(fc.oneof(anyNumber, fc.constant(null))), (a, b) => {
      const bins = frozenEdges(a, 8);
      const whole = countValues(bins, [...a, ...b]);
      const first = countValues(bins, a);
      const second = countValues(bins, b);
      assert.deepEqual([...whole], [...first.map((count, i) => count + second[i]!)]);
      assert.equal(
        whole.reduce((sum, count) => sum + count, 0),
        a.length + b.length,
      );
    }),
  );
});

test('bins survive JSON exactly, and what is not bins is refused', () => {
  fc.assert(
    fc.property(fc.array(anyNumber), fc.array(fc.string()), (numbers, texts) => {
      for (const bins of [frozenEdges(numbers, 8), frozenCategories(texts, 8)]) {
        assert.deepEqual(parseBins(JSON.parse(JSON.stringify(bins))), bins);
      }
    }),
  );
  const wrong: unknown[] = [
    null,
    {},
    { kind: 'numeric' },
    { kind: 'numeric', edges: [2, 1] },
    { kind: 'numeric', edges: [1, null] },
    { kind: 'categorical', values: ['a', 'a'] },
    { kind: 'categorical', values: [1] },
  ];
  for (const json of wrong) assert.equal(parseBins(json), null);
});
