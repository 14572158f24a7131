import assert from 'node:assert/strict';
import { test } from 'node:test';
import { symmetricEigenvalues } from '../../src/stats/symmetric-eigenvalues.js';

test('the second difference has the eigenvalues 2 - 2 cos(k pi / (n + 1))', () => {
  const n = 20;
  const matrix = Array.from({ length: n * n }, (_, i) => {
    const apart = Math.abs(Math.floor(i / n) - (i % n));
    return apart === 0 ? 2 : apart === 1 ? -1 : 0;
  });
  const found = symmetricEigenvalues(matrix, n);
  for (let k = 1; k <= n; k++) {
    const exact = 2 - 2 * Math.cos((k * Math.PI) / (n + 1));
    assert.ok(Math.abs(found[n - k]! - exact) < 1e-12, `${found[n - k]}, ${exact}`);
  }
});

test('a matrix of ones has one eigenvalue that is not 0', () => {
  const found = symmetricEigenvalues(new Float64Array(25).fill(1), 5);
  assert.ok(Math.abs(found[0]! - 5) < 1e-12);
  for (const rest of found.subarray(1)) assert.ok(Math.abs(rest) < 1e-12);
});
