import { crc32 } from 'node:zlib';

/** Version of what follows. */
export const snapshotFormat = 1;

/** Small enough for a broker's default limit of 1 MB a record. */
const chunkBytes = 900_000;

/** What a snapshot's last record says of it. */
export interface Manifest {
  readonly format: number;
  /** Unique among all snapshots of the task. */
  readonly id: string;
  readonly definition: string;
  /** Offset of the next message of the task's log. */
  readonly next: number;
  readonly atMs: number;
  readonly chunks: number;
  readonly bytes: number;
  readonly crc32: number;
  /** Offset of the first chunk in the snapshot topic. */
  readonly firstOffset: number;
  readonly parts: readonly (readonly [name: string, bytes: number])[];
}

/** A task's state as one string of bytes, cut into chunks. */
export interface Packed {
  readonly chunks: readonly Buffer[];
  readonly parts: Manifest['parts'];
  readonly bytes: number;
  readonly crc32: number;
}

/** Cuts a state's parts into chunks of at most 900 kB; the bytes are not copied. */
export function pack(state: ReadonlyMap<string, readonly Uint8Array[]>): Packed {
  const parts = [...state].map(([name, list]) => [name, lengthOf(list)] as const);
  const pieces = [...state.values()].flat();
  const chunks: Buffer[] = [];
  let sum = 0;
  let open: Uint8Array[] = [];
  let room = chunkBytes;
  const close = (): void => {
    if (open.length === 0) return;
    chunks.push(open.length === 1 ? asBuffer(open[0]!) : Buffer.concat(open));
    open = [];
    room = chunkBytes;
  };
  for (const piece of pieces) {
    sum = crc32(piece, sum);
    for (let at = 0; at < piece.length; ) {
      const taken = piece.subarray(at, at + room);
      open.push(taken);
      at += taken.length;
      room -= taken.length;
      if (room === 0) close();
    }
  }
  close();
  return { chunks, parts, bytes: lengthOf(pieces), crc32: sum };
}

/** The parts again, each on a buffer of its own; a reason where the chunks are not the state. */
export function unpack(
  manifest: Manifest,
  chunks: readonly (Uint8Array | undefined)[],
): Map<string, Uint8Array> | string {
  const missing = Array.from({ length: manifest.chunks }, (_, i) => chunks[i]).indexOf(undefined);
  if (missing >= 0) return `chunk ${missing} of ${manifest.chunks} is missing`;
  const whole = chunks as readonly Uint8Array[]; // none is missing
  const sum = whole.reduce((crc, chunk) => crc32(chunk, crc), 0);
  if (sum !== manifest.crc32 || lengthOf(whole) !== manifest.bytes)
    return 'its checksum does not match';
  const parts = new Map<string, Uint8Array>();
  let chunk = 0;
  let at = 0;
  for (const [name, bytes] of manifest.parts) {
    const part = new Uint8Array(bytes);
    for (let filled = 0; filled < bytes; ) {
      const piece = whole[chunk]!.subarray(at, at + bytes - filled);
      part.set(piece, filled);
      filled += piece.length;
      at += piece.length;
      if (at === whole[chunk]!.length) {
        chunk++;
        at = 0;
      }
    }
    parts.set(name, part);
  }
  return parts;
}

function lengthOf(list: readonly Uint8Array[]): number {
  return list.reduce((sum, { length }) => sum + length, 0);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
