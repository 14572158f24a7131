import { type Bins, nullBin } from '../stats/bins.js';
import { type MergePlan, mergeCounts } from '../stats/merge-plan.js';
import { mutualInformation } from '../stats/mutual-information.js';
import { rankSumAtEdges } from '../stats/rank-sum-at-edges.js';
import type { ScoreCounts } from './performance.js';

interface Found {
  readonly value: number | null;
  readonly error: number | null;
}

/**
 * Spearman's correlation of a numeric feature, by its frozen bins, with the label; rows where it is
 * not a number are left out. It is the tie-corrected z of the rank sum over sqrt(N - 1), since both
 * are the covariance of middle ranks and label over the deviations. Error by Fieller, Hartley and
 * Pearson 1957: 1.03 / sqrt(N - 3) of its arc tangent.
 */
export function correlationOf(bins: Bins, { negative, positive }: ScoreCounts): Found {
  const known = nullBin(bins);
  const found = rankSumAtEdges(negative.subarray(0, known), positive.subarray(0, known));
  const n = found.referenceCount + found.currentCount;
  if (found.status !== 'ok' || n < 4) return { value: null, error: null };
  const value = found.z / Math.sqrt(n - 1);
  return { value, error: ((1 - value * value) * 1.03) / Math.sqrt(n - 3) };
}

/**
 * Mutual information of a feature, in the merged bins of its PSI, with the label, nats, less its
 * bias (Bx - 1)(By - 1) / 2N without any.
 */
export function informationOf(plan: MergePlan, { negative, positive }: ScoreCounts): Found {
  const no = mergeCounts(plan, negative);
  const yes = mergeCounts(plan, positive);
  const joint = Float64Array.from({ length: 2 * no.length }, (_, i) => {
    return (i % 2 === 0 ? no : yes)[i >> 1]!;
  });
  const found = mutualInformation(joint, 2);
  if (found.status !== 'ok') return { value: null, error: null };
  return { value: found.corrected, error: Math.sqrt(found.spread / found.count) };
}
