import type { FeatureValue, ViewShape } from '../features/shape.js';

/** Position of a record in its task's log: `n` data records of the epoch came before it. */
export interface Position {
  readonly epoch: number;
  readonly n: number;
}

/** One vector with where it comes from; `values` are parallel to `view.features`. */
export interface Vector {
  readonly view: ViewShape;
  readonly key: string | number;
  /** Coordinates of the event. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Time of the event, ms. */
  readonly timeMs: number;
  /** Largest event time the key had seen, the event included, ms. */
  readonly asOfMs: number;
  readonly position: Position;
  /**
   * Sequence of the event among all records taken by ingest in the epoch; orders events over all
   * logs.
   */
  readonly sequence: number;
  readonly values: readonly FeatureValue[];
}

/** An entity's latest vector: what the online store holds. */
export interface Latest {
  readonly view: ViewShape;
  readonly key: string | number;
  readonly asOfMs: number;
  /** First instant at which a window's content changes by itself, ms; null when none can. */
  readonly validUntilMs: number | null;
  readonly position: Position;
  readonly values: readonly FeatureValue[];
}
