import { invertDecreasing } from './invert-decreasing.js';
import { kolmogorovDurbin } from './kolmogorov-durbin.js';
import { kolmogorovPelzGood } from './kolmogorov-pelz-good.js';
import { kolmogorovPomeranz } from './kolmogorov-pomeranz.js';
import { stirlingError } from './log-gamma.js';
import { smirnovSf } from './smirnov-sf.js';

const clip = (p: number): number => Math.min(1, Math.max(0, p));

/**
 * P(D_n >= d) for the two-sided Kolmogorov-Smirnov statistic of n >= 1 observations; n is whole,
 * d is clipped to [0, 1], n = 0 gives 1. The choice of method is that of Simard and L'Ecuyer
 * ("Computing the two-sided Kolmogorov-Smirnov distribution", 2011) as scipy's `kstwo.sf` makes it:
 * within 1e-8 relative of it, and closer to the truth than it above n = 1e6, where scipy
 * approximates what is summed here.
 */
export function kstwoSf(d: number, n: number): number {
  if (n < 1 || !(d > 0)) return 1;
  if (d >= 1) return 0;
  const t = n * d;
  if (t <= 0.5) return 1;
  if (t <= 1) return clip(1 - rubenGambino(n, t));
  if (t >= n - 1) return clip(2 * Math.exp(n * Math.log1p(-d)));
  if (d >= 0.5) return clip(2 * smirnovSf(n, d));
  const square = t * d;
  if (n <= 140) {
    if (square <= 0.754693) return clip(1 - kolmogorovDurbin(n, d));
    if (square <= 4) return clip(1 - kolmogorovPomeranz(n, d));
    return clip(2 * smirnovSf(n, d));
  }
  // Miller's bound: both sides crossed has less than 2e-6 of the probability of either.
  if (square >= 2.2) return clip(2 * smirnovSf(n, d));
  if (n <= 100_000 && t * Math.sqrt(d) <= 1.4) return clip(1 - kolmogorovDurbin(n, d));
  return clip(1 - kolmogorovPelzGood(n, d));
}

/** `n!/n^n (2t - 1)^n`, P(D_n <= t/n) for 1/2 <= t <= 1. */
function rubenGambino(n: number, t: number): number {
  const factor = Math.exp(stirlingError(n) - n) * Math.sqrt(2 * Math.PI * n);
  return factor * (2 * t - 1) ** n;
}

/** The d with P(D_n >= d) = p, 0 < p < 1: the critical distance at level p; 1 for n = 0. */
export function kstwoIsf(p: number, n: number): number {
  if (n < 1) return 1;
  // Massart: P(D_n >= d) <= 2 exp(-2 n d^2).
  const high = Math.min(1, Math.sqrt(Math.log(2 / p) / (2 * n)));
  return invertDecreasing((d) => kstwoSf(d, n), p, 0.5 / n, high);
}
