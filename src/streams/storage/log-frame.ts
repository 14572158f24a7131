import { crc32 } from 'node:zlib';

// On disk, little-endian: mark u32 | crc32 u32 of all that follows | payload length u32 |
// batch f64 | payload. The mark lets the bytes behind a damaged length be searched for frames.

export const headerBytes = 20;
const mark = Buffer.from([0xf5, 0x77, 0x65, 0x69]);
const markValue = mark.readUInt32LE(0);
const checkedFrom = 8;

export interface LogFrame {
  readonly batch: number;
  readonly payload: Uint8Array;
}

/** Lays a frame out at the start of `buffer`, which must have room; answers its length, bytes. */
export function layFrame(buffer: Buffer, batch: number, payload: Uint8Array): number {
  const end = headerBytes + payload.length;
  buffer.writeUInt32LE(markValue, 0);
  buffer.writeUInt32LE(payload.length, 8);
  buffer.writeDoubleLE(batch, 12);
  buffer.set(payload, headerBytes);
  buffer.writeUInt32LE(crc32(buffer.subarray(checkedFrom, end)), 4);
  return end;
}

/** Length of the frame that starts at `at`, as its header has it, bytes; 0 where none starts. */
export function frameBytesAt(buffer: Buffer, at: number): number {
  if (buffer.readUInt32LE(at) !== markValue) return 0;
  return headerBytes + buffer.readUInt32LE(at + 8);
}

/**
 * The frame in `[at, at + bytes)`, its payload a view; undefined if it does not match its checksum.
 */
export function frameAt(buffer: Buffer, at: number, bytes: number): LogFrame | undefined {
  if (crc32(buffer.subarray(at + checkedFrom, at + bytes)) !== buffer.readUInt32LE(at + 4)) {
    return undefined;
  }
  const batch = buffer.readDoubleLE(at + 12);
  if (!Number.isSafeInteger(batch) || batch < 0) return undefined;
  return { batch, payload: buffer.subarray(at + headerBytes, at + bytes) };
}

/** Whether a whole frame starts anywhere in `buffer`. */
export function holdsFrame(buffer: Buffer): boolean {
  let at = buffer.indexOf(mark);
  while (at >= 0 && at + headerBytes <= buffer.length) {
    const bytes = frameBytesAt(buffer, at);
    if (at + bytes <= buffer.length && frameAt(buffer, at, bytes) !== undefined) return true;
    at = buffer.indexOf(mark, at + 1);
  }
  return false;
}
