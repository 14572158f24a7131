/** What a check found; `insufficient-data` and `no-reference` say that nothing could be found. */
export type CheckVerdict = 'ok' | 'warning' | 'drift' | 'insufficient-data' | 'no-reference';

/** One test of one feature over one period, with all that is needed to judge it. */
export interface Check {
  readonly monitor: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly feature: string;
  readonly test: 'psi' | 'ks';
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
  /** Size of the effect: the bias-corrected PSI of the feature, also beside a KS test. */
  readonly effect: number | null;
  /** Effect that must be exceeded for drift. */
  readonly threshold: number;
  /** Entities counted in the reference, once each per period of it. */
  readonly nReference: number;
  /** Entities counted in the current window. */
  readonly nCurrent: number;
  /** How the p-value was had; empty where there is none. */
  readonly method: string;
  readonly verdict: CheckVerdict;
  /** Why nothing could be said, and what to do; empty otherwise. */
  readonly detail: string;
}
