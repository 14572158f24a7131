import { normalSf } from './normal.js';
import { type Counts, total } from './shares.js';

export interface RankSumAtEdges {
  /** `insufficient-data` where one side is empty or all lies in one bin; z is 0 and p is 1. */
  readonly status: 'ok' | 'insufficient-data';
  /** P(current > reference) + P(equal) / 2: one half where nothing has moved. */
  readonly superiority: number;
  /** Standard score of the rank sum, positive where the current values are larger. */
  readonly z: number;
  /** Of the score's law where nothing has moved; 0 without ties, large for rare values. */
  readonly skewness: number;
  /** Two-sided, by the normal law: too small for rare values (`skewedScore`). */
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
  let belowBoth = 0;
  let squares = 0;
  let cubes = 0;
  for (let i = 0; i < reference.length; i++) {
    const r = reference[i]!;
    const c = current[i]!;
    wins += c * (below + r / 2);
    below += r;
    const tied = r + c;
    const middle = belowBoth + (tied - all) / 2;
    belowBoth += tied;
    squares += tied * middle * middle;
    cubes += tied * middle * middle * middle;
  }
  const variance = all > 1 ? (n * m * squares) / (all * (all - 1)) : 0;
  const isTestable = n > 0 && m > 0 && variance > 0;
  const z = isTestable ? (wins - (n * m) / 2) / Math.sqrt(variance) : 0;
  return {
    status: isTestable ? 'ok' : 'insufficient-data',
    superiority: n > 0 && m > 0 ? wins / (n * m) : 0.5,
    z,
    skewness: isTestable ? sumSkewness(n, m, squares, cubes) : 0,
    pValue: isTestable ? 2 * normalSf(Math.abs(z)) : 1,
    method: 'normal',
    referenceCount: n,
    currentCount: m,
  };
}

/**
 * Skewness of the sum of m of n + m numbers, drawn without replacement, from the sums of the
 * squares and cubes of their distances from the mean.
 */
export function sumSkewness(n: number, m: number, squares: number, cubes: number): number {
  const all = n + m;
  if (all < 3) return 0;
  const ofOne = cubes / all / (squares / all) ** 1.5;
  return ofOne * ((n - m) / (all - 2)) * Math.sqrt((all - 1) / (n * m));
}
