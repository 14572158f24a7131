import { deviance } from './deviance.js';
import { logGammaOfOnePlus, stirlingError } from './log-gamma.js';

const EPSILON = 2 ** -53;
/** Far above what converges: about 6 sqrt(a) steps are needed at x = a. */
const STEPS_LIMIT = 10_000_000;

/** `x^a e^-x / Gamma(a + 1)`. */
function mass(a: number, x: number): number {
  return Math.exp(-stirlingError(a) - deviance(a, x)) / Math.sqrt(2 * Math.PI * a);
}

function lowerSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k < STEPS_LIMIT; k++) {
    term *= x / (a + k);
    sum += term;
    if (term <= sum * EPSILON) break;
  }
  return sum * mass(a, x);
}

/** Legendre's continued fraction by the modified Lentz method. */
function upperFraction(a: number, x: number): number {
  const tiny = 1e-290;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / (b === 0 ? tiny : b);
  let h = d;
  for (let k = 1; k < STEPS_LIMIT; k++) {
    const numerator = -k * (k - a);
    b += 2;
    d = numerator * d + b;
    if (Math.abs(d) < tiny) d = tiny;
    c = b + numerator / c;
    if (Math.abs(c) < tiny) c = tiny;
    d = 1 / d;
    const delta = d * c;
    h *= delta;
    if (Math.abs(delta - 1) <= 2 * EPSILON) break;
  }
  return h * a * mass(a, x);
}

/** `Q = 1 - P` for small a and x, where 1 - P would cancel: P's leading term through expm1. */
function upperSmall(a: number, x: number): number {
  let term = 1;
  let sum = 0;
  for (let k = 1; k < 60; k++) {
    term *= -x / k;
    const share = term / (a + k);
    sum += share;
    if (Math.abs(share) <= Math.abs(sum) * EPSILON) break;
  }
  const exponent = a * Math.log(x) - logGammaOfOnePlus(a);
  return -Math.expm1(exponent) - Math.exp(exponent) * a * sum;
}

/** Regularised lower incomplete gamma function P(a, x); a > 0, x >= 0, NaN elsewhere. */
export function gammaP(a: number, x: number): number {
  if (!(a > 0) || !(x >= 0)) return Number.NaN;
  if (x === 0) return 0;
  if (x === Number.POSITIVE_INFINITY) return 1;
  return x < a + 1 ? lowerSeries(a, x) : 1 - upperFraction(a, x);
}

/**
 * Regularised upper incomplete gamma function Q(a, x) = 1 - P(a, x); a > 0, x >= 0, NaN elsewhere.
 * Relative error below 1e-12 down to 1e-300. Series, continued fraction (Abramowitz and Stegun
 * 6.5.29, 6.5.31) and Loader's form of the common factor.
 */
export function gammaQ(a: number, x: number): number {
  if (!(a > 0) || !(x >= 0)) return Number.NaN;
  if (x === 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  if (x >= a + 1) return upperFraction(a, x);
  return a <= 1 && x < 1.5 ? upperSmall(a, x) : 1 - lowerSeries(a, x);
}
