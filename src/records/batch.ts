import type { Row } from '../features/fields.js';

/** What was decided of a source record at ingest, in the order in which it is judged. */
export const verdicts = ['used', 'invalid', 'future', 'late', 'duplicate', 'filtered'] as const;
export type Verdict = (typeof verdicts)[number];

/** Where a source partition stands after a batch; ingest resumes from it. */
export interface Cursor {
  readonly topic: string;
  readonly partition: number;
  /** Next offset to read. */
  offset: number;
  /** Largest event time of a used record, ms; -Infinity before the first. */
  maxTimeMs: number;
  idle: boolean;
  /** Counts of records so far, by verdict (order of `verdicts`). */
  readonly counts: number[];
}

/**
 * "From the record at `index` on, the watermark of event source `topic` is `watermarkMs`", a whole
 * minute.
 */
export interface Tick {
  readonly index: number;
  readonly topic: string;
  readonly watermarkMs: number;
}

/**
 * Up to a few hundred source records in ingest order, of any topics and partitions, judged.
 * Columns are parallel; `rows[i]` is null unless the verdict is `used`.
 */
export interface Batch {
  /** Number of the batch, from 0, the same in every log. */
  readonly batch: number;
  /**
   * How many records of the epoch came before, invalid ones included: record i has sequence `first
   * + i`.
   */
  readonly first: number;
  readonly count: number;
  /** Index into the pipeline's topics. */
  readonly topics: Uint8Array;
  readonly partitions: Int32Array;
  readonly offsets: Float64Array;
  /** NaN where the record is invalid. */
  readonly timesMs: Float64Array;
  /** Index into `verdicts`. */
  readonly verdicts: Uint8Array;
  readonly rows: readonly (Row | null)[];
  /** The text of each record as it came. */
  readonly raws: readonly string[];
  /** Why a record is not used; empty where it is. */
  readonly details: readonly string[];
  readonly ticks: readonly Tick[];
  readonly cursors: readonly Cursor[];
  /** What people say to monitors, as JSON, taken before the records; none where left out. */
  readonly commands?: readonly string[];
}
