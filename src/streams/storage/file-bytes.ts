import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/** A call of read, write or crc32 takes at most this much: the system's limit is 2 GiB. */
const stepBytes = 64 * 1024 * 1024;

/** Writes all of the first `bytes` bytes at `position`, however few each call takes. */
export function writeAt(fd: number, data: Uint8Array, bytes: number, position: number): void {
  let done = 0;
  while (done < bytes) {
    done += writeSync(fd, data, done, Math.min(bytes - done, stepBytes), position + done);
  }
}

/** Fills `target` from `position`; answers how many bytes there were. */
export function readAt(fd: number, target: Uint8Array, position: number): number {
  let done = 0;
  while (done < target.length) {
    const wanted = Math.min(target.length - done, stepBytes);
    const got = readSync(fd, target, done, wanted, position + done);
    if (got === 0) break;
    done += got;
  }
  return done;
}

/** CRC-32 of `data` after bytes whose CRC-32 is `before`. */
export function checksum(data: Uint8Array, before = 0): number {
  let sum = before;
  for (let at = 0; at < data.length; at += stepBytes) {
    sum = crc32(data.subarray(at, at + stepBytes), sum);
  }
  return sum;
}

/** Makes the names created in, renamed in and removed from a directory outlive a power cut. */
export function syncDirectory(directory: string): void {
  const fd = openSync(directory, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
