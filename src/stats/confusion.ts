/** Outcomes of binary decisions against matured labels: counts that add up over panes. */
export interface Confusion {
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
  trueNegatives: number;
}

export function createConfusion(): Confusion {
  return { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 };
}

/** A prediction is positive from `threshold` on, a label above 0. */
export function addOutcome(to: Confusion, label: number, score: number, threshold = 0.5): void {
  if (score >= threshold) {
    if (label > 0) to.truePositives++;
    else to.falsePositives++;
  } else if (label > 0) to.falseNegatives++;
  else to.trueNegatives++;
}

export function mergeConfusion(to: Confusion, from: Confusion, sign: 1 | -1 = 1): void {
  to.truePositives += sign * from.truePositives;
  to.falsePositives += sign * from.falsePositives;
  to.falseNegatives += sign * from.falseNegatives;
  to.trueNegatives += sign * from.trueNegatives;
}

export interface Classification {
  readonly count: number;
  /** Each is null where it would divide by 0. */
  readonly accuracy: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  /** Harmonic mean of precision and recall, `2 TP / (2 TP + FP + FN)`. */
  readonly f1: number | null;
  /** Share of the negatives called positive. */
  readonly falsePositiveRate: number | null;
}

export function classification(of: Confusion): Classification {
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn } = of;
  const count = tp + fp + fn + tn;
  return {
    count,
    accuracy: share(tp + tn, count),
    precision: share(tp, tp + fp),
    recall: share(tp, tp + fn),
    f1: share(2 * tp, 2 * tp + fp + fn),
    falsePositiveRate: share(fp, fp + tn),
  };
}

const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);
