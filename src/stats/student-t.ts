import { betaI } from './incomplete-beta.js';
import { invertDecreasing } from './invert-decreasing.js';

/** P(T > t) for Student's t with `df` > 0 (real) degrees of freedom; relative error below 1e-11. */
export function studentTSf(t: number, df: number): number {
  if (t < 0) return 1 - studentTSf(-t, df);
  // Both forms keep x and 1 - x exact and neither overflows.
  if (t * t < df) {
    const q = (t * t) / df;
    return betaI(df / 2, 0.5, 1 / (1 + q), q / (1 + q)) / 2;
  }
  const q = df / t / t;
  return betaI(df / 2, 0.5, q / (1 + q), 1 / (1 + q)) / 2;
}

/** The t with P(T > t) = p, 0 < p < 1. */
export function studentTIsf(p: number, df: number): number {
  if (p > 0.5) return -studentTIsf(1 - p, df);
  if (p === 0.5) return 0;
  let high = 2;
  while (studentTSf(high, df) > p && high < 1e300) high *= 2;
  return invertDecreasing((t) => studentTSf(t, df), p, 0, high);
}
