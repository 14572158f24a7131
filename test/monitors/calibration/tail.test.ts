import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../../src/generate/random.js';
import { fitTail, pointAtRate } from '../../../src/monitors/calibration/tail.js';

/** Draws from `P(X < x) = exp(-L(x))` with ln L(x) = 6 - slope x + ln(x) / 2, by bisection. */
function drawn(slope: number, runs: number, seed: number): Float64Array {
  const random = createRandom(seed, 0);
  return Float64Array.from({ length: runs }, () => {
    const rate = -Math.log(random.unit());
    let low = 0.5;
    let high = 100;
    while (high - low > 1e-9) {
      const x = (low + high) / 2;
      if (Math.exp(6 - slope * x + Math.log(x) / 2) > rate) low = x;
      else high = x;
    }
    return low;
  });
}

test('the fit finds the slope that the values were drawn with', () => {
  for (const slope of [0.9, 1, 1.9]) {
    const tail = fitTail(drawn(slope, 4000, 17));
    assert.ok(Math.abs(tail.slope - slope) < 3 * tail.slopeError, `${slope}: ${tail.slope}`);
    assert.ok(tail.slopeError < 0.03 * slope);
  }
});

test('far out, the point at a rate is where the law has that rate, within its stated error', () => {
  const tail = fitTail(drawn(1, 4000, 23));
  for (const rate of [0.1, 0.01, 0.001]) {
    const { x, error } = pointAtRate(tail, rate);
    const truth = Math.exp(6 - x + Math.log(x) / 2);
    assert.ok(Math.abs(Math.log(truth / rate)) < 3 * error, `${rate}: ${truth}`);
  }
});
