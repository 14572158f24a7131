import { fileBytes } from './file-bytes.js';
import { blockOf, keptBytes, type LineBlock, startOfLine, tooLong } from './line-block.js';

const newline = 10;
/**
 * V8 gives a text of 128 KiB or more a page of its own: 120 ns a line against 320, garbage
 * included.
 */
const pieceBytes = 96 << 10;
const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf);

export interface LinesOptions {
  /** First offset wanted; the lines before it are counted, not read. */
  readonly fromOffset?: number;
  /** A longer line is invalid and is not kept, bytes. */
  readonly lineBytesMax?: number;
}

export const lineBytesMaxDefault = 16 << 20;

/**
 * Drops up to `lines` whole lines from the front; answers where the rest starts and how many it
 * met.
 */
function skipLines(bytes: Buffer, lines: number): { readonly at: number; readonly met: number } {
  let at = 0;
  let met = 0;
  while (met < lines) {
    const found = bytes.indexOf(newline, at);
    if (found < 0) break;
    at = found + 1;
    met++;
  }
  return { at, met };
}

/** Whole lines from chunks that end anywhere: what a chunk leaves over waits for the next. */
interface Carry {
  readonly chunks: Buffer[];
  /** Of the line so far; beyond the limit only its start is kept. */
  bytes: number;
}

function keep(carry: Carry, bytes: Buffer, bytesMax: number): void {
  const before = carry.bytes;
  carry.bytes += bytes.length;
  if (before < keptBytes || carry.bytes <= bytesMax) carry.chunks.push(bytes);
}

/** What was carried as a block of one line; the carry is empty afterwards. */
function carriedLine(carry: Carry, first: number, bytesMax: number): LineBlock {
  const bytes = Buffer.concat(carry.chunks);
  const isTooLong = carry.bytes > bytesMax;
  carry.chunks.length = 0;
  carry.bytes = 0;
  if (isTooLong) {
    return { first, lines: [startOfLine(bytes)], faults: new Map([[0, tooLong(bytesMax)]]) };
  }
  // An empty piece of a line is a line here, and none to a splitter.
  return bytes.length === 0
    ? { first, lines: [''], faults: null }
    : blockOf(bytes, first, bytesMax);
}

/** Whole lines in pieces of up to 96 KiB, or of one longer line. */
export function* pieces(bytes: Buffer): Generator<Buffer, void> {
  for (let start = 0; start < bytes.length; ) {
    let end = bytes.length;
    if (end - start > pieceBytes) {
      const found = bytes.lastIndexOf(newline, start + pieceBytes - 1);
      end = (found >= start ? found : bytes.indexOf(newline, start)) + 1;
    }
    yield bytes.subarray(start, end);
    start = end;
  }
}

/** A file's bytes after its byte order mark. */
export async function* withoutMark(path: string): AsyncGenerator<Buffer, void> {
  let start: Buffer | null = Buffer.alloc(0);
  for await (const chunk of fileBytes(path)) {
    if (start === null) {
      yield chunk;
      continue;
    }
    start = Buffer.concat([start, chunk]);
    if (start.length < byteOrderMark.length) continue;
    yield start.subarray(0, 3).equals(byteOrderMark) ? start.subarray(3) : start;
    start = null;
  }
  if (start !== null) yield start;
}

/**
 * The lines of a file, plain or gzip, in blocks of up to 96 KiB or one line.
 *
 * Each line takes one offset, from 0; a last line without its end counts. A line that is too long
 * or not UTF-8 stands in its block with a fault. Errors: `input-missing`, `input-unreadable`.
 */
export async function* lineBlocks(
  path: string,
  options: LinesOptions = {},
): AsyncGenerator<LineBlock, void> {
  const bytesMax = options.lineBytesMax ?? lineBytesMaxDefault;
  let toSkip = options.fromOffset ?? 0;
  let first = toSkip;
  const carry: Carry = { chunks: [], bytes: 0 };
  for await (const chunk of withoutMark(path)) {
    let rest = chunk;
    if (toSkip > 0) {
      const { at, met } = skipLines(rest, toSkip);
      toSkip -= met;
      if (toSkip > 0) continue;
      rest = rest.subarray(at);
    }
    const end = rest.lastIndexOf(newline) + 1;
    if (end > 0) {
      const cut = carry.chunks.length === 0 ? 0 : rest.indexOf(newline) + 1;
      if (cut > 0) {
        keep(carry, rest.subarray(0, cut - 1), bytesMax);
        const block = carriedLine(carry, first, bytesMax);
        first += block.lines.length;
        yield block;
      }
      for (const piece of pieces(rest.subarray(cut, end))) {
        const block = blockOf(piece, first, bytesMax);
        first += block.lines.length;
        yield block;
      }
    }
    if (end < rest.length) keep(carry, rest.subarray(end), bytesMax);
  }
  if (toSkip === 0 && carry.chunks.length > 0) {
    yield carriedLine(carry, first, bytesMax);
  }
}
