import { type Counts, shares, total } from './shares.js';

/**
 * Jensen-Shannon divergence of two counts of the same bins, in bits: 0 for equal shares, 1 for no
 * bin in common. 0 where one side is empty. Its square root is scipy's `jensenshannon(.., base=2)`.
 */
export function jensenShannonDivergence(reference: Counts, current: Counts): number {
  if (total(reference) === 0 || total(current) === 0) return 0;
  const r = shares(reference);
  const c = shares(current);
  let sum = 0;
  for (let i = 0; i < r.length; i++) {
    const middle = (r[i]! + c[i]!) / 2;
    if (r[i]! > 0) sum += r[i]! * Math.log2(r[i]! / middle);
    if (c[i]! > 0) sum += c[i]! * Math.log2(c[i]! / middle);
  }
  return Math.min(1, Math.max(0, sum / 2));
}

/** The square root of the divergence: a metric between 0 and 1. */
export function jensenShannonDistance(reference: Counts, current: Counts): number {
  return Math.sqrt(jensenShannonDivergence(reference, current));
}
