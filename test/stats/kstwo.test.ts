import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kstwoIsf, kstwoSf } from '../../src/stats/kstwo.js';
import { smirnovSf } from '../../src/stats/smirnov-sf.js';
import { assertRelative, readGolden } from './golden.js';

const golden = readGolden<{ kstwo: [number, number, number][] }>('kolmogorov-smirnov.json');

test('kstwoSf is within 1e-8 relative of scipy for 1 to 1,000,000 observations', () => {
  assert.ok(golden.kstwo.length > 300);
  for (const [d, n, expected] of golden.kstwo) {
    assertRelative(kstwoSf(d, n), expected, 1e-8, `d ${d}, n ${n}`);
  }
});

test('the one-sided law agrees with its closed forms', () => {
  // n = 1: 1 - x. n = 2: (1-x)^2 + x(1-x)^... = 1 - x - x^2 for x < 1/2 (Birnbaum and Tingey).
  assertRelative(smirnovSf(1, 0.3), 0.7, 1e-14, 'n 1');
  assertRelative(smirnovSf(2, 0.25), 1 - 0.25 - 0.25 ** 2, 1e-14, 'n 2, below half');
  assertRelative(smirnovSf(2, 0.75), 0.25 ** 2, 1e-14, 'n 2, above half');
});

test('the one-sided law is that of the whole sum where the sum is thinned out', () => {
  // The sum of all terms with 40 digits, by mpmath; d = z / sqrt(n).
  const whole = [
    [1, 1100, 0.13264163181843192],
    [1.2, 3000, 0.05531553664852883],
    [1.5, 1100, 0.01076661603806808],
    [2, 3000, 0.000326809975163173],
    [3, 1100, 1.3923740526796474e-8],
    [6, 3000, 4.14353105606907e-32],
    [12, 1100, 8.3698311468e-130],
  ] as const;
  for (const [z, n, expected] of whole) {
    assertRelative(smirnovSf(n, z / Math.sqrt(n)), expected, 1e-12, `z ${z}, n ${n}`);
  }
});

test('the critical distance inverts the law and is the published one', () => {
  // Massey's table (1951): 0.410 for 10 observations at 0.05, 0.294 for 20; asymptotically 1.3581.
  assert.equal(kstwoIsf(0.05, 10).toFixed(3), '0.409');
  assert.equal(kstwoIsf(0.05, 20).toFixed(3), '0.294');
  assert.ok(Math.abs(kstwoIsf(0.05, 500_000) * Math.sqrt(500_000) - 1.3581) < 1e-3);
  for (const n of [5, 140, 141, 5000, 500_000]) {
    for (const p of [1e-9, 1e-4, 0.05]) {
      assertRelative(kstwoSf(kstwoIsf(p, n), n), p, 1e-9, `p ${p}, n ${n}`);
    }
  }
});

test('the ends are defined', () => {
  assert.equal(kstwoSf(0, 10), 1);
  assert.equal(kstwoSf(1, 10), 0);
  assert.equal(kstwoSf(0.3, 0), 1);
  assert.equal(kstwoIsf(0.05, 0), 1);
});
