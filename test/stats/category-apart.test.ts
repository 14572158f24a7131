import assert from 'node:assert/strict';
import { test } from 'node:test';
import { categoryApart } from '../../src/stats/category-apart.js';
import { assertRelative, readGolden } from './golden.js';

interface Case {
  readonly reference: number[];
  readonly current: number[];
  readonly p: number;
}
const golden = readGolden<{ cases: Case[] }>('category-apart.json');

test('the category that lies most apart has the least p of scipy’s Fisher test of each', () => {
  let apart = 0;
  for (const { reference, current, p } of golden.cases) {
    const found = categoryApart(reference, current);
    if (found === 1) assert.ok(p > 1e-3, `${p}`);
    else {
      assertRelative(found, p, 1e-8, 'p');
      apart++;
    }
  }
  assert.ok(apart >= 6);
});

test('nothing is apart where counts are alike or none', () => {
  assert.equal(categoryApart([500, 300, 200], [50, 30, 20]), 1);
  assert.equal(categoryApart([], []), 1);
  assert.equal(categoryApart([0, 0], [0, 0]), 1);
  assert.equal(categoryApart([7], [9]), 1);
});
