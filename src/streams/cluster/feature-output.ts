import type { FeatureTask, FrameOutput } from '../../operators/feature-task.js';
import type { Frame } from '../../records/frame.js';
import type { Latest } from '../../records/vector.js';
import type { Told } from './told-message.js';

/** What a frame gave, with the task it was given to. */
export interface TakenFrame {
  readonly task: FeatureTask;
  readonly epoch: number;
  readonly frame: Frame;
  /** Data records the task had taken before the frame. */
  readonly n: number;
  readonly output: FrameOutput;
}

/** One use of what a feature task computes: rows, halves to be scored, samples, latest vectors. */
export interface FeatureOutput {
  /** Each frame, in order. */
  readonly frame?: (taken: TakenFrame) => void;
  /** What the policy tells, at its place among the frames. */
  readonly told?: (told: Told) => void;
  /**
   * The latest vectors of keys that changed, each once per call.
   * @param takenMs when the oldest of the records behind them was taken by ingest
   */
  readonly latest?: (latests: readonly Latest[], takenMs: number) => void;
  /** Resolves when there is room for more. */
  readonly ready?: () => Promise<void>;
  /** Resolves when all that it was given is acknowledged. */
  readonly flush?: () => Promise<void>;
  /** State of its own, part of the task's snapshot under its name. */
  readonly state?: {
    readonly name: string;
    readonly dump: () => readonly Uint8Array[];
    readonly restore: (bytes: Uint8Array) => void;
  };
}
