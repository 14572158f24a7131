import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ksExactP } from '../../src/stats/ks-exact-p.js';
import { assertRelative, readGolden } from './golden.js';

type Row = [steps: number, n: number, m: number, p: number];
const golden = readGolden<{ counted: Row[]; large: Row[] }>('kolmogorov-smirnov.json');

test('the exact p-value is that of counting lattice paths in whole numbers', () => {
  assert.ok(golden.counted.length > 50);
  for (const [steps, n, m, p] of golden.counted) {
    assertRelative(ksExactP(steps, n, m), p, 1e-11, `${steps} of ${n} x ${m}`);
    assertRelative(ksExactP(steps, m, n), p, 1e-11, `${steps} of ${m} x ${n}`);
  }
});

test('the exact p-value is within 1e-9 relative of scipy up to samples of 10,000', () => {
  for (const [steps, n, m, p] of golden.large) {
    assertRelative(ksExactP(steps, n, m), p, 1e-9, `${steps} of ${n} x ${m}`);
  }
});

test('samples without any distance have p 1, wholly apart ones two paths of all', () => {
  assert.equal(ksExactP(0, 5, 7), 1);
  assertRelative(ksExactP(4, 2, 2), 2 / 6, 1e-15, '2 x 2');
  assertRelative(ksExactP(6, 2, 3), 2 / 10, 1e-15, '2 x 3');
  assert.equal(ksExactP(3, 0, 3), 1);
});
