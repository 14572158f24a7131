import { type Counts, shares, total } from './shares.js';

/**
 * Hellinger distance of two counts of the same bins, `sqrt(sum (sqrt r - sqrt c)^2 / 2)`: between 0
 * and 1; 0 where one side is empty.
 */
export function hellinger(reference: Counts, current: Counts): number {
  if (total(reference) === 0 || total(current) === 0) return 0;
  const r = shares(reference);
  const c = shares(current);
  let sum = 0;
  for (let i = 0; i < r.length; i++) sum += (Math.sqrt(r[i]!) - Math.sqrt(c[i]!)) ** 2;
  return Math.min(1, Math.sqrt(sum / 2));
}
