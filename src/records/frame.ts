import type { Batch } from './batch.js';

/**
 * What one log partition takes of a batch: its records in order, with the batch's ticks and
 * cursors. Every partition takes a frame of every batch, so that time moves where no record comes.
 */
export interface Frame {
  /**
   * Columns of the records. Fresh from ingest they are the whole batch, read back only the frame's
   * own.
   */
  readonly batch: Batch;
  readonly count: number;
  /** Where record i stands in the columns. */
  readonly index: Int32Array;
  /** Place of record i in the batch as ingest made it: its sequence is `batch.first + order[i]`. */
  readonly order: Int32Array;
}
