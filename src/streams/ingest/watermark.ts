import type { Cursor, Tick } from '../../records/batch.js';

const minuteMs = 60_000;

/** What keeps a watermark from moving. */
export interface Holder {
  readonly topic: string;
  readonly partition: number;
  /** Since its last record by the caller's clock; null before the first. */
  readonly idleForMs: number | null;
}

/**
 * The watermark of one event source: minimum over its active partitions of maximum less disorder.
 */
export interface Watermark {
  readonly topic: string;
  readonly disorderMs: number;
  readonly cursors: Cursor[];
  /** Last whole minute given as a tick; -Infinity before the first. */
  tickMs: number;
  /** The active partition that is furthest behind; null while none is active. */
  holder: Cursor | null;
}

export function createWatermark(topic: string, disorderMs: number): Watermark {
  return { topic, disorderMs, cursors: [], tickMs: Number.NEGATIVE_INFINITY, holder: null };
}

function findHolder(cursors: readonly Cursor[]): Cursor | null {
  let holder: Cursor | null = null;
  for (const cursor of cursors) {
    if (!cursor.idle && (holder === null || cursor.maxTimeMs < holder.maxTimeMs)) holder = cursor;
  }
  return holder;
}

/** Adds a partition; nothing moves before it has a record or is idle. */
export function join(watermark: Watermark, cursor: Cursor): void {
  watermark.cursors.push(cursor);
  watermark.holder = findHolder(watermark.cursors);
}

function rise(watermark: Watermark, toMs: number, index: number, ticks: Tick[]): void {
  const minute = Math.floor(toMs / minuteMs) * minuteMs;
  if (!(minute > watermark.tickMs)) return;
  watermark.tickMs = minute;
  ticks.push({ index, topic: watermark.topic, watermarkMs: minute });
}

/**
 * Takes note that `cursor` rose or a partition became idle, active or known; adds a tick when a
 * whole minute is passed. While no partition is active nothing moves.
 */
export function refresh(watermark: Watermark, index: number, ticks: Tick[]): void {
  watermark.holder = findHolder(watermark.cursors);
  const holder = watermark.holder;
  if (holder !== null) rise(watermark, holder.maxTimeMs - watermark.disorderMs, index, ticks);
}

/** The same for a cursor that rose: only the one furthest behind can move the minimum. */
export function observe(watermark: Watermark, cursor: Cursor, index: number, ticks: Tick[]): void {
  if (cursor !== watermark.holder) return;
  if (watermark.cursors.length > 1) refresh(watermark, index, ticks);
  else rise(watermark, cursor.maxTimeMs - watermark.disorderMs, index, ticks);
}

/** Where every partition is idle the clock moves the watermark: `nowMs` less the disorder. */
export function riseByClock(
  watermark: Watermark,
  nowMs: number,
  index: number,
  ticks: Tick[],
): void {
  if (watermark.cursors.length === 0 || findHolder(watermark.cursors) !== null) return;
  rise(watermark, nowMs - watermark.disorderMs, index, ticks);
}
