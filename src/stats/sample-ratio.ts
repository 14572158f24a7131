import { chiSquareSf } from './chi-square.js';
import { total } from './shares.js';

export interface SampleRatio {
  readonly statistic: number;
  readonly df: number;
  readonly pValue: number;
  /** p below 0.001: the arms were not split as intended, and no decision should rest on them. */
  readonly isMismatch: boolean;
}

/**
 * Sample-ratio check: chi-square goodness of fit of the arms' counts to the intended weights
 * (positive, any scale; an arm of weight 0 that has counts is a mismatch).
 */
export function sampleRatio(counts: ArrayLike<number>, weights: ArrayLike<number>): SampleRatio {
  const all = total(counts);
  const weight = total(weights);
  let statistic = 0;
  let arms = 0;
  for (let i = 0; i < counts.length; i++) {
    if (weights[i]! > 0) {
      const expected = (all * weights[i]!) / weight;
      arms++;
      if (expected > 0) statistic += (counts[i]! - expected) ** 2 / expected;
    } else if (counts[i]! > 0) statistic = Number.POSITIVE_INFINITY;
  }
  const df = Math.max(0, arms - 1);
  // One arm alone always has what was meant for it.
  const pValue = statistic === 0 ? 1 : chiSquareSf(statistic, df);
  return { statistic, df, pValue, isMismatch: pValue < 0.001 };
}
