import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isotonicShares } from '../../src/stats/isotonic.js';
import { readGolden } from './golden.js';

const { cases } = readGolden<{
  cases: { positive: number[]; all: number[]; shares: number[] }[];
}>('isotonic.json');

test('isotonic shares are those of scikit-learn, between known bins and beyond them too', () => {
  assert.ok(cases.some(({ all }) => all.includes(0)));
  for (const { positive, all, shares } of cases) {
    const found = isotonicShares(positive, all)!;
    shares.forEach((share, bin) => {
      assert.ok(Math.abs(found[bin]! - share) < 1e-12, `bin ${bin}: ${found[bin]}, not ${share}`);
    });
  }
});

test('bins without any count have no shares', () => {
  assert.equal(isotonicShares([0, 0], [0, 0]), null);
  assert.equal(isotonicShares([], []), null);
});
