import assert from 'node:assert/strict';
import { test } from 'node:test';
import { weightedChiSquareSf } from '../../src/stats/weighted-chi-square.js';

/** Exact where each weight comes twice: the sum is one of exponentials (hypoexponential law). */
function exactSf(x: number, weights: readonly number[]): number {
  return weights.reduce((sum, one) => {
    const others = weights.filter((other) => other !== one);
    const share = others.reduce((product, other) => product * (one / (one - other)), 1);
    return sum + share * Math.exp(-x / (2 * one));
  }, 0);
}

test('the upper tail is that of a sum of exponentials within a twentieth, far out too', () => {
  for (const weights of [
    [5, 2, 1, 0.5],
    [1, 0.01],
    [3, 2.9, 2.8, 0.1, 0.05],
  ]) {
    const twice = weights.flatMap((one) => [one, one]);
    const mean = twice.reduce((sum, one) => sum + one, 0);
    for (const times of [0.7, 1, 1.5, 2, 3, 5, 8]) {
      const exact = exactSf(times * mean, weights);
      const found = weightedChiSquareSf(times * mean, twice);
      assert.ok(Math.abs(found / exact - 1) < 0.05, `${weights} at ${times}: ${found}, ${exact}`);
    }
  }
});

test('nothing is below 0, and constants give nothing else', () => {
  assert.equal(weightedChiSquareSf(0, [1, 2]), 1);
  assert.equal(weightedChiSquareSf(1, [0, 0]), 0);
});
