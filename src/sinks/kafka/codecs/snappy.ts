import { createRequire } from 'node:module';
import { WeirError } from '../../../errors.js';

/** What is used of the package, which brings no types. */
interface Snappy {
  readonly compress: (bytes: Buffer) => Buffer;
  readonly uncompress: (bytes: Buffer, lengthMax: number) => Buffer;
}

let loaded: Snappy | null = null;

function snappy(): Snappy {
  try {
    loaded ??= createRequire(import.meta.url)('snappyjs') as Snappy; // its README names both
    return loaded;
  } catch (cause) {
    throw new WeirError(
      'kafka-failed',
      'snappy: expected the package snappyjs, found none; install the dependencies again (npm ci)',
      { cause },
    );
  }
}

/** The frame of snappy-java, which Kafka's clients write: this, then blocks after their lengths. */
const magic = Buffer.from('82534e4150505900', 'hex');
const header = Buffer.concat([magic, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])]);
const blockBytes = 32 << 10;

/** A block without a frame, as Avro files have it. @throws Error where it is none */
export function unpackSnappyBlock(packed: Buffer, bytesMax: number): Buffer {
  return snappy().uncompress(packed, bytesMax);
}

export function packSnappy(bytes: Buffer): Buffer {
  const parts: Buffer[] = [header];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const packed = snappy().compress(bytes.subarray(at, at + blockBytes));
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(packed.length);
    parts.push(length, packed);
  }
  return Buffer.concat(parts);
}

/** Framed as by Java, or one block as other clients write it. @throws Error where it is neither */
export function unpackSnappy(packed: Buffer, bytesMax: number): Buffer {
  if (!packed.subarray(0, magic.length).equals(magic)) return unpackSnappyBlock(packed, bytesMax);
  const parts: Buffer[] = [];
  let left = bytesMax;
  for (let at = header.length; at < packed.length; ) {
    const start = at + 4;
    at = start + packed.readUInt32BE(at);
    if (at > packed.length) throw new RangeError('snappy: a block is cut off');
    const part = unpackSnappyBlock(packed.subarray(start, at), left);
    left -= part.length;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
