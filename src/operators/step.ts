import type { Check } from '../monitors/check.js';
import type { Emission } from '../monitors/emission.js';
import type { PolicyState } from '../monitors/policy-state.js';
import type { Reference } from '../monitors/reference.js';
import type { Batch } from '../records/batch.js';
import type { Frame } from '../records/frame.js';
import type { Score } from '../records/score.js';
import type { FrameOutput } from './feature-task.js';

export interface JudgedPolicy {
  readonly monitor: string;
  readonly before: PolicyState;
  readonly after: PolicyState;
}

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
  /** In ingest order. */
  scores: readonly OrderedScore[];
  checks: readonly Check[];
  emissions: readonly Emission[];
  /** Where the policies that the batch moved stood before, and stand now. */
  judged: readonly JudgedPolicy[];
  /** References that monitors captured from the stream just now. */
  captured: readonly Reference[];
}

/** A score with where its event stood. */
export interface OrderedScore {
  readonly score: Score;
  /** Place of the event in its batch. */
  readonly order: number;
  /** Partition of the scoring task. */
  readonly partition: number;
  /** The second view's key of the event. */
  readonly item: string | number;
}
