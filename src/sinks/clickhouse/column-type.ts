import { WeirError } from '../../errors.js';
import {
  type RowBytes,
  reserve,
  signed,
  unsigned,
  writeLength,
  writeText,
  writeWhole,
} from './row-bytes.js';

/** Bytes being read back. */
export interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

/** How values of a ClickHouse type stand in RowBinary. */
export interface ColumnType {
  /** False where the type cannot hold the value; part of it may have been written. */
  readonly write: (out: RowBytes, value: unknown) => boolean;
  /** The value as it was given; what a double cannot hold exactly is rounded. */
  readonly read: (cursor: Cursor) => unknown;
}

const string: ColumnType = {
  write: (out, value) => {
    if (typeof value !== 'string') return false;
    writeText(out, value);
    return true;
  },
  read: (cursor) => {
    const end = readLength(cursor) + cursor.at; // reading the length moves `at`
    const text = cursor.bytes.toString('utf8', cursor.at, end);
    cursor.at = end;
    return text;
  },
};

function int64(range: typeof signed | typeof unsigned): ColumnType {
  return {
    write: (out, value) => typeof value === 'number' && writeWhole(out, value, range),
    read: (cursor) => {
      cursor.at += 8;
      const at = cursor.at - 8;
      const { bytes } = cursor;
      return Number(range === signed ? bytes.readBigInt64LE(at) : bytes.readBigUInt64LE(at));
    },
  };
}

const int32: ColumnType = {
  write: (out, value) => {
    if (typeof value !== 'number' || (value | 0) !== value) return false;
    reserve(out, 4);
    out.view.setInt32(out.at, value, true);
    out.at += 4;
    return true;
  },
  read: (cursor) => {
    cursor.at += 4;
    return cursor.bytes.readInt32LE(cursor.at - 4);
  },
};

const float64: ColumnType = {
  write: (out, value) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return false;
    reserve(out, 8);
    out.view.setFloat64(out.at, value + 0, true); // no -0
    out.at += 8;
    return true;
  },
  read: (cursor) => {
    cursor.at += 8;
    return cursor.bytes.readDoubleLE(cursor.at - 8);
  },
};

const plain: Readonly<Record<string, ColumnType>> = {
  String: string,
  Int32: int32,
  Int64: int64(signed),
  UInt64: int64(unsigned),
  "DateTime64(3, 'UTC')": int64(signed), // its ticks are milliseconds
  Float64: float64,
};

type Make = (...inner: readonly ColumnType[]) => ColumnType;

const nested: Readonly<Record<string, Make>> = {
  LowCardinality: (inner) => inner!, // RowBinary has no dictionaries
  Nullable: (inner) => ({
    write: (out, value) => {
      const absent = value == null || (typeof value === 'number' && !Number.isFinite(value));
      reserve(out, 1);
      out.bytes[out.at++] = absent ? 1 : 0;
      return absent || inner!.write(out, value);
    },
    read: (cursor) => (cursor.bytes[cursor.at++] === 1 ? null : inner!.read(cursor)),
  }),
  Array: (inner) => ({
    write: (out, value) => {
      if (!Array.isArray(value)) return false;
      writeLength(out, value.length);
      return value.every((one) => inner!.write(out, one));
    },
    read: (cursor) => Array.from({ length: readLength(cursor) }, () => inner!.read(cursor)),
  }),
  Tuple: (...inner) => ({
    write: (out, value) =>
      Array.isArray(value) &&
      value.length === inner.length &&
      inner.every((type, i) => type.write(out, value[i])),
    read: (cursor) => inner.map((type) => type.read(cursor)),
  }),
  Map: (key, inner) => ({
    write: (out, value) => {
      if (typeof value !== 'object' || value === null) return false;
      const entries = Object.entries(value);
      writeLength(out, entries.length);
      return entries.every(([name, one]) => key!.write(out, name) && inner!.write(out, one));
    },
    read: (cursor) => {
      const entries = Array.from({ length: readLength(cursor) }, () => [
        key!.read(cursor),
        inner!.read(cursor),
      ]);
      return Object.fromEntries(entries);
    },
  }),
};

/**
 * The type by its name as system.columns shows it. NaN and infinities are null where a column may
 * be null, and refused where it may not. @throws WeirError internal for a type that is not used yet
 */
export function columnType(name: string): ColumnType {
  const found = plain[name];
  if (found !== undefined) return found;
  const [, outer = '', inner = ''] = /^(\w+)\((.*)\)$/.exec(name) ?? [];
  const make = nested[outer];
  if (make === undefined) throw new WeirError('internal', `type ${name} cannot be written yet`);
  return make(...splitTypes(inner).map(columnType));
}

/** Splits at commas outside of parentheses. */
function splitTypes(list: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of list) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim());
}

function readLength(cursor: Cursor): number {
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = cursor.bytes[cursor.at++]!;
    length |= (byte & 127) << shift;
    if (byte < 128) return length;
  }
}
