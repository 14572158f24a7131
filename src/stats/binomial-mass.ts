import { deviance } from './deviance.js';
import { stirlingError } from './log-gamma.js';

/**
 * `Gamma(n+1) / (Gamma(a+1) Gamma(b+1)) x^a y^b` with n = a + b and y = 1 - x, for real a, b >= 0:
 * the binomial mass of a successes among n, relative error about 1e-14 even where it is 1e-300.
 * Loader, "Fast and accurate computation of binomial probabilities" (2000).
 */
export function binomialMass(a: number, b: number, x: number, y: number): number {
  if (x <= 0) return a === 0 ? 1 : 0;
  if (y <= 0) return b === 0 ? 1 : 0;
  if (a === 0) return Math.exp(b * (x < 0.5 ? Math.log1p(-x) : Math.log(y)));
  if (b === 0) return Math.exp(a * (y < 0.5 ? Math.log1p(-y) : Math.log(x)));
  const n = a + b;
  const error = stirlingError(n) - stirlingError(a) - stirlingError(b);
  const exponent = error - deviance(a, n * x) - deviance(b, n * y);
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * a * b));
}
