import { normalSf } from './normal.js';

/**
 * P(sum of w z^2 > x) for independent standard normal z and positive weights w: the saddlepoint
 * approximation of Lugannani and Rice for quadratic forms (Kuonen, "Saddlepoint approximations for
 * distributions of quadratic forms in normal variables", 1999). Off by a few hundredths of p, deep
 * in the upper tail too.
 */
export function weightedChiSquareSf(x: number, weights: ArrayLike<number>): number {
  if (x <= 0) return 1;
  let mean = 0;
  let largest = 0;
  for (let i = 0; i < weights.length; i++) {
    mean += weights[i]!;
    largest = Math.max(largest, weights[i]!);
  }
  if (largest === 0) return 0;
  // At the mean itself the formula is 0 / 0; beside it, it is smooth.
  const at = Math.abs(x / mean - 1) < 1e-4 ? mean * (1 + 1e-4) : x;
  const t = saddlepoint(at, weights, largest);
  let cumulant = 0;
  let curvature = 0;
  for (let i = 0; i < weights.length; i++) {
    const rest = 1 - 2 * weights[i]! * t;
    cumulant -= Math.log(rest) / 2;
    curvature += 2 * (weights[i]! / rest) ** 2;
  }
  const w = Math.sign(t) * Math.sqrt(Math.max(0, 2 * (t * at - cumulant)));
  const v = t * Math.sqrt(curvature);
  return Math.min(1, Math.max(0, normalSf(w + Math.log(v / w) / w)));
}

/** Where the derivative of the cumulant generating function is x: it grows up to 1 / 2 max w. */
function saddlepoint(x: number, weights: ArrayLike<number>, largest: number): number {
  const slope = (t: number) => {
    let sum = 0;
    for (let i = 0; i < weights.length; i++) sum += weights[i]! / (1 - 2 * weights[i]! * t);
    return sum;
  };
  let high = 1 / (2 * largest);
  // Each term is below 1 / 2|t| where t is negative.
  let low = -weights.length / (2 * x);
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (slope(middle) < x) low = middle;
    else high = middle;
  }
  return low;
}
