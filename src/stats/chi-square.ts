import { gammaP, gammaQ } from './incomplete-gamma.js';
import { invertDecreasing } from './invert-decreasing.js';

/**
 * P(X > x) for the chi-square law with `df` degrees of freedom; relative error below 1e-12 down to
 * 1e-300. With 0 degrees of freedom all mass is at 0.
 */
export function chiSquareSf(x: number, df: number): number {
  if (x <= 0) return df === 0 && x === 0 ? 0 : 1;
  return df === 0 ? 0 : gammaQ(df / 2, x / 2);
}

/** P(X <= x) for the chi-square law with `df` degrees of freedom. */
export function chiSquareCdf(x: number, df: number): number {
  if (x <= 0) return df === 0 && x === 0 ? 1 : 0;
  return df === 0 ? 1 : gammaP(df / 2, x / 2);
}

/** The x with P(X > x) = p: the critical value at level p, 0 < p <= 1. */
export function chiSquareIsf(p: number, df: number): number {
  if (df === 0 || p >= 1) return 0;
  // Laurent and Massart (2000): P(X >= df + 2 sqrt(df t) + 2t) <= exp(-t).
  const t = -Math.log(p);
  const high = df + 2 * Math.sqrt(df * t) + 2 * t;
  return invertDecreasing((x) => chiSquareSf(x, df), p, 0, high);
}
