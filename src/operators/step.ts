import type { Batch } from '../records/batch.js';
import type { Frame } from '../records/frame.js';
import type { FrameOutput } from './feature-task.js';

/** One batch on its way through the graph: each stage adds what it made of it. */
export interface Step {
  readonly batch: Batch;
  /** By stage, by partition. */
  readonly frames: readonly (readonly Frame[])[];
  /** The records that are not used. */
  readonly refused: Frame;
  /** Read back from the logs: nothing is appended again. */
  readonly recovered: boolean;
  /** By stage, by partition. */
  outputs: readonly (readonly FrameOutput[])[];
}
