import { type Cursor, verdicts } from '../../records/batch.js';

/** How far ahead of the clock a record may be, ms. */
const futureLimitMs = 5 * 60_000;

/** Indexes into `verdicts`. */
export const used = verdicts.indexOf('used');
export const invalid = verdicts.indexOf('invalid');
export const future = verdicts.indexOf('future');
export const late = verdicts.indexOf('late');
export const duplicate = verdicts.indexOf('duplicate');

/**
 * Verdict of a valid record against its own source partition, in the order of `verdicts`.
 *
 * `latenessMs` is Infinity for a table, whose rows are never late.
 */
export function judge(
  cursor: Cursor,
  offset: number,
  timeMs: number,
  nowMs: number,
  latenessMs: number,
): number {
  if (timeMs > nowMs + futureLimitMs) return future;
  if (timeMs < cursor.maxTimeMs - latenessMs) return late;
  if (offset < cursor.offset) return duplicate;
  return used;
}

/** Why a record that could be read is not used; `maxTimeMs` is that of its partition. */
export function verdictDetail(
  verdict: number,
  timeMs: number,
  maxTimeMs: number,
  latenessMs: number,
): string {
  const time = new Date(timeMs).toISOString();
  if (verdict === future) return `${time} is more than 5 min ahead of the clock`;
  if (verdict === late) {
    const max = new Date(maxTimeMs).toISOString();
    return `${time} is below the partition's latest time ${max} less the allowed lateness of ${latenessMs / 60_000} min`;
  }
  return 'an offset that was taken before';
}

/** A partition from which nothing was read yet. */
export function newCursor(topic: string, partition: number): Cursor {
  return {
    topic,
    partition,
    offset: 0,
    maxTimeMs: Number.NEGATIVE_INFINITY,
    idle: false,
    counts: verdicts.map(() => 0),
  };
}
