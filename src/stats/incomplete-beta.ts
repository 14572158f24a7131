import { binomialMass } from './binomial-mass.js';

const EPSILON = 2 ** -53;
const STEPS_LIMIT = 10_000_000;

/**
 * What divides `x^a y^b / B(a, b)` in I_x(a, b): the contracted continued fraction of DiDonato and
 * Morris (ACM Algorithm 708, their BFRAC) by the modified Lentz method. `lambda`, a - (a + b)x, is
 * taken from y where x is near 1: with a in the millions the difference would lose all digits.
 */
function fraction(a: number, b: number, x: number, y: number): number {
  const tiny = 1e-290;
  const lambda = x <= 0.5 ? a - (a + b) * x : (a + b) * y - b;
  let f = (a * (lambda + 1)) / (a + 1);
  if (f === 0) f = tiny;
  let c = f;
  let d = 0;
  for (let m = 1; m < STEPS_LIMIT; m++) {
    const odd = a + 2 * m - 1;
    const part = (m * (b - m) * x) / odd;
    const numerator = (((a + m - 1) * (a + b + m - 1)) / odd) * part * x;
    const denominator = m + part + ((a + m) * (lambda + 1 + m * (1 + y))) / (odd + 2);
    d = denominator + numerator * d;
    d = 1 / (Math.abs(d) < tiny ? tiny : d);
    c = denominator + numerator / c;
    if (Math.abs(c) < tiny) c = tiny;
    const delta = c * d;
    f *= delta;
    if (Math.abs(delta - 1) <= 2 * EPSILON) break;
  }
  return f;
}

/**
 * Regularised incomplete beta function I_x(a, b) for a, b > 0 and 0 <= x <= 1, NaN elsewhere.
 * `y` is 1 - x; give it where it is known better than the difference. Relative error below 1e-11
 * down to 1e-300.
 */
export function betaI(a: number, b: number, x: number, y = 1 - x): number {
  if (!(a > 0) || !(b > 0) || !(x >= 0) || !(y >= 0)) return Number.NaN;
  if (x === 0) return 0;
  if (y === 0) return 1;
  // x^a y^b / B(a, b)
  const front = (binomialMass(a, b, x, y) * a * b) / (a + b);
  if (x <= (a + 1) / (a + b + 2)) return front / fraction(a, b, x, y);
  return 1 - front / fraction(b, a, y, x);
}
