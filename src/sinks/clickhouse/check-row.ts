/** One evaluation of a drift check: a row of `checks`. */
export interface CheckRow {
  readonly monitor: string;
  readonly model: string;
  readonly version: string;
  /** `feature`, `score`, `quality` and so on. */
  readonly subject: string;
  readonly feature: string;
  /** Empty for all of the data. */
  readonly segment: string;
  readonly test: string;
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  readonly referenceId: string;
  readonly referenceHash: string;
  readonly nReference: number;
  readonly nCurrent: number;
  readonly statistic: number | null;
  readonly corrected: number | null;
  readonly nullMean: number | null;
  readonly critical: number | null;
  readonly pValue: number | null;
  readonly level: number | null;
  readonly effect: number | null;
  readonly threshold: number;
  readonly leave: number | null;
  readonly method: string;
  readonly verdict: string;
  readonly detail: string;
}
