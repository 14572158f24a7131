import { type Cursor, verdicts } from '../records/batch.js';

/**
 * Source records of a topic by what became of them: in = used + late + invalid + duplicate +
 * filtered.
 */
export interface Account {
  readonly in: number;
  readonly used: number;
  readonly late: number;
  /** Stamps too far ahead included. */
  readonly invalid: number;
  readonly duplicate: number;
  readonly filtered: number;
}

/** The account of a topic over all its partitions. */
export function accountOf(topic: string, cursors: readonly Cursor[]): Account {
  const own = cursors.filter((cursor) => cursor.topic === topic);
  const sum = (verdict: (typeof verdicts)[number]): number =>
    own.reduce((total, cursor) => total + cursor.counts[verdicts.indexOf(verdict)]!, 0);
  return {
    in: own.reduce((total, cursor) => total + cursor.counts.reduce((a, b) => a + b, 0), 0),
    used: sum('used'),
    late: sum('late'),
    invalid: sum('invalid') + sum('future'),
    duplicate: sum('duplicate'),
    filtered: sum('filtered'),
  };
}

/**
 * Largest event time of a topic's used records less the allowed disorder, ms; -Infinity before the
 * first.
 */
export function finalWatermarkMs(
  topic: string,
  cursors: readonly Cursor[],
  disorderMs: number,
): number {
  const times = cursors.filter((c) => c.topic === topic).map((c) => c.maxTimeMs);
  return Math.max(Number.NEGATIVE_INFINITY, ...times) - disorderMs;
}
