import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countValues } from '../../src/stats/bin-of.js';
import { chiSquareHomogeneity } from '../../src/stats/chi-square-homogeneity.js';
import { frozenCategories } from '../../src/stats/frozen-categories.js';
import { createUniform } from '../../src/stats/random.js';

/** Which categories are kept is chosen by the reference: the rest must not be too few in it. */
for (const [categories, nReference, nCurrent] of [
  [300, 1000, 1000],
  [1000, 10_000, 5000],
] as const) {
  test(`chi-square of ${categories} frozen categories keeps to its law without drift`, () => {
    const next = createUniform(7);
    const ends: number[] = [];
    for (let i = 1; i <= categories; i++) ends.push((ends.at(-1) ?? 0) + i ** -0.8);
    const draw = () => {
      const at = next() * ends.at(-1)!;
      return `c${ends.findIndex((end) => at < end)}`;
    };
    const runs = 60;
    let rejected = 0;
    for (let run = 0; run < runs; run++) {
      const reference = Array.from({ length: nReference }, draw);
      const bins = frozenCategories(reference);
      const current = countValues(bins, Array.from({ length: nCurrent }, draw));
      if (chiSquareHomogeneity(countValues(bins, reference), current).pValue < 0.05) rejected++;
    }
    // Three deviations of a share of 5 %.
    const most = runs * 0.05 + 3 * Math.sqrt(runs * 0.05 * 0.95);
    assert.ok(rejected < most, `${rejected} of ${runs}`);
  });
}
