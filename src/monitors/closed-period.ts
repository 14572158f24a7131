import type { FeatureValue } from '../features/shape.js';

/** What one task sampled of one group in one period that is over. */
export interface ClosedPeriod {
  readonly group: string;
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  /** Entities sampled. */
  readonly n: number;
  readonly referenceId: string | null;
  /**
   * Per feature of the group, counts per bin of the reference (of labelled rows: those of label 0,
   * then those of label 1); null without a reference.
   */
  readonly counts: readonly Uint32Array[] | null;
  /** As `Tally.sums`; empty where rows are kept. */
  readonly sums: readonly number[];
  /** The same of each segment. */
  readonly segments: readonly SegmentPeriod[];
  /** Sums over all events, as `EventCounts` has them; of labels, how many scores have one now. */
  readonly events: readonly number[];
  /** Time of the newest sample, ms; null without one. */
  readonly newestMs: number | null;
  /** The sampled values, one row per entity, where there was no reference to count against. */
  readonly rows: readonly (readonly FeatureValue[])[] | null;
}

/** What was sampled of one segment. */
export interface SegmentPeriod {
  readonly segment: string;
  readonly n: number;
  readonly counts: readonly Uint32Array[];
  readonly sums: readonly number[];
}

/** What a sampler says when the watermark moves. */
export interface Closing {
  /** Every period that ends here or before has been delivered; -Infinity before the first. */
  readonly closedUpToMs: number;
  /** Earliest vector seen; Infinity before the first. */
  readonly observedFromMs: number;
  readonly periods: readonly ClosedPeriod[];
}
