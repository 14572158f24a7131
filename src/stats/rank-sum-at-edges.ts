import { normalSf } from './normal.js';
import { type Counts, total } from './shares.js';

export interface RankSumAtEdges {
  /** `insufficient-data` where one side is empty or all lies in one bin; z is 0 and p is 1. */
  readonly status: 'ok' | 'insufficient-data';
  /** P(current > reference) + P(equal) / 2: one half where nothing has moved. */
  readonly superiority: number;
  /** Standard score of the rank sum, positive where the current values are larger. */
  readonly z: number;
  /** Two-sided, by the normal law. */
  readonly pValue: number;
  readonly method: 'normal';
  readonly referenceCount: number;
  readonly currentCount: number;
}

/**
 * Wilcoxon's rank-sum test (Mann and Whitney 1947) from counts of the same frozen bins: values of
 * one bin are ties and take its middle rank, with the variance corrected for ties, as scipy's
 * `mannwhitneyu` without continuity correction. Null and not-finite values count as above all
 * numbers, as in `ksAtEdges`. Of the tests from these counts it sees a small shift of the location
 * first, and a change of the spread not at all.
 */
export function rankSumAtEdges(reference: Counts, current: Counts): RankSumAtEdges {
  const n = total(reference);
  const m = total(current);
  const all = n + m;
  let below = 0;
  let wins = 0;
  let ties = 0;
  for (let i = 0; i < reference.length; i++) {
    const r = reference[i]!;
    const c = current[i]!;
    wins += c * (below + r / 2);
    below += r;
    const tied = r + c;
    ties += tied * (tied - 1) * (tied + 1);
  }
  const variance = all > 1 ? ((n * m) / 12) * (all + 1 - ties / (all * (all - 1))) : 0;
  const isTestable = n > 0 && m > 0 && variance > 0;
  const z = isTestable ? (wins - (n * m) / 2) / Math.sqrt(variance) : 0;
  return {
    status: isTestable ? 'ok' : 'insufficient-data',
    superiority: n > 0 && m > 0 ? wins / (n * m) : 0.5,
    z,
    pValue: isTestable ? 2 * normalSf(Math.abs(z)) : 1,
    method: 'normal',
    referenceCount: n,
    currentCount: m,
  };
}
