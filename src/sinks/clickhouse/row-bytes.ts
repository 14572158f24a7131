/** Bytes being written: `at` is where the next goes. */
export interface RowBytes {
  bytes: Buffer;
  /** Over the same memory: it writes a Float64 in one machine instruction. */
  view: DataView;
  at: number;
}

export function createRowBytes(size: number): RowBytes {
  const bytes = Buffer.allocUnsafeSlow(size);
  return { bytes, view: viewOf(bytes), at: 0 };
}

/** Makes room for `count` bytes more. */
export function reserve(out: RowBytes, count: number): void {
  const least = out.at + count;
  if (least <= out.bytes.length) return;
  const wider = Buffer.allocUnsafeSlow(Math.max(least, 2 * out.bytes.length));
  out.bytes.copy(wider, 0, 0, out.at);
  out.bytes = wider;
  out.view = viewOf(wider);
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** LEB128, as ClickHouse writes lengths. */
export function writeLength(out: RowBytes, length: number): void {
  reserve(out, 5);
  let rest = length;
  while (rest > 127) {
    out.bytes[out.at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  out.bytes[out.at++] = rest;
}

/** 0 to 5 bytes before a text, by how long it is. */
function lengthBytes(length: number): number {
  let count = 1;
  for (let rest = length; rest > 127; rest >>>= 7) count += 1;
  return count;
}

/** Texts up to here are copied by a loop: a call into Node takes longer. */
const shortText = 24;

/** Half of a pair, which UTF-8 has no bytes for: written as JSON does, so that keys stay apart. */
const loneSurrogate = /\p{Surrogate}/gu;

function escaped(half: string): string {
  return `\\u${half.charCodeAt(0).toString(16)}`;
}

/** UTF-8 with its length. */
export function writeText(out: RowBytes, text: string): void {
  const { length } = text;
  reserve(out, 5 + 3 * length);
  if (length <= shortText && writeAscii(out, text)) return;
  const guess = lengthBytes(length);
  const count = out.bytes.write(text, out.at + guess);
  if (count !== length && text.search(loneSurrogate) >= 0) {
    writeText(out, text.replace(loneSurrogate, escaped));
    return;
  }
  const needed = lengthBytes(count);
  if (needed !== guess) {
    out.bytes.copyWithin(out.at + needed, out.at + guess, out.at + guess + count);
  }
  writeLength(out, count);
  out.at += count;
}

/** False, and nothing is written, where a character takes more than a byte. */
function writeAscii(out: RowBytes, text: string): boolean {
  const { bytes, at } = out;
  const { length } = text;
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 127) return false;
    bytes[at + 1 + i] = code;
  }
  bytes[at] = length;
  out.at = at + 1 + length;
  return true;
}

/** 64 bits hold whole numbers from `least`, included, to `limit`, excluded. */
export const signed = { least: -(2 ** 63), limit: 2 ** 63 } as const;
export const unsigned = { least: 0, limit: 2 ** 64 } as const;

/** An Int64 or UInt64; false where it cannot hold the value. */
export function writeWhole(
  out: RowBytes,
  value: number,
  range: typeof signed | typeof unsigned,
): boolean {
  if (!Number.isInteger(value) || value < range.least || value >= range.limit) return false;
  reserve(out, 8);
  const { view, at } = out;
  view.setUint32(at, value >>> 0, true); // modulo 2^32, of a negative number too
  view.setInt32(at + 4, Math.floor(value / 2 ** 32) | 0, true);
  out.at = at + 8;
  return true;
}
