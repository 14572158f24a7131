import { closeSync, fsyncSync, ftruncateSync, openSync, unlinkSync } from 'node:fs';
import { onDisk } from '../../disk-error.js';
import { syncDirectory } from './file-bytes.js';
import {
  type Fault,
  hasFrameFrom,
  listSegments,
  readSegment,
  type Segment,
  segmentCorrupt,
} from './segment.js';

/** What a crash had left half written and opening the log cut off. */
export interface TornTail {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
}

export interface RecoveredLog {
  readonly segments: Segment[];
  /** -1 when there is none. */
  readonly lastBatch: number;
  readonly torn: TornTail | undefined;
}

/** How far a segment's frames go that have a batch up to `limit`. */
export interface Reach {
  readonly lastBatch: number;
  readonly end: number;
  readonly fault: Fault | undefined;
}

export function reachOf(segment: Segment, limit: number): Reach {
  let lastBatch = -1;
  let end = 0;
  const frames = readSegment(segment);
  for (let step = frames.next(); ; step = frames.next()) {
    if (step.done) return { lastBatch, end, fault: step.value };
    if (step.value.batch > limit) {
      frames.return(undefined);
      return { lastBatch, end, fault: undefined };
    }
    ({ batch: lastBatch, end } = step.value);
  }
}

/** Cuts a segment to `bytes`, durably. */
export function cutSegment(segment: Segment, bytes: number): void {
  onDisk('truncating', segment.path, () => {
    const fd = openSync(segment.path, 'r+');
    try {
      ftruncateSync(fd, bytes);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  });
  segment.bytes = bytes;
}

/**
 * Removes the segments from `from` on, newest first, durably: a crash on the way leaves a prefix.
 */
export function removeSegments(directory: string, segments: Segment[], from: number): void {
  onDisk('removing segments from', directory, () => {
    while (segments.length > from) {
      unlinkSync(segments.at(-1)!.path);
      segments.pop();
    }
    syncDirectory(directory);
  });
}

/**
 * Finds where a log ends and cuts the frame that a crash left half written. Only the last segment
 * can have one, for a segment is synced before the next is begun; older ones are checked when read.
 * Throws `segment-corrupt`, having changed nothing, when a whole frame lies behind the damage.
 */
export function recoverLog(directory: string): RecoveredLog {
  const segments = onDisk('listing', directory, () => listSegments(directory));
  const last = segments.at(-1);
  if (last === undefined) return { segments, lastBatch: -1, torn: undefined };
  const reach = reachOf(last, Number.POSITIVE_INFINITY);
  const { end, fault } = reach;
  if (fault !== undefined && hasFrameFrom(last, fault.offset)) throw segmentCorrupt(last, fault);
  const lastBatch = end > 0 ? reach.lastBatch : lastBatchOf(segments.at(-2));
  const torn = fault && { path: last.path, offset: end, bytes: last.bytes - end };
  if (end === 0) removeSegments(directory, segments, segments.length - 1);
  // Also when nothing is torn: it syncs what a killed process had written and not synced.
  else cutSegment(last, end);
  return { segments, lastBatch, torn };
}

function lastBatchOf(segment: Segment | undefined): number {
  if (segment === undefined) return -1;
  const { lastBatch, end, fault } = reachOf(segment, Number.POSITIVE_INFINITY);
  if (fault !== undefined) throw segmentCorrupt(segment, fault);
  if (end === 0) throw segmentCorrupt(segment, { offset: 0, reason: 'it holds no frame' });
  return lastBatch;
}
