import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binomialCdf } from '../../src/stats/binomial-cdf.js';
import { chiSquareCdf, chiSquareIsf, chiSquareSf } from '../../src/stats/chi-square.js';
import { betaI } from '../../src/stats/incomplete-beta.js';
import { gammaP, gammaQ } from '../../src/stats/incomplete-gamma.js';
import { logGamma } from '../../src/stats/log-gamma.js';
import { erf, erfc, normalCdf, normalIsf, normalSf } from '../../src/stats/normal.js';
import { studentTIsf, studentTSf } from '../../src/stats/student-t.js';
import { assertRelative, readGolden } from './golden.js';

const golden = readGolden<Record<string, number[][]>>('special-functions.json');

const functions: Record<string, (...args: number[]) => number> = {
  logGamma: (x) => logGamma(x!),
  gammaP: (a, x) => gammaP(a!, x!),
  gammaQ: (a, x) => gammaQ(a!, x!),
  chiSquareSf: (x, df) => chiSquareSf(x!, df!),
  erfc: (x) => erfc(x!),
  normalSf: (z) => normalSf(z!),
  betaI: (a, b, x) => betaI(a!, b!, x!),
  studentTSf: (t, df) => studentTSf(t!, df!),
};

for (const [name, compute] of Object.entries(functions)) {
  test(`${name} is within 1e-12 relative of mpmath, down to 1e-300`, () => {
    const rows = golden[name]!;
    assert.ok(rows.length > 12);
    for (const row of rows) {
      const args = row.slice(0, -1);
      assertRelative(compute(...args), row.at(-1)!, 1e-12, `${name}(${args.join(', ')})`);
    }
  });
}

test('survival functions and their complements add up to one', () => {
  for (const x of [0.1, 1, 4, 20]) {
    assert.ok(Math.abs(chiSquareSf(x, 4) + chiSquareCdf(x, 4) - 1) < 1e-15);
    assert.ok(Math.abs(normalSf(x) + normalCdf(x) - 1) < 1e-15);
    assert.ok(Math.abs(erf(x) + erfc(x) - 1) < 1e-15);
  }
  assert.equal(normalSf(0), 0.5);
  assert.equal(studentTSf(0, 3), 0.5);
});

test('critical values are the textbook ones', () => {
  // Abramowitz and Stegun, tables 26.1, 26.8 and 26.10; more digits from scipy and mpmath.
  assertRelative(chiSquareIsf(0.05, 9), 16.918977604620448, 1e-13, 'chi-square 9');
  assertRelative(chiSquareIsf(0.001, 1), 10.827566170662733, 1e-13, 'chi-square 1');
  assertRelative(normalIsf(0.025), 1.9599639845400545, 1e-13, 'normal');
  assertRelative(normalIsf(0.975), -1.9599639845400545, 1e-13, 'normal, lower');
  assertRelative(studentTIsf(0.025, 10), 2.2281388519862744, 1e-13, 't 10');
});

test('critical values invert the survival functions over the whole range', () => {
  for (const p of [1e-280, 1e-100, 1e-12, 1e-4, 0.05, 0.3, 0.9, 0.9999]) {
    for (const df of [1, 4, 19, 300]) {
      assertRelative(chiSquareSf(chiSquareIsf(p, df), df), p, 1e-11, `chi-square ${p}, ${df}`);
    }
    assertRelative(normalSf(normalIsf(p)), p, 1e-11, `normal ${p}`);
    if (p > 1e-13) assertRelative(studentTSf(studentTIsf(p, 5), 5), p, 1e-11, `t ${p}`);
  }
});

test('the ends are defined', () => {
  assert.equal(chiSquareSf(0, 5), 1);
  assert.equal(chiSquareSf(-1, 5), 1);
  assert.equal(chiSquareSf(3, 0), 0);
  assert.equal(chiSquareSf(Number.POSITIVE_INFINITY, 5), 0);
  assert.equal(chiSquareIsf(0.05, 0), 0);
  assert.equal(chiSquareIsf(1, 7), 0);
  assert.equal(normalSf(Number.POSITIVE_INFINITY), 0);
  assert.equal(normalSf(Number.NEGATIVE_INFINITY), 1);
  assert.equal(studentTSf(Number.POSITIVE_INFINITY, 3), 0);
  assert.equal(betaI(2, 3, 0), 0);
  assert.equal(betaI(2, 3, 1), 1);
  assert.equal(logGamma(0), Number.POSITIVE_INFINITY);
  assert.equal(logGamma(1), 0);
  assert.equal(logGamma(2), 0);
});

test('the binomial distribution function sums the masses of a fair coin', () => {
  assertRelative(binomialCdf(2, 10, 0.5), 56 / 1024, 1e-13, '2 of 10');
  assertRelative(binomialCdf(0, 10, 0.5), 1 / 1024, 1e-13, '0 of 10');
  assert.equal(binomialCdf(-1, 10, 0.5), 0);
  assert.equal(binomialCdf(10, 10, 0.5), 1);
});
