import type { Bins } from '../../stats/bins.js';
import { gTest } from '../../stats/g-test.js';
import { ksAtEdges } from '../../stats/ks-at-edges.js';
import { ksTiesFactor } from '../../stats/ks-ties.js';
import { type MergePlan, mergeCounts } from '../../stats/merge-plan.js';
import { normalSf } from '../../stats/normal.js';
import { psi } from '../../stats/psi.js';
import { rankSumAtEdges } from '../../stats/rank-sum-at-edges.js';
import type { Counts } from '../../stats/shares.js';
import { skewedScore } from '../../stats/skewed-score.js';
import type { SlidingTest } from './design.js';

/** A group of PSI that holds less than this of all rows is a rare one: half of an equal share. */
export const RARE_SHARE = 1 / 20;

/** What one test says about the window as it stands. */
export interface SlidingEvidence {
  readonly test: SlidingTest;
  readonly statistic: number;
  readonly pValue: number;
}

/**
 * One test of a window's counts, with a p-value that holds for ties and rare values too: PSI's is
 * that of the G-test of the same groups where one of them is rare, since the logarithm of a small
 * count is far from normal; KS's is by the law at the jumps of the reference; the rank sum's is
 * corrected for its skewness.
 */
export function evidenceOf(
  test: SlidingTest,
  bins: Bins,
  plan: MergePlan,
  reference: Counts,
  current: Counts,
): SlidingEvidence {
  if (test === 'psi') return psiEvidence(mergeCounts(plan, reference), mergeCounts(plan, current));
  if (test === 'rank-sum' || bins.kind === 'categorical') {
    const { z, skewness, status } = rankSumAtEdges(reference, current);
    const score = Math.abs(skewedScore(z, skewness));
    return { test, statistic: z, pValue: status === 'ok' ? 2 * normalSf(score) : 1 };
  }
  const { lower, pValue, effectiveSize } = ksAtEdges(bins, reference, current);
  const factor = ksTiesFactor(reference)?.(lower, effectiveSize) ?? 1;
  return { test, statistic: lower, pValue: pValue * factor };
}

function psiEvidence(reference: Float64Array, current: Float64Array): SlidingEvidence {
  const { value, pValue, referenceCount, currentCount } = psi(reference, current);
  const all = referenceCount + currentCount;
  const isRare = reference.some((r, g) => {
    const both = r + current[g]!;
    return both > 0 && both < RARE_SHARE * all;
  });
  const p = isRare ? gTest(reference, current).pValue : pValue;
  return { test: 'psi', statistic: value, pValue: p };
}
