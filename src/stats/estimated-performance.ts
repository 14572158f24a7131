import { classification, createConfusion } from './confusion.js';

/** Each is null where it is not defined: no rows, or no expected positives or negatives. */
export interface EstimatedPerformance {
  readonly count: number;
  readonly accuracy: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  readonly auc: number | null;
}

/**
 * Confidence-based performance estimation (CBPE): what a binary classifier's figures will be, from
 * its calibrated probabilities alone, before labels mature. A row predicted positive is right with
 * its probability p, one predicted negative with 1 - p; the expected confusion gives the figures,
 * as in NannyML ("Estimation of performance of the monitored model", 2023). The AUC is that of the
 * expected counts of positives and negatives at each score, ties one half. It holds while
 * probabilities are calibrated and the concept does not change: compare with matured labels.
 *
 * @param scores what is ranked and cut by `threshold`; the probabilities themselves by default
 * @param weights rows behind each, 1 by default
 */
export function estimatedPerformance(
  probabilities: ArrayLike<number>,
  scores: ArrayLike<number> = probabilities,
  threshold = 0.5,
  weights: ArrayLike<number> = new Uint8Array(probabilities.length).fill(1),
): EstimatedPerformance {
  const confusion = createConfusion();
  let count = 0;
  for (let i = 0; i < probabilities.length; i++) {
    const weight = weights[i]!;
    const positive = weight * probabilities[i]!;
    count += weight;
    if (scores[i]! >= threshold) {
      confusion.truePositives += positive;
      confusion.falsePositives += weight - positive;
    } else {
      confusion.falseNegatives += positive;
      confusion.trueNegatives += weight - positive;
    }
  }
  const { accuracy, precision, recall, f1 } = classification(confusion);
  const auc = expectedAuc(probabilities, scores, weights);
  return { count, accuracy, precision, recall, f1, auc };
}

function expectedAuc(
  p: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights: ArrayLike<number>,
): number | null {
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i);
  order.sort((a, b) => scores[a]! - scores[b]!);
  let positives = 0;
  let negatives = 0;
  let wins = 0;
  for (let i = 0; i < order.length; ) {
    const score = scores[order[i]!]!;
    let tiedPositives = 0;
    let tiedNegatives = 0;
    const first = i;
    for (; i < order.length && scores[order[i]!] === score; i++) {
      const weight = weights[order[i]!]!;
      const positive = weight * p[order[i]!]!;
      tiedPositives += positive;
      tiedNegatives += weight - positive;
    }
    // A score that does not equal itself would stand still here.
    if (i === first) return null;
    wins += tiedPositives * (negatives + tiedNegatives / 2);
    positives += tiedPositives;
    negatives += tiedNegatives;
  }
  return positives > 0 && negatives > 0 ? wins / (positives * negatives) : null;
}
