import { isPointBin, type NumericBins, nullBin } from '../stats/bins.js';
import { estimatedPerformance } from '../stats/estimated-performance.js';
import { isotonicShares } from '../stats/isotonic.js';
import type { Counts } from '../stats/shares.js';
import type { LabelledScores } from './reference.js';

/** How probable a positive label is in each frozen bin of the score. */
export interface Calibration {
  /** By bin of a number. */
  readonly probabilities: Float64Array;
  /** Share of the bin that says yes. */
  readonly yes: Float64Array;
}

/** What performance scores are expected to have, and the errors of its accuracy. */
export interface Estimate {
  /** Scores that are numbers. */
  readonly n: number;
  readonly accuracy: number | null;
  readonly auc: number | null;
  readonly f1: number | null;
  /** Standard error by which scores came. */
  readonly samplingError: number;
  /** Standard error of what comes of given scores, were the probabilities right. */
  readonly outcomeError: number;
}

/**
 * Calibrates by the reference's labels: the isotonic regression of the share of positives over the
 * bins. The bin in which the decision lies says yes in part, as if its scores lay evenly. Null
 * without labels.
 */
export function calibrationOf(
  bins: NumericBins,
  { negative, positive }: LabelledScores,
  decision: number,
): Calibration | null {
  const numbers = nullBin(bins);
  const all = positive.slice(0, numbers).map((count, bin) => count + negative[bin]!);
  const probabilities = isotonicShares(positive.slice(0, numbers), all);
  if (probabilities === null) return null;
  return { probabilities, yes: probabilities.map((_, bin) => yesOf(bins, bin, decision)) };
}

/** A score is a probability: the outermost bins end at 0 and 1. */
function yesOf(bins: NumericBins, bin: number, decision: number): number {
  const lower = bins.edges[bin - 1] ?? 0;
  const upper = bins.edges[bin] ?? 1;
  if (decision > upper) return 0;
  if (decision <= lower || isPointBin(bins, bin)) return 1;
  return (upper - decision) / (upper - lower);
}

/** What scores, counted in the bins of the calibration, are expected to have (CBPE). */
export function estimateOf({ probabilities, yes }: Calibration, counts: Counts): Estimate {
  // Each bin is two rows in the order of scores: its part that says no, then that which says yes.
  const rows = Array.from({ length: 2 * probabilities.length }, (_, i) => i);
  const bins = rows.map((i) => i >> 1);
  const chances = bins.map((bin) => probabilities[bin]!);
  const weights = rows.map(
    (i) => counts[i >> 1]! * (i % 2 === 0 ? 1 - yes[i >> 1]! : yes[i >> 1]!),
  );
  const from = 2 * yes.findIndex((share) => share > 0) + 1;
  const threshold = from > 0 ? from : Number.POSITIVE_INFINITY;
  const { count: n, accuracy, auc, f1 } = estimatedPerformance(chances, rows, threshold, weights);
  if (accuracy === null) return { n, accuracy, auc, f1, samplingError: 0, outcomeError: 0 };
  const rights = chances.map((chance, i) => (i % 2 === 0 ? 1 - chance : chance));
  const squares = rights.reduce((sum, right, i) => sum + weights[i]! * right * right, 0) / n;
  return {
    n,
    accuracy,
    auc,
    f1,
    samplingError: Math.sqrt(Math.max(0, squares - accuracy * accuracy) / n),
    outcomeError: Math.sqrt(Math.max(0, accuracy - squares) / n),
  };
}
