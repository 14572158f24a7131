import { rankSumAtEdges } from '../stats/rank-sum-at-edges.js';
import type { CheckTest } from './check.js';
import type { FigureRule } from './figure.js';

/** How scores are held against matured labels. */
export interface PerformanceSettings {
  /** Score from which on it says yes. */
  readonly decision: number;
  /** Labelled scores that a period needs. */
  readonly labelsNeeded: number;
  /** Relative drop against the reference above which a significant one is a warning, or drift. */
  readonly warningDrop: number;
  readonly drop: number;
  /** Accuracy that must not be fallen below, whatever the reference has; null for none. */
  readonly accuracyFloor: number | null;
  /** Relative change of the mean score or of the share of positives that is drift. */
  readonly shift: number;
  /** Change of correlation, or of mutual information in nats, of feature and label. */
  readonly concept: number;
  /** Maximum mean discrepancy of a group's features, beyond that of the reference's own periods. */
  readonly covariateShift: number;
}

export const defaultPerformance: PerformanceSettings = {
  decision: 0.5,
  labelsNeeded: 200,
  warningDrop: 0.05,
  drop: 0.1,
  accuracyFloor: 0.8,
  shift: 0.2,
  concept: 0.15,
  covariateShift: 0.15,
};

interface Found {
  readonly test: CheckTest;
  readonly value: number | null;
  readonly error: number | null;
}

/** Counts by bin of what a labelled tally holds of one feature, for each label. */
export interface ScoreCounts {
  readonly negative: Uint32Array;
  readonly positive: Uint32Array;
}

/**
 * What a period's labelled scores come to: accuracy, F1 (Wald errors by the delta method), log loss
 * in nats, area under the ROC curve from the frozen bins of the score, ties one half (error by
 * Hanley and McNeil 1982). Without enough labels, or without both of them, there is no value.
 */
export function performanceOf(
  tally: { readonly sums: Iterable<number> },
  scores: ScoreCounts,
  settings: PerformanceSettings,
): readonly Found[] {
  const [tp = 0, fp = 0, tn = 0, fn = 0, loss = 0, lossSquares = 0] = tally.sums; // labelledSums
  const n = tp + fp + tn + fn;
  const enough = n >= settings.labelsNeeded && tp + fn > 0 && fp + tn > 0;
  if (!enough) return performanceTests.map((test) => ({ test, value: null, error: null }));
  const accuracy = (tp + tn) / n;
  const mean = loss / n;
  const lossVariance = Math.max(0, lossSquares / n - mean * mean);
  return [
    { test: 'accuracy', value: accuracy, error: Math.sqrt((accuracy * (1 - accuracy)) / n) },
    { test: 'auc', ...aucOf(scores) },
    { test: 'f1', ...f1Of(tp, fp + fn) },
    { test: 'log-loss', value: mean, error: Math.sqrt(lossVariance / n) },
  ];
}

const performanceTests = ['accuracy', 'auc', 'f1', 'log-loss'] as const;

/** 2 tp / (2 tp + wrong); the counts vary as independent Poisson ones. */
function f1Of(tp: number, wrong: number) {
  if (tp === 0) return { value: 0, error: null };
  const s = 2 * tp + wrong;
  // d F1 = (2 wrong dtp - 2 tp dwrong) / s²
  const variance = (4 * (wrong * wrong * tp + tp * tp * wrong)) / s ** 4;
  return { value: (2 * tp) / s, error: Math.sqrt(variance) };
}

function aucOf({ negative, positive }: ScoreCounts) {
  const { superiority, referenceCount: no, currentCount: yes } = rankSumAtEdges(negative, positive);
  if (yes === 0 || no === 0) return { value: null, error: null };
  const a = superiority;
  const q1 = a / (2 - a);
  const q2 = (2 * a * a) / (1 + a);
  const variance = (a * (1 - a) + (yes - 1) * (q1 - a * a) + (no - 1) * (q2 - a * a)) / (yes * no);
  return { value: a, error: Math.sqrt(variance) };
}

/** A drop of what is better when larger, a rise of the loss. */
export function dropRule(test: CheckTest, settings: PerformanceSettings): FigureRule {
  const { drop, warningDrop } = settings;
  const worse = test === 'log-loss' ? 'up' : 'down';
  return { worse, scale: 'relative', warning: warningDrop, threshold: drop, leave: warningDrop };
}

/** A relative change either way, half of which is a warning. */
export function shiftRule({ shift }: PerformanceSettings): FigureRule {
  return {
    worse: 'either',
    scale: 'relative',
    warning: shift / 2,
    threshold: shift,
    leave: shift / 2,
  };
}

/** A change of what a feature says of the label. */
export function conceptRule({ concept }: PerformanceSettings): FigureRule {
  return {
    worse: 'either',
    scale: 'absolute',
    warning: concept / 2,
    threshold: concept,
    leave: concept / 2,
  };
}
