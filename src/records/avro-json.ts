import { isUtf8 } from 'node:buffer';
import {
  type AvroCursor,
  AvroDamage,
  decimalJson,
  doubleJson,
  longJson,
  readInt,
  readLong,
  skip,
  take,
} from './avro-numbers.js';
import { dateJson, instantJson } from './avro-times.js';

/** Reads one value and gives it as JSON text. */
export type AvroReader = (cursor: AvroCursor) => string;

type Schema = Readonly<Record<string, unknown>>;

const isSchema = (node: unknown): node is Schema =>
  typeof node === 'object' && node !== null && !Array.isArray(node);

function readString(cursor: AvroCursor): string {
  const length = readInt(cursor);
  const start = skip(cursor, length);
  const text = cursor.bytes.toString('utf8', start, cursor.at);
  // What cannot be decoded becomes U+FFFD; only a text that has one is looked at twice.
  if (text.includes('\ufffd') && !isUtf8(cursor.bytes.subarray(start, cursor.at))) {
    cursor.fault = 'a text in it is not valid UTF-8';
  }
  return text;
}

const primitives: Readonly<Record<string, AvroReader>> = {
  null: () => 'null',
  boolean: (cursor) => (cursor.bytes[skip(cursor, 1)] === 0 ? 'false' : 'true'),
  int: (cursor) => longJson(readLong(cursor)),
  long: (cursor) => longJson(readLong(cursor)),
  float: (cursor) => doubleJson(cursor.bytes.readFloatLE(skip(cursor, 4))),
  double: (cursor) => doubleJson(cursor.bytes.readDoubleLE(skip(cursor, 8))),
  bytes: (cursor) => `"${take(cursor, readInt(cursor)).toString('base64')}"`,
  string: (cursor) => JSON.stringify(readString(cursor)),
};

/** What a logical type makes of its underlying one; others are read as what they are made of. */
const logical: Readonly<Record<string, AvroReader>> = {
  'long timestamp-millis': (cursor) => instantJson(readLong(cursor), 1, 'Z'),
  'long timestamp-micros': (cursor) => instantJson(readLong(cursor), 1_000, 'Z'),
  'long timestamp-nanos': (cursor) => instantJson(readLong(cursor), 1_000_000, 'Z'),
  'long local-timestamp-millis': (cursor) => instantJson(readLong(cursor), 1, ''),
  'long local-timestamp-micros': (cursor) => instantJson(readLong(cursor), 1_000, ''),
  'int date': (cursor) => dateJson(readInt(cursor)),
};

/**
 * Compiles an Avro schema to a function from the binary form to JSON text in the schema's shape.
 *
 * Unions are plain, bytes base64, instants ISO 8601 in UTC, whole numbers beyond 2^53 texts. Avro
 * has no absent fields: a null where null is the field's default is left out.
 * @param schema parsed JSON
 * @throws AvroDamage where it is no schema; the readers throw it where bytes are not of the schema
 */
export function compileAvro(schema: unknown): AvroReader {
  return new Compiler().reader(schema, '');
}

/** Reads a value that must be all of `bytes`; a text that begins with no `{` may be a fault. */
export function readWhole(read: AvroReader, cursor: AvroCursor, bytes: Buffer, at: number): string {
  cursor.bytes = bytes;
  cursor.at = at;
  cursor.fault = '';
  try {
    const text = read(cursor);
    if (cursor.at < bytes.length) cursor.fault = `${bytes.length - cursor.at} bytes are left over`;
    return text;
  } catch (error) {
    // A value may nest as deep as it likes, and so can end the stack.
    if (!(error instanceof AvroDamage || error instanceof RangeError)) throw error;
    cursor.fault = error.message;
    return '';
  }
}

class Compiler {
  readonly #named = new Map<string, AvroReader>();

  reader(node: unknown, namespace: string): AvroReader {
    if (Array.isArray(node)) return this.#union(node, namespace);
    if (typeof node === 'string') return this.#byName(node, namespace);
    if (!isSchema(node)) throw new AvroDamage(`expected a type, found ${JSON.stringify(node)}`);
    switch (node.type) {
      case 'record':
      case 'error':
        return this.#record(node, namespace);
      case 'enum':
        return this.#enum(node, namespace);
      case 'fixed':
        return this.#fixed(node, namespace);
      case 'array':
        return this.#list(node.items, namespace);
      case 'map':
        return this.#map(node.values, namespace);
      case 'bytes':
        return node.logicalType === 'decimal' ? decimalOf(node, readInt) : primitives.bytes!;
      default:
        return logical[`${node.type} ${node.logicalType}`] ?? this.reader(node.type, namespace);
    }
  }

  #byName(name: string, namespace: string): AvroReader {
    const found =
      (namespace === '' ? undefined : this.#named.get(`${namespace}.${name}`)) ??
      this.#named.get(name) ??
      (Object.hasOwn(primitives, name) ? primitives[name] : undefined);
    if (found === undefined) throw new AvroDamage(`the type ${name} is defined nowhere`);
    return found;
  }

  /** Makes a named type known; gives the namespace within it. */
  #define({ name, namespace }: Schema, outer: string, read: AvroReader): string {
    const own = String(name);
    const space = typeof namespace === 'string' ? namespace : outer;
    const full = own.includes('.') || space === '' ? own : `${space}.${own}`;
    this.#named.set(full, read);
    return full.slice(0, Math.max(0, full.lastIndexOf('.')));
  }

  #record(node: Schema, outer: string): AvroReader {
    let reads: readonly AvroReader[] = [];
    let names: readonly string[] = [];
    let omitted: readonly boolean[] = [];
    const read: AvroReader = (cursor) => {
      let text = '{';
      for (let i = 0; i < reads.length; i++) {
        const value = reads[i]!(cursor);
        if (omitted[i] === true && value === 'null') continue;
        text += text.length === 1 ? names[i] + value : `,${names[i]}${value}`;
      }
      return `${text}}`;
    };
    const space = this.#define(node, outer, read); // before its fields: it may hold itself
    const fields = Array.isArray(node.fields) ? node.fields.filter(isSchema) : [];
    reads = fields.map((field) => this.reader(field.type, space));
    names = fields.map((field) => `${JSON.stringify(field.name)}:`);
    omitted = fields.map((field) => field.default === null);
    return read;
  }

  #enum(node: Schema, outer: string): AvroReader {
    const symbols = Array.isArray(node.symbols)
      ? node.symbols.map((one) => JSON.stringify(one))
      : [];
    const read: AvroReader = (cursor) => {
      const symbol = symbols[readInt(cursor)];
      if (symbol === undefined) throw new AvroDamage(`${node.name} has no such symbol`);
      return symbol;
    };
    this.#define(node, outer, read);
    return read;
  }

  #fixed(node: Schema, outer: string): AvroReader {
    const size = Number(node.size);
    const read: AvroReader =
      node.logicalType === 'decimal'
        ? decimalOf(node, () => size)
        : (cursor) => `"${take(cursor, size).toString('base64')}"`;
    this.#define(node, outer, read);
    return read;
  }

  #union(branches: readonly unknown[], namespace: string): AvroReader {
    const reads = branches.map((branch) => this.reader(branch, namespace));
    return (cursor) => {
      const read = reads[readInt(cursor)];
      if (read === undefined) throw new AvroDamage('a union has no such branch');
      return read(cursor);
    };
  }

  #list(items: unknown, namespace: string): AvroReader {
    const read = this.reader(items, namespace);
    return (cursor) => `[${readItems(cursor, read).join(',')}]`;
  }

  #map(values: unknown, namespace: string): AvroReader {
    const read = this.reader(values, namespace);
    const pair: AvroReader = (cursor) => `${JSON.stringify(readString(cursor))}:${read(cursor)}`;
    return (cursor) => `{${readItems(cursor, pair).join(',')}}`;
  }
}

function decimalOf(node: Schema, sizeOf: (cursor: AvroCursor) => number): AvroReader {
  const scale = Number(node.scale ?? 0);
  return (cursor) => decimalJson(take(cursor, sizeOf(cursor)), scale);
}

/** The items of an array or a map: blocks of a count, negative before a size, until one of 0. */
function readItems(cursor: AvroCursor, read: AvroReader): string[] {
  const items: string[] = [];
  for (let count = readInt(cursor); count !== 0; count = readInt(cursor)) {
    if (count < 0) readInt(cursor);
    const length = Math.abs(count);
    // Items without bytes would let a few bytes stand for any number of them.
    if (length > cursor.bytes.length - cursor.at) throw new AvroDamage('more items than bytes');
    for (let i = 0; i < length; i++) items.push(read(cursor));
  }
  return items;
}
