import { betaI } from './incomplete-beta.js';

/** P(K <= k) for K binomial with n trials of probability p. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  const whole = Math.floor(k);
  return betaI(n - whole, whole + 1, 1 - p, p);
}
