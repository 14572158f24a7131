import type { BrokenKind } from './broken-kinds.js';

export type GeneratedTopic = 'interactions' | 'place-updates' | 'context';

/** A record as a source would hand it over. */
export interface GeneratedRecord {
  readonly topic: GeneratedTopic;
  readonly partition: number;
  /** Grows by one per record of a partition within a day; a day begins at `day × offsetsPerDay`. */
  readonly offset: number;
  /** Event time; for a damaged copy, that of the record it was made from. */
  readonly timeMs: number;
  readonly arrivalMs: number;
  /** One line of JSON without its end; broken on purpose where `fault` says so. */
  readonly line: string;
  readonly fault: 'none' | 'disorder' | 'late' | BrokenKind;
}

/** Offsets are sparse, so that those of a day are known without the days before it. */
export const offsetsPerDay = 10_000_000;

/** The day that a generated offset belongs to. */
export function dayOfOffset(offset: number): number {
  return Math.floor(offset / offsetsPerDay);
}
