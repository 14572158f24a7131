import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countValues } from '../../src/stats/bin-of.js';
import { type Bins, binCount } from '../../src/stats/bins.js';
import { frozenCategories } from '../../src/stats/frozen-categories.js';
import { frozenEdges } from '../../src/stats/frozen-edges.js';
import { mergeCounts, mergePlan } from '../../src/stats/merge-plan.js';
import { psi } from '../../src/stats/psi.js';

/** mulberry32: a seeded generator of uniform numbers. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function psiOf(bins: Bins, reference: Iterable<unknown>, current: Iterable<unknown>) {
  const counts = countValues(bins, reference);
  const plan = mergePlan(bins, counts);
  return psi(mergeCounts(plan, counts), mergeCounts(plan, countValues(bins, current)));
}

test('a continuous reference is merged into ten bins of a tenth each, null and not finite beside', () => {
  const reference = Array.from({ length: 10_000 }, (_, i) => i);
  const bins = frozenEdges(reference);
  const counts = countValues(bins, reference);
  const plan = mergePlan(bins, counts);
  assert.equal(plan.groupCount, 12);
  const merged = mergeCounts(plan, counts);
  for (const mass of merged.subarray(0, 10)) assert.ok(Math.abs(mass - 1000) <= 40, `${mass}`);
  assert.deepEqual([...merged.subarray(10)], [0, 0]);
  assert.equal(mergePlan(bins, counts, 20).groupCount, 22);
});

test('every bin is in one group and merging keeps every count', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double(), fc.constant(null))),
      fc.array(fc.string({ maxLength: 1 })),
      fc.integer({ min: 1, max: 20 }),
      (numbers, texts, groups) => {
        for (const [bins, values] of [
          [frozenEdges(numbers, 16), numbers],
          [frozenCategories(texts, 5), texts],
        ] as const) {
          const counts = countValues(bins, values);
          const plan = mergePlan(bins, counts, groups);
          assert.equal(plan.groupOf.length, binCount(bins));
          assert.deepEqual(
            [...new Set(plan.groupOf)].sort((a, b) => a - b),
            Array.from({ length: plan.groupCount }, (_, i) => i),
          );
          const sum = mergeCounts(plan, counts).reduce((a, b) => a + b, 0);
          assert.equal(sum, values.length);
        }
      },
    ),
  );
});

test('a constant feature that moves below its value is a drift, not the same bin', () => {
  const constant = Array.from({ length: 1000 }, () => 0);
  const result = psiOf(
    frozenEdges(constant),
    constant,
    constant.map(() => -5),
  );
  assert.ok(result.status === 'ok' && result.value > 5 && result.pValue < 1e-100);
});

test('a new value between two common ones is seen', () => {
  const flags = Array.from({ length: 1000 }, (_, i) => i % 2);
  const current = flags.map((flag, i) => (i % 5 === 0 ? 0.5 : flag));
  const result = psiOf(frozenEdges(flags), flags, current);
  assert.ok(result.corrected > 0.2, `${result.corrected}`);
});

test('nulls, infinities and values out of range are terms of the PSI', () => {
  const reference = Array.from({ length: 5000 }, (_, i) => i);
  const bins = frozenEdges(reference);
  for (const odd of [null, Number.NaN, 1e9, -1e9]) {
    const current = reference.map((x, i) => (i % 3 === 0 ? odd : x));
    assert.ok(psiOf(bins, reference, current).corrected > 0.2, `${odd}`);
  }
});

test('a null share of 95 % leaves the numbers in groups large enough to count', () => {
  const reference = Array.from({ length: 10_000 }, (_, i) => (i % 20 === 0 ? i : null));
  const bins = frozenEdges(reference);
  const merged = mergeCounts(
    mergePlan(bins, countValues(bins, reference)),
    countValues(bins, reference),
  );
  assert.ok(
    merged.every((mass) => mass === 0 || mass >= 240),
    `${merged}`,
  );
  assert.equal(merged.filter((mass) => mass > 0).length, 3);
});

test('many small categories are grouped, and a new one is seen', () => {
  const reference = Array.from({ length: 20_000 }, (_, i) => `c${i % 200}`);
  const bins = frozenCategories(reference);
  const counts = countValues(bins, reference);
  const merged = mergeCounts(mergePlan(bins, counts), counts);
  assert.equal(merged.filter((mass) => mass > 0).length, 10);
  const current = reference.slice(0, 4000).map((c, i) => (i % 5 === 0 ? 'new' : c));
  assert.ok(psiOf(bins, reference, current).corrected > 0.2);
});

test('the chi-square form of the PSI has its nominal size and mean on undrifted samples', () => {
  const random = uniform(20240115);
  const runs = 1500;
  let rejected = 0;
  let sum = 0;
  let nullMean = 0;
  for (let run = 0; run < runs; run++) {
    const reference = Array.from({ length: 2000 }, random);
    const current = Array.from({ length: 800 }, random);
    const result = psiOf(frozenEdges(reference), reference, current);
    if (result.pValue < 0.05) rejected++;
    sum += result.value;
    nullMean = result.nullMean;
  }
  // Three standard errors of 1,500 runs are 0.017 of the size, 0.036 of the relative mean.
  assert.ok(Math.abs(rejected / runs - 0.05) < 0.017, `size ${rejected / runs}`);
  assert.ok(Math.abs(sum / runs / nullMean - 1) < 0.045, `mean ${sum / runs}, law ${nullMean}`);
});

for (const [name, weights, rows] of [
  ['30 alike', Array<number>(30).fill(1), 2000],
  ['100 alike', Array<number>(100).fill(1), 2000],
  ['more than the dictionary holds', Array.from({ length: 1000 }, (_, i) => 1 / (i + 1)), 5000],
] as const) {
  test(`categories that do not drift keep to the chi-square law of the PSI: ${name}`, () => {
    // Grouped by how often they came, the first group is too large in every reference.
    const random = uniform(20261121);
    const ends: number[] = [];
    for (const weight of weights) ends.push((ends.at(-1) ?? 0) + weight);
    const draw = () =>
      Array.from({ length: rows }, () => {
        const at = random() * ends.at(-1)!;
        return `c${ends.findIndex((end) => at < end)}`;
      });
    const runs = 150;
    let rejected = 0;
    for (let run = 0; run < runs; run++) {
      const reference = draw();
      if (psiOf(frozenCategories(reference), reference, draw()).pValue < 0.05) rejected++;
    }
    // Three deviations of a share of 5 %.
    const most = runs * 0.05 + 3 * Math.sqrt(runs * 0.05 * 0.95);
    assert.ok(rejected < most, `${rejected} of ${runs}`);
  });
}
