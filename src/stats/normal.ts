import { gammaP, gammaQ } from './incomplete-gamma.js';
import { invertDecreasing } from './invert-decreasing.js';

/** Complementary error function; relative error below 1e-12 down to 1e-300. */
export function erfc(x: number): number {
  return x >= 0 ? gammaQ(0.5, x * x) : 1 + gammaP(0.5, x * x);
}

/** Error function. */
export function erf(x: number): number {
  return x >= 0 ? gammaP(0.5, x * x) : -gammaP(0.5, x * x);
}

/** P(Z > z) for the standard normal law; relative error below 1e-12 down to 1e-300. */
export function normalSf(z: number): number {
  const half = (z * z) / 2;
  return z >= 0 ? gammaQ(0.5, half) / 2 : (1 + gammaP(0.5, half)) / 2;
}

/** P(Z <= z) for the standard normal law. */
export function normalCdf(z: number): number {
  return normalSf(-z);
}

/** The z with P(Z > z) = p, 0 < p < 1; infinite at the ends. */
export function normalIsf(p: number): number {
  if (p > 0.5) return -normalIsf(1 - p);
  if (p === 0.5) return 0;
  if (p === 0) return Number.POSITIVE_INFINITY;
  return invertDecreasing(normalSf, p, 0, Math.sqrt(-2 * Math.log(p)));
}
