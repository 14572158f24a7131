import { packLz4, unpackLz4 } from './codecs/lz4.js';
import { packSnappy, unpackSnappy } from './codecs/snappy.js';
import { packZstd, unpackZstd } from './codecs/zstd.js';

/** Compression by the name it has in settings, with Kafka's number of it. */
export const compressions = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;
export type Compression = keyof typeof compressions;

/** A batch unpacked may have so many bytes: a few bytes could stand for a memory full. */
const unpackedBytesMax = 256 << 20;

interface Codec {
  readonly compress: (encoder: { readonly buffer: Buffer }) => Promise<Buffer>;
  readonly decompress: (packed: Buffer) => Promise<Buffer>;
}

/** Codecs by Kafka's number; gzip is the client's own. */
type Codecs = { [id in 2 | 3 | 4]: () => unknown };

function codec(
  pack: (bytes: Buffer) => Buffer | Promise<Buffer>,
  unpack: (packed: Buffer, bytesMax: number) => Buffer | Promise<Buffer>,
): Codec {
  return {
    compress: async ({ buffer }) => pack(buffer),
    decompress: async (packed) => unpack(packed, unpackedBytesMax),
  };
}

/**
 * Teaches the client what producers may have chosen: all are read, one is written by setting.
 * Packages are loaded when the first batch needs them.
 */
export function installCodecs(codecs: Codecs): void {
  const own = {
    [compressions.snappy]: codec(packSnappy, unpackSnappy),
    [compressions.lz4]: codec(packLz4, unpackLz4),
    [compressions.zstd]: codec(packZstd, unpackZstd),
  };
  for (const number of [2, 3, 4] as const) codecs[number] = () => own[number];
}
