import { normalIsf, normalSf } from './normal.js';

export interface TwoProportionZ {
  /** `insufficient-data` where an arm is empty or nothing varies; z is then 0 and p is 1. */
  readonly status: 'ok' | 'insufficient-data';
  readonly z: number;
  readonly pValue: number;
  /** Share of the second arm less that of the first, with its interval of level 1 - alpha. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** Difference over the first arm's share; null where that is 0. */
  readonly relativeLift: number | null;
  /** Cohen's h, `2 asin sqrt(p2) - 2 asin sqrt(p1)`. */
  readonly effectSize: number;
}

/** Two-sided z-test of two shares with pooled variance; the interval is Wald's, unpooled. */
export function twoProportionZ(
  first: { readonly successes: number; readonly count: number },
  second: { readonly successes: number; readonly count: number },
  alpha = 0.05,
): TwoProportionZ {
  const p1 = first.count === 0 ? 0 : first.successes / first.count;
  const p2 = second.count === 0 ? 0 : second.successes / second.count;
  const difference = p2 - p1;
  const pooled = (first.successes + second.successes) / Math.max(1, first.count + second.count);
  const isEmpty = first.count === 0 || second.count === 0;
  const scale = isEmpty ? 0 : 1 / first.count + 1 / second.count;
  const error = Math.sqrt(pooled * (1 - pooled) * scale);
  const z = error > 0 ? difference / error : 0;
  const spread = isEmpty ? 0 : (p1 * (1 - p1)) / first.count + (p2 * (1 - p2)) / second.count;
  const margin = normalIsf(alpha / 2) * Math.sqrt(spread);
  return {
    status: error > 0 ? 'ok' : 'insufficient-data',
    z,
    pValue: Math.min(1, 2 * normalSf(Math.abs(z))),
    difference,
    low: isEmpty ? -1 : difference - margin,
    high: isEmpty ? 1 : difference + margin,
    relativeLift: p1 > 0 ? difference / p1 : null,
    effectSize: 2 * Math.asin(Math.sqrt(p2)) - 2 * Math.asin(Math.sqrt(p1)),
  };
}

/**
 * Rows in the first arm, the second having `ratio` times as many, for a two-sided z-test of level
 * alpha to find the difference of shares p1 and p2 with the given power (Fleiss, Levin and Paik,
 * 2003, formula 4.14); Infinity for equal shares.
 */
export function twoProportionSampleSize(
  p1: number,
  p2: number,
  power = 0.8,
  alpha = 0.05,
  ratio = 1,
): number {
  if (p1 === p2) return Number.POSITIVE_INFINITY;
  const pooled = (p1 + ratio * p2) / (1 + ratio);
  const underNull = normalIsf(alpha / 2) * Math.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio));
  const underShift = normalIsf(1 - power) * Math.sqrt(p1 * (1 - p1) + (p2 * (1 - p2)) / ratio);
  return Math.ceil(((underNull + underShift) / (p2 - p1)) ** 2);
}
