import { type Counts, shares, total } from './shares.js';

/**
 * Total variation distance of two counts of the same bins, half the sum of the differences of their
 * shares: between 0 and 1; 0 where one side is empty.
 */
export function totalVariation(reference: Counts, current: Counts): number {
  if (total(reference) === 0 || total(current) === 0) return 0;
  const r = shares(reference);
  const c = shares(current);
  let sum = 0;
  for (let i = 0; i < r.length; i++) sum += Math.abs(r[i]! - c[i]!);
  return Math.min(1, sum / 2);
}
