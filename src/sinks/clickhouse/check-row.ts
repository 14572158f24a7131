/** One evaluation of a drift check: a row of `checks`. */
export interface CheckRow {
  readonly monitor: string;
  readonly model: string;
  readonly version: string;
  readonly feature: string;
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
  readonly effect: number | null;
  readonly method: string;
  readonly verdict: string;
}
