import { closeSync, fdatasyncSync, ftruncateSync, mkdirSync, openSync, unlinkSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { diskError, onDisk } from '../../disk-error.js';
import { assert } from '../../errors.js';
import { syncDirectory, writeAt } from './file-bytes.js';
import { headerBytes, type LogFrame, layFrame } from './log-frame.js';
import { cutSegment, reachOf, recoverLog, removeSegments, type TornTail } from './log-recovery.js';
import { readSegment, type Segment, segmentCorrupt, segmentPath } from './segment.js';
import { startWriteBehind } from './write-behind.js';

/**
 * One partition of a log: an append-only list of frames, each a batch number and its bytes, in a
 * directory of its own. All calls are synchronous. Throws `disk-full`, `disk-failed` and
 * `segment-corrupt`; after any of them the log ends with its last whole frame.
 */
export interface Log {
  /** The directory's own name. */
  readonly name: string;
  /** Batch of the last frame, -1 when there is none. */
  readonly lastBatch: number;
  /** On disk, all segments together. */
  readonly bytes: number;
  /** What opening the log had to cut off. */
  readonly torn: TornTail | undefined;
  /**
   * Writes one frame in one call; `batch` must be above `lastBatch`. Survives the process at once,
   * a power cut after `sync`.
   */
  append(batch: number, payload: Uint8Array): void;
  /** The frames above `afterBatch`, those appended meanwhile included; payloads stay valid. */
  read(afterBatch: number): Generator<LogFrame, void, void>;
  /** Drops the frames above `batch`, durably; readers under way end with an error. */
  truncateAfter(batch: number): void;
  /** Removes the oldest segments, while the segment behind them begins at or below `batch`. */
  dropBefore(batch: number): void;
  sync(): void;
  close(): void;
}

export interface LogOptions {
  /** A segment takes no further frame that would make it longer, bytes. */
  readonly segmentBytes?: number;
}

const frameBytesLimit = 256 * 1024 * 1024;
/** Brings the stop at a segment's end, where 64 MiB were synced at once, from 60 ms to 16 ms. */
const writeBehindBytes = 8 * 1024 * 1024;

/** Opens the log in `directory`, or makes an empty one. */
export function openLog(directory: string, options: LogOptions = {}): Log {
  const path = resolve(directory);
  onDisk('creating', path, () => mkdirSync(path, { recursive: true }));
  return new SegmentedLog(path, options.segmentBytes ?? 64 * 1024 * 1024);
}

class SegmentedLog implements Log {
  readonly name: string;
  readonly torn: TornTail | undefined;
  lastBatch: number;
  bytes = 0;
  readonly #directory: string;
  readonly #segmentBytes: number;
  readonly #segments: Segment[];
  /** Of the last segment; undefined until the first append to it. */
  #fd: number | undefined;
  #scratch = Buffer.allocUnsafeSlow(64 * 1024);
  #unsyncedBytes = 0;
  #namesChanged = true;
  #truncations = 0;
  #closed = false;
  #failed: unknown;

  constructor(directory: string, segmentBytes: number) {
    this.name = basename(directory);
    this.#directory = directory;
    this.#segmentBytes = segmentBytes;
    const { segments, lastBatch, torn } = recoverLog(directory);
    this.#segments = segments;
    this.lastBatch = lastBatch;
    this.torn = torn;
    for (const segment of segments) this.bytes += segment.bytes;
  }

  append(batch: number, payload: Uint8Array): void {
    this.#checkOpen();
    assert(Number.isSafeInteger(batch) && batch > this.lastBatch, `batch ${batch} is out of order`);
    const needed = headerBytes + payload.length;
    assert(needed <= frameBytesLimit, `a frame of ${needed} bytes is over ${frameBytesLimit}`);
    if (needed > this.#scratch.length) {
      this.#scratch = Buffer.allocUnsafeSlow(Math.max(needed, this.#scratch.length * 2));
    }
    layFrame(this.#scratch, batch, payload);
    const segment = this.#segmentFor(batch, needed);
    try {
      writeAt(this.#fd!, this.#scratch, needed, segment.bytes);
    } catch (cause) {
      this.#undoWrite(segment);
      throw diskError(cause, 'appending to', segment.path);
    }
    segment.bytes += needed;
    this.bytes += needed;
    this.lastBatch = batch;
    this.#unsyncedBytes += needed;
    if (this.#unsyncedBytes >= writeBehindBytes) {
      this.#unsyncedBytes = 0;
      startWriteBehind(segment.path);
    }
  }

  *read(afterBatch: number): Generator<LogFrame, void, void> {
    const truncations = this.#truncations;
    const start = this.#segments.findLast((segment) => segment.first <= afterBatch + 1);
    let segment = start ?? this.#segments[0];
    while (segment !== undefined) {
      const frames = readSegment(segment);
      try {
        for (let step = frames.next(); ; step = frames.next()) {
          if (step.done && step.value !== undefined) throw segmentCorrupt(segment, step.value);
          if (step.done) break;
          if (step.value.batch <= afterBatch) continue;
          yield step.value;
          this.#checkOpen();
          assert(
            truncations === this.#truncations,
            `log ${this.name} was truncated under a reader`,
          );
        }
      } finally {
        frames.return(undefined);
      }
      const { first } = segment;
      segment = this.#segments.find((next) => next.first > first);
    }
  }

  truncateAfter(batch: number): void {
    this.#checkOpen();
    if (batch >= this.lastBatch) return;
    const kept = this.#segments.findLastIndex((segment) => segment.first <= batch);
    const segment = this.#segments[kept];
    const reach = segment && reachOf(segment, batch);
    if (segment && reach?.fault) throw segmentCorrupt(segment, reach.fault);
    this.#truncations++;
    this.#closeSegment();
    // In this order: a power cut between the two must not leave newer frames behind a cut.
    removeSegments(this.#directory, this.#segments, kept + 1);
    if (segment && reach) cutSegment(segment, reach.end);
    this.lastBatch = reach?.lastBatch ?? -1;
    this.bytes = this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  dropBefore(batch: number): void {
    this.#checkOpen();
    for (;;) {
      const [oldest, next] = this.#segments;
      if (oldest === undefined || next === undefined || next.first > batch) return;
      onDisk('removing', oldest.path, () => unlinkSync(oldest.path));
      this.#segments.shift();
      this.bytes -= oldest.bytes;
      this.#namesChanged = true;
    }
  }

  sync(): void {
    this.#checkOpen();
    const path = this.#segments.at(-1)?.path ?? this.#directory;
    try {
      if (this.#fd !== undefined) fdatasyncSync(this.#fd);
      if (this.#namesChanged) syncDirectory(this.#directory);
    } catch (cause) {
      // The system forgets what it failed to write: a second sync would succeed without having done
      // so.
      this.#failed = diskError(cause, 'syncing', path);
      throw this.#failed;
    }
    this.#namesChanged = false;
    this.#unsyncedBytes = 0;
  }

  close(): void {
    this.#closed = true;
    this.#closeSegment();
  }

  /** The segment that takes the next frame, open for writing. */
  #segmentFor(batch: number, needed: number): Segment {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.bytes + needed <= this.#segmentBytes) {
      this.#fd ??= onDisk('opening', last.path, () => openSync(last.path, 'r+'));
      return last;
    }
    // Synced before the next is begun, so that only the last segment can have a torn tail.
    if (last !== undefined) this.sync();
    this.#closeSegment();
    const path = segmentPath(this.#directory, batch);
    this.#fd = onDisk('creating', path, () => openSync(path, 'w'));
    this.#namesChanged = true;
    const segment = { path, first: batch, bytes: 0 };
    this.#segments.push(segment);
    return segment;
  }

  /** Takes back what a failed write left; if that fails too, the log must be opened anew. */
  #undoWrite(segment: Segment): void {
    try {
      ftruncateSync(this.#fd!, segment.bytes);
      if (segment.bytes > 0) return;
      // Its name is the batch that did not come.
      this.#closeSegment();
      unlinkSync(segment.path);
    } catch (cause) {
      this.#failed = diskError(cause, 'truncating', segment.path);
    }
    if (segment.bytes === 0) this.#segments.pop();
  }

  #closeSegment(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #checkOpen(): void {
    assert(!this.#closed, `log ${this.name} is closed`);
    if (this.#failed !== undefined) throw this.#failed;
  }
}
