import { isPointBin, type NumericBins } from './bins.js';
import { ksEffectiveSize } from './ks-effective-size.js';
import { kstwoSf } from './kstwo.js';
import { type Counts, total } from './shares.js';

export interface KsAtEdges {
  /** `insufficient-data` where one side is empty; the bounds are then 0 and 1, p is 1. */
  readonly status: 'ok' | 'insufficient-data';
  /** D at the edges, never above the distance of the samples themselves. */
  readonly lower: number;
  /** Never below the distance of the samples. */
  readonly upper: number;
  /** Of the lower bound, so an alarm that rests on it holds for the samples. */
  readonly pValue: number;
  readonly method: 'kstwo';
  readonly effectiveSize: number;
  /** The bin at whose upper end the distance is largest; -1 where there is none. */
  readonly bin: number;
  readonly referenceCount: number;
  readonly currentCount: number;
}

/**
 * Two-sample Kolmogorov-Smirnov distance from counts of the same frozen bins. Null and not-finite
 * values take part as values above all numbers, in this order, so their mass is a term of D. Within
 * a bin the difference of the distribution functions stays between `before - c` and `before + r`
 * (what the current and the reference hold there), so `upper` is at most
 * `lower + max min(r, c)`; in a bin of one value nothing can move.
 */
export function ksAtEdges(bins: NumericBins, reference: Counts, current: Counts): KsAtEdges {
  const n = total(reference);
  const m = total(current);
  if (n === 0 || m === 0) return withoutData(n, m);
  // Differences in steps of 1/(nm): whole numbers, exact up to 2^53.
  let before = 0;
  let lower = 0;
  let upper = 0;
  let bin = -1;
  for (let i = 0; i < reference.length; i++) {
    const r = reference[i]! * m;
    const c = current[i]! * n;
    if (!isPointBin(bins, i)) upper = Math.max(upper, Math.abs(before + r), Math.abs(before - c));
    before += r - c;
    if (Math.abs(before) > lower) {
      lower = Math.abs(before);
      bin = i;
    }
  }
  const effectiveSize = ksEffectiveSize(n, m);
  const distance = lower / (n * m);
  return {
    status: 'ok',
    lower: distance,
    upper: Math.max(lower, upper) / (n * m),
    pValue: kstwoSf(distance, effectiveSize),
    method: 'kstwo',
    effectiveSize,
    bin,
    referenceCount: n,
    currentCount: m,
  };
}

function withoutData(referenceCount: number, currentCount: number): KsAtEdges {
  return {
    status: 'insufficient-data',
    lower: 0,
    upper: 1,
    pValue: 1,
    method: 'kstwo',
    effectiveSize: 0,
    bin: -1,
    referenceCount,
    currentCount,
  };
}
