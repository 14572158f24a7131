import { binomialMass } from './binomial-mass.js';

/** Above this many terms the sum is taken over evenly spaced real points instead. */
const TERMS_LIMIT = 1024;
const POINTS = 512;

/**
 * P(D+ >= x) for the one-sided Kolmogorov-Smirnov statistic of n observations, exact for every n:
 * `sum_v C(n,v) (v/n + x)^(v-1) (1 - x - v/n)^(n-v) x`, v from 0 to n(1 - x) (Birnbaum and Tingey,
 * 1951), each term a binomial mass. Relative error about 1e-13.
 *
 * Of many terms only 512 are taken, at real v: the term is analytic in v and vanishes at both ends
 * with all the derivatives that matter, so the trapezoid rule with the wider step gives the same
 * sum to rounding (Euler-Maclaurin). That holds for n x^2 >= 1, where this law is used.
 */
export function smirnovSf(n: number, x: number): number {
  if (x <= 0) return 1;
  if (x >= 1) return 0;
  // Massart's inequality: below the smallest double.
  if (2 * n * x * x > 746) return 0;
  const last = n * (1 - x);
  if (last <= TERMS_LIMIT || n * x * x < 1) return x * sumOf(n, x, 0, Math.floor(last), 1);
  const step = last / POINTS;
  return x * step * sumOf(n, x, step, POINTS - 2, step);
}

/** The terms at start, start + step, ...: `count` + 1 of them, without the factor x. */
function sumOf(n: number, x: number, start: number, count: number, step: number): number {
  let sum = 0;
  for (let i = 0; i <= count; i++) {
    const v = start + i * step;
    const p = x + v / n;
    const q = (n - v) / n - x;
    if (q < 0) break;
    sum += binomialMass(v, n - v, p, q) / p;
  }
  return sum;
}
