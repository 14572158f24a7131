import type { Score } from '../../records/score.js';
import type { Told } from './told-message.js';

/** Where a task's results go: a topic, or a test's list. */
export interface TaskOutput<Item> {
  /** Hands over; nothing is dropped, the order is kept. */
  write(items: readonly Item[]): void;
  /** Resolves when there is room for more. */
  ready(): Promise<void>;
  /** Resolves when all that was written is acknowledged. */
  flush(): Promise<void>;
}

/**
 * A record of the topic `scores`. One with a watermark tells those who read the topic as a log how
 * far event time is *before* this score; on a quiet stream the last score is written once more to
 * say so, a repeat of its position like any other.
 */
export interface ScoreRecord {
  readonly score: Score;
  readonly watermarkMs: number | null;
  /** What the policy tells those readers, likewise; a reference counts from its period on. */
  readonly told?: Told | null;
}

/** The record header that carries the watermark, ms as decimal digits. */
export const watermarkHeader = 'weir-watermark';
