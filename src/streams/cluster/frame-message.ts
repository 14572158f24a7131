import { assert } from '../../errors.js';
import type { Batch, Cursor, Tick } from '../../records/batch.js';
import type { Frame } from '../../records/frame.js';
import {
  decodeFrame,
  encodeFrame,
  headerTextOf,
  type Room,
  type RowReader,
} from '../frame-codec.js';

/** What ingest says beside the records of a batch, all of one source partition. */
export interface BatchFacts {
  /** Next offset of the source partition before the batch. */
  readonly from: number;
  /** Whether the source had more by then: what follows from time alone waits for the end. */
  readonly behind: boolean;
  /** The clock that judged the batch: whoever judges it again judges by the same, ms. */
  readonly clockMs: number;
  /** Partitions of each event topic, so that one that was never heard of holds the watermark. */
  readonly lanes: Readonly<Record<string, number>>;
}

/** A frame of a log topic. */
export interface LoggedFrame {
  readonly frame: Frame;
  readonly facts: BatchFacts;
}

/** The source partition that the batch comes from, and where it stands after it. */
export function cursorOf(batch: Batch): Cursor {
  const [cursor] = batch.cursors;
  assert(cursor !== undefined, 'a batch of a log topic has the cursor of its source partition');
  return cursor;
}

/** The header that all frames of a batch share; -Infinity, a time before the first, is null. */
export function headerOf(batch: Batch, facts: BatchFacts): string {
  const { first, ticks, cursors } = batch;
  return JSON.stringify({ batch: batch.batch, first, ticks, cursors, ...facts });
}

/** The frame's bytes, its own: they wait for the broker while others are encoded. */
export function encodeMessage(frame: Frame, header: string, room: Room): Buffer {
  return Buffer.from(encodeFrame(frame, header, room));
}

export function decodeMessage(value: Uint8Array, readRow: RowReader): LoggedFrame {
  const frame = decodeFrame(value, readRow);
  // The header is passed on whole.
  const { from, behind, clockMs, lanes } = frame.batch as Batch & BatchFacts;
  return { frame, facts: { from, behind, clockMs, lanes } };
}

/** What a frame's header says. */
export interface FrameHead extends BatchFacts {
  readonly ticks: readonly Tick[];
  readonly cursors: readonly (Omit<Cursor, 'maxTimeMs'> & { readonly maxTimeMs: number | null })[];
}

export function readHead(value: Buffer): FrameHead {
  return JSON.parse(headerTextOf(value)) as FrameHead; // as `headerOf` wrote it
}
