import assert from 'node:assert/strict';
import { test } from 'node:test';
import { benjaminiHochberg } from 'weir/stats/benjamini-hochberg';
import { type McNemar, mcnemar } from 'weir/stats/mcnemar';

test('a statistic that no monitor uses is imported by its name, as a user of the package does', () => {
  const found: McNemar = mcnemar(1, 9);
  // 2 (C(10, 0) + C(10, 1)) / 2^10
  assert.equal(found.method, 'exact');
  assert.ok(Math.abs(found.pValue - 22 / 1024) < 1e-15);
  // Each p times 4 over its rank is 0.04 here.
  const adjusted = benjaminiHochberg([0.04, 0.01, 0.03, 0.02]);
  for (const p of adjusted) assert.ok(Math.abs(p - 0.04) < 1e-15);
});
