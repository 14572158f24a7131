import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dispersion } from '../../src/reports/dispersion.js';
import { createUniform } from '../../src/stats/random.js';

const rows = 8_000;
const runs = 100;

/** The ratios of columns of so many seeds, ascending. */
function ratios(column: (random: () => number) => Int32Array, bins: number): number[] {
  return Array.from({ length: runs }, (_, seed) => {
    return dispersion(column(createUniform(seed + 1)), bins, 1_000);
  }).sort((a, b) => a - b);
}

const flags = (random: () => number): Int32Array =>
  Int32Array.from({ length: rows }, () => (random() < 0.5 ? 1 : 0));

test('independent flags seldom count as rows that hang together', () => {
  const found = ratios(flags, 2);
  assert.equal(found[runs / 2], 1);
  assert.ok(found[0.9 * runs]! < 1.05, `${found[0.9 * runs]}`);
});

test('flags that are each drawn for ten rows count as a tenth of the rows', () => {
  const found = ratios((random) => flags(random).map((_, i, all) => all[i - (i % 10)]!), 2);
  assert.ok(found[0.1 * runs]! > 7 && found[0.5 * runs]! < 20, `${found}`);
});
