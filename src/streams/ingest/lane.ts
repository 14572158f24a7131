import type { TopicDefinition } from '../../features/source.js';
import type { Cursor } from '../../records/batch.js';
import type { Decoded, Decoder } from './decoder.js';
import { decodeLine } from './decoder.js';
import { invalid, judge, newCursor, used, verdictDetail } from './judge.js';
import type { Watermark } from './watermark.js';

/**
 * One source partition on its way into batches: where it stands and the record at its head, which
 * is judged before its turn comes since its time decides the turn.
 */
export interface Lane extends Decoded {
  readonly topicIndex: number;
  readonly partition: number;
  readonly decoder: Decoder;
  readonly cursor: Cursor;
  /** Infinity for a table. */
  readonly latenessMs: number;
  /** null for a table, which no watermark follows. */
  readonly watermark: Watermark | null;
  /** When the last record came by the caller's clock, ms; NaN before the first. */
  seenMs: number;
  offset: number;
  text: string;
  verdict: number;
  detail: string;
  /** The cursor's maximum time once the head is taken. */
  nextMaxMs: number;
}

export function createLane(
  topicIndex: number,
  decoder: Decoder,
  cursor: Cursor,
  latenessMs: number,
  watermark: Watermark | null,
): Lane {
  return {
    topicIndex,
    partition: cursor.partition,
    decoder,
    cursor,
    latenessMs,
    watermark,
    seenMs: Number.NaN,
    row: null,
    timeMs: Number.NaN,
    offset: 0,
    text: '',
    verdict: used,
    detail: '',
    nextMaxMs: cursor.maxTimeMs,
  };
}

/** Decodes and judges `text` as the lane's head; a `fault` says why it could not even be read. */
export function judgeHead(
  lane: Lane,
  offset: number,
  text: string,
  fault: string,
  nowMs: number,
): void {
  const { cursor } = lane;
  lane.offset = offset;
  lane.text = text;
  lane.nextMaxMs = cursor.maxTimeMs;
  const reason = fault === '' ? decodeLine(lane.decoder, text, lane) : fault;
  if (reason !== '') {
    lane.row = null;
    lane.timeMs = Number.NaN;
    lane.verdict = invalid;
    lane.detail = reason;
    return;
  }
  const timeMs = lane.timeMs;
  const verdict = judge(cursor, offset, timeMs, nowMs, lane.latenessMs);
  lane.verdict = verdict;
  if (verdict === used) {
    lane.detail = '';
    if (timeMs > cursor.maxTimeMs) lane.nextMaxMs = timeMs;
  } else {
    lane.row = null;
    lane.detail = verdictDetail(verdict, timeMs, cursor.maxTimeMs, lane.latenessMs);
  }
}

/** A cursor of its own, from where an earlier run stood or from the start. */
export function cursorFrom(
  earlier: readonly Cursor[],
  definition: TopicDefinition,
  partition: number,
): Cursor {
  const found = earlier.find(
    (one) => one.topic === definition.topic && one.partition === partition,
  );
  return found === undefined
    ? newCursor(definition.topic, partition)
    : { ...found, counts: [...found.counts] };
}
