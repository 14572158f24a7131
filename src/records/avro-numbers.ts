/** Where a reader stands in Avro's binary form of a value. */
export interface AvroCursor {
  bytes: Buffer;
  at: number;
  /** Why the value is no valid record although it could be read to its end; '' where it is. */
  fault: string;
}

/** Thrown where the bytes are not of the schema; never leaves the readers of this project. */
export class AvroDamage extends Error {}

const torn = 'the bytes end within the record';

/** Largest exponent of 2 at which a byte of a varint may begin: ten bytes hold 64 bits. */
const lastByteAt = 2 ** 63;

/** A zigzag varint; a bigint where a number would lose digits. */
export function readLong(cursor: AvroCursor): number | bigint {
  const { bytes } = cursor;
  const start = cursor.at;
  let at = start;
  let n = 0;
  let shift = 0;
  let byte: number;
  do {
    byte = bytes[at++] as number; // beyond the end undefined, which ends the loop
    n |= (byte & 127) << shift;
    shift += 7;
  } while (byte > 127 && shift < 28);
  for (let unit = 2 ** 28; byte > 127; unit *= 128) {
    if (unit > lastByteAt) throw new AvroDamage('a whole number has more than 64 bits');
    byte = bytes[at++] as number; // as above
    n += (byte & 127) * unit;
  }
  if (at > bytes.length) throw new AvroDamage(torn);
  cursor.at = at;
  if (n > Number.MAX_SAFE_INTEGER) return wideLong(bytes, start, at);
  return n % 2 === 0 ? n / 2 : -(n + 1) / 2;
}

function wideLong(bytes: Buffer, start: number, end: number): bigint {
  let n = 0n;
  for (let at = end - 1; at >= start; at--) n = (n << 7n) | BigInt(bytes[at]! & 127);
  return BigInt.asIntN(64, (n >> 1n) ^ -(n & 1n));
}

/** A whole number that must be one, such as an index or a count. */
export function readInt(cursor: AvroCursor): number {
  const value = readLong(cursor);
  if (typeof value === 'bigint') throw new AvroDamage('a count or index is beyond 2^53');
  return value;
}

/** The next `length` bytes, as a view. */
export function take(cursor: AvroCursor, length: number): Buffer {
  const end = cursor.at + length;
  if (length < 0 || end > cursor.bytes.length) throw new AvroDamage(torn);
  const found = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return found;
}

/** Moves over `length` bytes; gives where they start. */
export function skip(cursor: AvroCursor, length: number): number {
  const start = cursor.at;
  if (length < 0 || start + length > cursor.bytes.length) throw new AvroDamage(torn);
  cursor.at = start + length;
  return start;
}

/** A long as JSON: a text where a number would lose digits. */
export function longJson(value: number | bigint): string {
  return Number.isSafeInteger(Number(value)) ? String(value) : `"${value}"`;
}

/** A double as JSON; a text, which no number field takes, where JSON has no such number. */
export function doubleJson(value: number): string {
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

/** An unscaled two's complement number as decimal JSON; a text beyond 15 digits. */
export function decimalJson(bytes: Buffer, scale: number): string {
  const hex = bytes.toString('hex');
  const unscaled = hex === '' ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`));
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const part = scale === 0 ? '' : `.${digits.slice(digits.length - scale)}`;
  const text = `${unscaled < 0n ? '-' : ''}${whole}${part}`;
  return digits.length > 15 ? `"${text}"` : text;
}
