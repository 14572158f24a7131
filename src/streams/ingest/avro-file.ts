import { crc32, inflateRawSync } from 'node:zlib';
import { WeirError } from '../../errors.js';
import { type AvroReader, compileAvro } from '../../records/avro-json.js';
import { type AvroCursor, AvroDamage, readInt, take } from '../../records/avro-numbers.js';
import { unpackSnappyBlock } from '../../sinks/kafka/codecs/snappy.js';
import { unpackZstd } from '../../sinks/kafka/codecs/zstd.js';
import { fileBytes } from './file-bytes.js';
import type { LineBlock } from './line-block.js';
import type { LinesOptions } from './lines.js';

// Avro 1.12, "Object Container Files".
const magic = Buffer.from('4f626a01', 'hex');
const syncBytes = 16;
/** Writers make blocks of 16 KiB to some MiB. */
const blockBytesMax = 256 << 20;
const headerBytesMax = 16 << 20;
const linesMax = 1_024;

type Unpack = (packed: Buffer) => Buffer | Promise<Buffer>;

function unpackSnappy(packed: Buffer): Buffer {
  const end = packed.length - 4;
  const bytes = unpackSnappyBlock(packed.subarray(0, Math.max(0, end)), blockBytesMax);
  if (crc32(bytes) !== packed.readUInt32BE(end)) throw new AvroDamage('a wrong checksum');
  return bytes;
}

const codecs: Readonly<Record<string, Unpack>> = {
  null: (packed) => packed,
  deflate: (packed) => inflateRawSync(packed, { maxOutputLength: blockBytesMax }),
  snappy: unpackSnappy,
  zstandard: (packed) => unpackZstd(packed, blockBytesMax),
};

/** Bytes of a file, as many at a time as are asked for. */
class Bytes {
  readonly #chunks: AsyncGenerator<Buffer, void>;
  bytes: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.#chunks = fileBytes(path);
  }

  /** Makes `bytes` at least so long, unless the file ends before. */
  async reach(length: number): Promise<void> {
    if (this.bytes.length >= length) return;
    const parts = [this.bytes];
    for (let have = this.bytes.length; have < length; ) {
      const { done, value } = await this.#chunks.next();
      if (done === true) break;
      parts.push(value);
      have += value.length;
    }
    this.bytes = Buffer.concat(parts);
  }

  drop(length: number): void {
    this.bytes = this.bytes.subarray(length);
  }

  async close(): Promise<void> {
    await this.#chunks.return();
  }
}

interface Header {
  readonly read: AvroReader;
  readonly unpack: Unpack;
  readonly sync: Buffer;
}

const startOf = (bytes: Buffer): AvroCursor => ({ bytes, at: 0, fault: '' });

/** A cursor behind the header, with what it says. */
function parseHeader(cursor: AvroCursor): Header {
  take(cursor, magic.length);
  const entries = new Map<string, Buffer>();
  for (let count = readInt(cursor); count !== 0; count = readInt(cursor)) {
    if (count < 0) readInt(cursor);
    for (let i = 0; i < Math.abs(count); i++) {
      const name = take(cursor, readInt(cursor)).toString();
      entries.set(name, take(cursor, readInt(cursor)));
    }
  }
  const sync = take(cursor, syncBytes);
  const codec = entries.get('avro.codec')?.toString() ?? 'null';
  const unpack = Object.hasOwn(codecs, codec) ? codecs[codec] : undefined;
  if (unpack === undefined) {
    throw new AvroDamage(`the codec ${codec} (${Object.keys(codecs).join(', ')} can be read)`);
  }
  const read = compileAvro(JSON.parse(entries.get('avro.schema')?.toString() ?? 'null'));
  return { read, unpack, sync: Buffer.from(sync) };
}

async function readHeader(file: Bytes): Promise<Header | null> {
  await file.reach(magic.length);
  if (file.bytes.length === 0) return null;
  if (!file.bytes.subarray(0, magic.length).equals(magic)) throw new AvroDamage('none');
  for (let length = 1 << 16; ; length *= 4) {
    await file.reach(length);
    const cursor = startOf(file.bytes);
    try {
      const header = parseHeader(cursor);
      file.drop(cursor.at);
      return header;
    } catch (error) {
      // It may only be longer than what was read of it.
      const isWhole = file.bytes.length < length || length > headerBytesMax;
      if (isWhole || !(error instanceof AvroDamage)) throw error;
    }
  }
}

/** The records of a block, unpacked; `from` of them are skipped. */
function* linesOf(
  read: AvroReader,
  bytes: Buffer,
  count: number,
  first: number,
  skipped: number,
): Generator<LineBlock, void> {
  if (count > bytes.length) throw new AvroDamage('a block with more records than bytes');
  const cursor = startOf(bytes);
  let lines: string[] = [];
  let faults: Map<number, string> | null = null;
  for (let i = 0; i < count; i++) {
    cursor.fault = '';
    const text = read(cursor);
    if (i < skipped) continue;
    if (cursor.fault !== '') {
      faults ??= new Map();
      faults.set(lines.length, cursor.fault);
    }
    lines.push(text);
    if (lines.length < linesMax && i + 1 < count) continue;
    yield { first: first + i + 1 - lines.length, lines, faults };
    lines = [];
    faults = null;
  }
  if (cursor.at !== bytes.length) throw new AvroDamage('a block longer than its records');
}

interface Block {
  readonly count: number;
  readonly packed: Buffer;
}

/** The next block as it stands in the file; null at the end. */
async function nextBlock(file: Bytes, sync: Buffer): Promise<Block | null> {
  await file.reach(20);
  if (file.bytes.length === 0) return null;
  const cursor = startOf(file.bytes);
  const count = readInt(cursor);
  const length = readInt(cursor);
  const start = cursor.at;
  if (count < 0 || length < 0 || length > blockBytesMax) {
    throw new AvroDamage(`a block of ${count} records in ${length} bytes`);
  }
  const end = start + length + syncBytes;
  await file.reach(end);
  if (file.bytes.length < end) throw new AvroDamage('the end within a block');
  const packed = file.bytes.subarray(start, start + length);
  if (!file.bytes.subarray(start + length, end).equals(sync)) {
    throw new AvroDamage('a block without its mark behind it');
  }
  file.drop(end);
  return { count, packed };
}

/**
 * The records of an Avro object container file as JSON text, in blocks.
 *
 * Each takes one offset, from 0. Of a damaged file comes what stands before the damaged block, then
 * the error. Errors: `input-missing`, `input-unreadable`.
 */
export async function* avroBlocks(
  path: string,
  options: LinesOptions = {},
): AsyncGenerator<LineBlock, void> {
  const from = options.fromOffset ?? 0;
  const file = new Bytes(path);
  let next = 0;
  try {
    const header = await readHeader(file);
    if (header === null) return;
    for (;;) {
      const block = await nextBlock(file, header.sync);
      if (block === null) return;
      const { count, packed } = block;
      if (next + count > from) {
        const bytes = await header.unpack(packed);
        yield* linesOf(header.read, bytes, count, next, Math.max(0, from - next));
      }
      next += count;
    }
  } catch (error) {
    if (error instanceof WeirError) throw error;
    throw new WeirError(
      'input-unreadable',
      `${path}: expected an Avro object container file, found ${(error as Error).message} after ${next} records; make the file again`,
      { cause: error, place: { path } },
    );
  } finally {
    await file.close();
  }
}
