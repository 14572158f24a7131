import { constants } from 'node:buffer';
import { closeSync, fstatSync, fsyncSync, openSync } from 'node:fs';
import { assert } from '../../errors.js';
import { checksum, readAt, writeAt } from './file-bytes.js';

// On disk, little-endian: "WEIRSNAP" | format u32 | header length u32 | crc32 u32 of the 16 bytes
// before and the header | header, JSON | the parts, one after another. No byte is unchecked.

/** Version of the file's layout. */
export const snapshotFormat = 1;

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [k: string]: Json };

/** What a snapshot says of itself; the caller's own values stand beside the named ones. */
export interface SnapshotMeta {
  /** Last batch whose effects the state holds. */
  readonly batch: number;
  /** Hash of the definition the state belongs to. */
  readonly definition: string;
  readonly [name: string]: Json;
}

/** Named byte arrays and what they are a snapshot of; each part has its own buffer, from byte 0. */
export interface Snapshot {
  readonly meta: SnapshotMeta;
  readonly parts: ReadonlyMap<string, Uint8Array>;
}

interface PartEntry {
  readonly name: string;
  readonly bytes: number;
  readonly crc32: number;
}

interface Header {
  readonly meta: SnapshotMeta;
  readonly parts: readonly PartEntry[];
}

const magic = Buffer.from('WEIRSNAP', 'latin1');
const prefixBytes = 20;
const coveredBytes = 16;

/** Writes and syncs a snapshot's file; a part is its chunks, one after another, at most 4 GiB. */
export function writeSnapshotFile(
  path: string,
  meta: SnapshotMeta,
  parts: ReadonlyMap<string, readonly Uint8Array[]>,
): void {
  const head = headOf({ meta, parts: [...parts].map(partEntry) });
  const fd = openSync(path, 'w');
  try {
    writeAt(fd, head, head.length, 0);
    let position = head.length;
    for (const chunks of parts.values()) {
      for (const chunk of chunks) {
        writeAt(fd, chunk, chunk.length, position);
        position += chunk.length;
      }
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function partEntry([name, chunks]: readonly [string, readonly Uint8Array[]]): PartEntry {
  let bytes = 0;
  let crc32 = 0;
  for (const chunk of chunks) {
    bytes += chunk.length;
    crc32 = checksum(chunk, crc32);
  }
  assert(bytes <= constants.MAX_LENGTH, `snapshot part ${name} of ${bytes} bytes is too long`);
  return { name, bytes, crc32 };
}

function headOf(header: Header): Buffer {
  const text = Buffer.from(JSON.stringify(header, refuseLossy));
  const prefix = Buffer.alloc(prefixBytes);
  magic.copy(prefix);
  prefix.writeUInt32LE(snapshotFormat, 8);
  prefix.writeUInt32LE(text.length, 12);
  prefix.writeUInt32LE(checksum(text, checksum(prefix.subarray(0, coveredBytes))), coveredBytes);
  return Buffer.concat([prefix, text]);
}

/** JSON would turn an infinite time into null without a word. */
function refuseLossy(name: string, value: unknown): unknown {
  assert(
    typeof value !== 'number' || Number.isFinite(value),
    `snapshot meta ${name} is ${String(value)}, which JSON cannot hold`,
  );
  return value;
}

/** The snapshot in a file, or in one clause why it is refused. */
export function readSnapshotFile(path: string): Snapshot | string {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const header = readHeader(fd, size);
    return typeof header === 'string' ? header : readParts(fd, size, header);
  } finally {
    closeSync(fd);
  }
}

/** What the snapshot in a file says of itself; its parts are not looked at. */
export function readSnapshotMeta(path: string): SnapshotMeta | string {
  const fd = openSync(path, 'r');
  try {
    const header = readHeader(fd, fstatSync(fd).size);
    return typeof header === 'string' ? header : header.meta;
  } finally {
    closeSync(fd);
  }
}

function readHeader(fd: number, size: number): (Header & { readonly end: number }) | string {
  const prefix = Buffer.alloc(prefixBytes);
  if (readAt(fd, prefix, 0) < prefixBytes) return 'the file ends inside its header';
  if (!prefix.subarray(0, magic.length).equals(magic)) return 'it is not a snapshot of Weir';
  const format = prefix.readUInt32LE(8);
  if (format !== snapshotFormat) {
    return `it has format ${format}, this version of Weir reads format ${snapshotFormat}`;
  }
  const end = prefixBytes + prefix.readUInt32LE(12);
  if (end > size) return 'the file ends inside its header';
  const text = Buffer.allocUnsafeSlow(end - prefixBytes);
  readAt(fd, text, prefixBytes);
  const sum = checksum(text, checksum(prefix.subarray(0, coveredBytes)));
  if (sum !== prefix.readUInt32LE(coveredBytes)) return 'its header does not match its checksum';
  // The checksum vouches that `headOf` wrote it.
  return { ...(JSON.parse(text.toString()) as Header), end };
}

function readParts(fd: number, size: number, header: Header & { end: number }): Snapshot | string {
  const whole = header.parts.reduce((sum, part) => sum + part.bytes, header.end);
  if (whole !== size) return `the file has ${size} bytes, its header says ${whole}`;
  const parts = new Map<string, Uint8Array>();
  let position = header.end;
  for (const { name, bytes, crc32 } of header.parts) {
    const part = new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer);
    if (readAt(fd, part, position) < bytes || checksum(part) !== crc32) {
      return `its part ${name} does not match its checksum`;
    }
    parts.set(name, part);
    position += bytes;
  }
  return { meta: header.meta, parts };
}
