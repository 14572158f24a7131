import type { FeatureValue } from '../features/shape.js';

/** What is summed over labelled scores, in this order; rows without a score count in none. */
export const labelledSums = ['tp', 'fp', 'tn', 'fn', 'loss', 'lossSquares'] as const;

/** Probabilities are clipped as scikit-learn's `log_loss` did: an infinite loss has no mean. */
const clip = 1e-15;

/** Adds a score, a probability, with its label; `decision` is the score from which it says yes. */
export function addLabelled(
  sums: Float64Array,
  score: FeatureValue | undefined,
  label: number,
  decision: number,
): void {
  if (typeof score !== 'number' || !Number.isFinite(score)) return;
  const yes = score >= decision;
  const cell = label === 1 ? (yes ? 0 : 3) : yes ? 1 : 2;
  sums[cell] = sums[cell]! + 1;
  const given = label === 1 ? score : 1 - score;
  const loss = -Math.log(Math.min(1 - clip, Math.max(clip, given)));
  sums[4] = sums[4]! + loss;
  sums[5] = sums[5]! + loss * loss;
}
