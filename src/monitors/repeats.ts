import type { Row } from '../features/fields.js';
import { hashTwice, mix } from '../windows/key-table.js';

/** Events kept apart in one period and task, at most. */
const seenMax = 16_384;

/**
 * The events of an open period by hash, with how often each came. Beyond `seenMax` only hashes that
 * end in `level` zeros are kept, so that an event and its repeats stay or go together (adaptive
 * sampling, Flajolet 1990): the standard error of a share of 1 % is then below 0.1 %.
 */
export interface SeenEvents {
  level: number;
  readonly counts: Map<number, number>;
}

export function nothingSeen(): SeenEvents {
  return { level: 0, counts: new Map() };
}

/** Takes one event: it repeats another where the time and all the values are the same. */
export function see(seen: SeenEvents, timeMs: number, values: readonly unknown[]): void {
  const hash = hashOf(JSON.stringify([timeMs, ...values]));
  if (hash % 2 ** seen.level !== 0) return;
  const { counts } = seen;
  counts.set(hash, (counts.get(hash) ?? 0) + 1);
  while (counts.size > seenMax) {
    seen.level += 1;
    for (const one of counts.keys()) if (one % 2 ** seen.level !== 0) counts.delete(one);
  }
}

/** The values of some columns; of all without names. */
export function valuesOf(row: Row, columns: readonly string[] | null): readonly unknown[] {
  return columns === null ? Object.values(row) : columns.map((column) => row[column]);
}

/** Sums that add up over tasks: events and repeats, both scaled up, and the events looked at. */
export const sumsOfRepeats = 3;

export function repeatSums({ level, counts }: SeenEvents): readonly number[] {
  let events = 0;
  for (const count of counts.values()) events += count;
  const scale = 2 ** level;
  return [events * scale, (events - counts.size) * scale, events];
}

const words = new Int32Array(2);

/** 52 bits of a text. */
function hashOf(text: string): number {
  hashTwice(text, words);
  return mix(words[0]!) * 2 ** 20 + (mix(words[1]! ^ text.length) >>> 12);
}
