import { betaI } from './incomplete-beta.js';
import { logGamma } from './log-gamma.js';
import { normalIsf, normalSf } from './normal.js';
import { studentTIsf } from './student-t.js';

/** Arms of a planned comparison: rows in the first, and in the second for each of them. */
export interface Arms {
  readonly count: number;
  /** 1. */
  readonly ratio?: number;
}

/**
 * Power of the two-sided z-test of level alpha with pooled variance to tell the shares p1 and p2
 * apart (Fleiss, Levin and Paik, 2003; statsmodels' `power_proportions_2indep`).
 */
export function twoProportionPower(
  p1: number,
  p2: number,
  { count, ratio = 1 }: Arms,
  alpha = 0.05,
): number {
  const pooled = (p1 + ratio * p2) / (1 + ratio);
  const underNull = Math.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio));
  const underShift = Math.sqrt(p1 * (1 - p1) + (p2 * (1 - p2)) / ratio);
  if (!(underShift > 0)) return p1 === p2 ? 0 : 1;
  const critical = (normalIsf(alpha / 2) * underNull) / underShift;
  const shift = (Math.abs(p2 - p1) * Math.sqrt(count)) / underShift;
  return normalSf(critical - shift) + normalSf(critical + shift);
}

/**
 * Power of the two-sided t-test with equal variances to see a difference of `effect` standard
 * deviations (Cohen's d): the tails of the noncentral t, `sum_j Poisson(j; d^2/2) I(df/2, j + 1/2)`
 * as those of its square (Johnson, Kotz and Balakrishnan, 1995, 31.4).
 */
export function twoMeanPower(effect: number, { count, ratio = 1 }: Arms, alpha = 0.05): number {
  const df = count * (1 + ratio) - 2;
  if (!(df > 0)) return 0;
  const t = studentTIsf(alpha / 2, df);
  // Half of the squared noncentrality; beyond, nothing is left to miss.
  const half = (effect * effect * count * ratio) / (1 + ratio) / 2;
  if (half > 1e5) return 1;
  if (half === 0) return alpha;
  const y = (t * t) / (df + t * t);
  const reach = 12 * Math.sqrt(half) + 60;
  let sum = 0;
  for (let j = Math.max(0, Math.floor(half - reach)); j <= half + reach; j++) {
    const weight = Math.exp(j * Math.log(half) - half - logGamma(j + 1));
    sum += weight * betaI(df / 2, j + 0.5, df / (df + t * t), y);
  }
  return Math.min(1, sum);
}

/**
 * Rows in the first arm for the two-sided t-test to see `effect` standard deviations with the given
 * power; Infinity for an effect of 0.
 */
export function twoMeanSampleSize(effect: number, power = 0.8, alpha = 0.05, ratio = 1): number {
  if (effect === 0) return Number.POSITIVE_INFINITY;
  let high = 2;
  while (twoMeanPower(effect, { count: high, ratio }, alpha) < power && high < 1e12) high *= 2;
  let low = Math.max(1, high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (twoMeanPower(effect, { count: middle, ratio }, alpha) >= power) high = middle;
    else low = middle;
  }
  return high;
}
