import { closeSync, openSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { onDisk } from '../../disk-error.js';
import { WeirError } from '../../errors.js';
import { readAt } from './file-bytes.js';
import { frameAt, frameBytesAt, headerBytes, holdsFrame, type LogFrame } from './log-frame.js';

/** One file of a log, named by its first batch; frames end at `bytes`, which grows as they come. */
export interface Segment {
  readonly path: string;
  readonly first: number;
  bytes: number;
}

/** Where a segment stops making sense, and how. */
export interface Fault {
  readonly offset: number;
  readonly reason: string;
}

export interface PlacedFrame extends LogFrame {
  /** Where the frame ends in its segment, bytes. */
  readonly end: number;
}

const readBytes = 1024 * 1024;
const digits = 16;
const namePattern = /^(\d{16})\.log$/;

export function segmentPath(directory: string, first: number): string {
  return join(directory, `${String(first).padStart(digits, '0')}.log`);
}

/** The segments in a directory, oldest first; other files are left alone. */
export function listSegments(directory: string): Segment[] {
  const segments: Segment[] = [];
  for (const name of readdirSync(directory).sort()) {
    const first = namePattern.exec(name)?.[1];
    if (first === undefined) continue;
    const path = join(directory, name);
    segments.push({ path, first: Number(first), bytes: statSync(path).size });
  }
  return segments;
}

/**
 * Reads a segment's frames in order, those appended meanwhile included, and returns the fault it
 * ends with, if any. Payloads are views into buffers that are never written again.
 */
export function* readSegment(segment: Segment): Generator<PlacedFrame, Fault | undefined> {
  const fd = onDisk('opening', segment.path, () => openSync(segment.path, 'r'));
  try {
    return yield* framesOf(fd, segment);
  } finally {
    closeSync(fd);
  }
}

function* framesOf(fd: number, segment: Segment): Generator<PlacedFrame, Fault | undefined> {
  let loaded: Buffer = Buffer.alloc(0);
  let loadedFrom = 0;
  // Makes [at, at + bytes) of the file readable at the index answered, -1 if the file is shorter.
  const load = (at: number, bytes: number): number => {
    if (at + bytes <= loadedFrom + loaded.length) return at - loadedFrom;
    const room = Math.min(Math.max(bytes, readBytes), segment.bytes - at);
    if (room < bytes) return -1;
    const buffer = Buffer.allocUnsafeSlow(room);
    const got = onDisk('reading', segment.path, () => readAt(fd, buffer, at));
    loaded = buffer.subarray(0, got);
    loadedFrom = at;
    return got < bytes ? -1 : 0;
  };
  let previous = -1;
  for (let offset = 0; offset < segment.bytes; ) {
    const header = load(offset, headerBytes);
    if (header < 0) return { offset, reason: 'the file ends inside a frame' };
    const bytes = frameBytesAt(loaded, header);
    if (bytes === 0) return { offset, reason: 'no frame starts there' };
    const at = load(offset, bytes);
    if (at < 0) return { offset, reason: 'the file ends inside a frame' };
    const frame = frameAt(loaded, at, bytes);
    if (frame === undefined) return { offset, reason: 'a frame does not match its checksum' };
    if (offset === 0 ? frame.batch !== segment.first : frame.batch <= previous) {
      return { offset, reason: `batch ${frame.batch} is out of order` };
    }
    previous = frame.batch;
    offset += bytes;
    yield { batch: frame.batch, payload: frame.payload, end: offset };
  }
  return undefined;
}

/**
 * Whether a whole frame lies anywhere from `offset` on: then what is broken there is no torn tail.
 */
export function hasFrameFrom(segment: Segment, offset: number): boolean {
  return onDisk('reading', segment.path, () => {
    const fd = openSync(segment.path, 'r');
    try {
      const rest = Buffer.allocUnsafeSlow(segment.bytes - offset);
      return holdsFrame(rest.subarray(0, readAt(fd, rest, offset)));
    } finally {
      closeSync(fd);
    }
  });
}

export function segmentCorrupt(segment: Segment, fault: Fault): WeirError {
  return new WeirError(
    'segment-corrupt',
    `${segment.path} is damaged at byte ${fault.offset} (${fault.reason}); nothing was changed: ` +
      'restore the file from a copy, or set the data directory aside and replay from the sources',
    { place: { path: segment.path, offset: fault.offset } },
  );
}
