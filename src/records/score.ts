import type { FeatureValue } from '../features/shape.js';
import type { Position } from './vector.js';

/** A score with the inputs it was made from. */
export interface Score {
  readonly requestId: string;
  readonly key: string | number;
  readonly model: string;
  readonly version: string;
  readonly arm: string;
  /** Null where no model was there to score. */
  readonly score: number | null;
  readonly timeMs: number;
  readonly position: Position;
  /** By input name, in the order of the model's inputs. */
  readonly inputs: Readonly<Record<string, FeatureValue>>;
}
