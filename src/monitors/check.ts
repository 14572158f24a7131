/** What a check found; `insufficient-data` and `no-reference` say that nothing could be found. */
export type CheckVerdict = 'ok' | 'warning' | 'drift' | 'insufficient-data' | 'no-reference';

/** What a check is about. */
export type CheckSubject =
  /** The distribution of one feature. */
  | 'feature'
  /** The distribution, or the mean, of the model's score. */
  | 'score'
  /** The distribution of the matured label or another target. */
  | 'target'
  /** The features of a group as one vector. */
  | 'covariates'
  /** What a feature says about the label. */
  | 'concept'
  /** How well scores match matured labels. */
  | 'performance'
  /** What performance is expected to be, before labels mature, and how right that was. */
  | 'estimate'
  /** What the users do with the answers. */
  | 'business'
  /** An expectation of the data. */
  | 'quality';

/** What a monitor can declare to be expected of its data (REQUIREMENTS §4). */
export type ExpectationTest =
  | 'not-null'
  | 'between'
  | 'mean-between'
  | 'std-between'
  | 'recent'
  | 'row-count'
  | 'completeness'
  | 'duplicates'
  | 'date-range'
  | 'unseen'
  | 'out-of-range'
  | 'schema'
  | 'volume'
  | 'freshness';

/** The statistic or figure that was looked at. */
export type CheckTest =
  | 'psi'
  | 'ks'
  | 'chi2'
  | 'mmd'
  | 'prediction-shift'
  | 'mutual-information'
  | 'correlation'
  | 'accuracy'
  | 'auc'
  | 'f1'
  | 'log-loss'
  | 'estimated-accuracy'
  | 'estimated-auc'
  | 'estimated-f1'
  | 'estimate-error'
  | 'adwin'
  | 'base-rate'
  | 'click-through'
  | 'conversion'
  | 'satisfaction'
  | ExpectationTest;

/** One test of one thing over one period, with all that is needed to judge it. */
export interface Check {
  readonly monitor: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly subject: CheckSubject;
  /** What is watched: a feature's name, `score`, `label`, `row_count` and so on. */
  readonly feature: string;
  /** The part of the data it is about, as `column=value`; empty for all of it. */
  readonly segment: string;
  readonly test: CheckTest;
  /** The current window: `[periodStartMs, periodEndMs)`. */
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  readonly referenceId: string | null;
  readonly referenceHash: string | null;
  /** PSI, or the Kolmogorov-Smirnov distance at the edges (a lower bound of the exact one). */
  readonly statistic: number | null;
  /** Expected statistic without drift; PSI only. */
  readonly nullMean: number | null;
  /** The statistic less its expectation without drift; PSI only. */
  readonly corrected: number | null;
  /** Smallest statistic that is significant at `level`. */
  readonly critical: number | null;
  readonly pValue: number | null;
  /** Level of this one test: the family's alpha over features, tests and looks. */
  readonly level: number | null;
  /**
   * Size of the effect, larger is worse: of a feature or score the bias-corrected PSI, also beside
   * another test.
   */
  readonly effect: number | null;
  /** Effect that must be exceeded for drift. */
  readonly threshold: number;
  /** Effect below which it has recovered; null where nothing can recover. */
  readonly leave: number | null;
  /** Entities counted in the reference, once each per period of it. */
  readonly nReference: number;
  /** Entities counted in the current window. */
  readonly nCurrent: number;
  /** How the p-value was had; empty where there is none. */
  readonly method: string;
  readonly verdict: CheckVerdict;
  /** Why nothing could be said, and what to do, or since when it is so; empty otherwise. */
  readonly detail: string;
}
