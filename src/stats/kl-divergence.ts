import { type Counts, shares, total } from './shares.js';

/**
 * Kullback-Leibler divergence of the current counts from the reference, `sum c ln(c / r)` in nats,
 * with every share raised to `floor` and the shares made to add up to 1 again: finite and never
 * negative; 0 where one side is empty. scipy's `entropy(c, r)` of the floored shares.
 */
export function klDivergence(reference: Counts, current: Counts, floor = 1e-4): number {
  if (total(reference) === 0 || total(current) === 0) return 0;
  const r = shares(shares(reference).map((share) => Math.max(share, floor)));
  const c = shares(shares(current).map((share) => Math.max(share, floor)));
  let sum = 0;
  for (let i = 0; i < r.length; i++) {
    if (c[i]! > 0) sum += c[i]! * Math.log(c[i]! / r[i]!);
  }
  return Math.max(0, sum);
}
