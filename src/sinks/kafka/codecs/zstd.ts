import { WeirError } from '../../../errors.js';

type Zstd = typeof import('@bokuweb/zstd-wasm');

let loading: Promise<Zstd> | null = null;

async function load(): Promise<Zstd> {
  try {
    const zstd = await import('@bokuweb/zstd-wasm');
    await zstd.init();
    return zstd;
  } catch (cause) {
    throw new WeirError(
      'kafka-failed',
      'zstd: expected the package @bokuweb/zstd-wasm, found none that runs; install the dependencies again (npm ci)',
      { cause },
    );
  }
}

const level = 3;
const frameMagic = 0xfd2fb528;
const firstBytes = 1 << 20;
/** What the library says where the room is too small (ZSTD_error_dstSize_tooSmall). */
const tooSmall = /code -70$/;

export async function packZstd(bytes: Buffer): Promise<Buffer> {
  loading ??= load();
  return Buffer.from((await loading).compress(bytes, level));
}

/** @throws Error where it is no whole frame, or larger than `bytesMax` */
export async function unpackZstd(packed: Buffer, bytesMax: number): Promise<Buffer> {
  loading ??= load();
  const zstd = await loading;
  const stated = contentBytes(packed);
  if (stated !== null && stated > bytesMax)
    throw new RangeError(`zstd: more than ${bytesMax} bytes`);
  // Kafka's own clients stream and state no length.
  for (let room = Math.max(firstBytes, 4 * packed.length); ; room *= 4) {
    try {
      return Buffer.from(zstd.decompress(packed, { defaultHeapSize: Math.min(room, bytesMax) }));
    } catch (error) {
      const isLarger = error instanceof Error && tooSmall.test(error.message);
      if (!isLarger || stated !== null || room >= bytesMax) throw error;
    }
  }
}

/** The length that a frame states; null where it states none. */
function contentBytes(packed: Buffer): number | null {
  if (packed.length < 6 || packed.readUInt32LE(0) !== frameMagic) {
    throw new RangeError('zstd: no frame');
  }
  const descriptor = packed[4]!;
  const isSingle = (descriptor & 32) !== 0;
  const at = 5 + (isSingle ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  switch (descriptor >> 6) {
    case 0:
      return isSingle ? packed.readUInt8(at) : null;
    case 1:
      return packed.readUInt16LE(at) + 256;
    case 2:
      return packed.readUInt32LE(at);
    default:
      return Number(packed.readBigUInt64LE(at));
  }
}
