import { isAscii, isUtf8 } from 'node:buffer';
import avro from 'avsc';
import { assert } from '../../errors.js';
import { type AvroReader, compileAvro, readWhole } from '../../records/avro-json.js';
import type { AvroCursor } from '../../records/avro-numbers.js';
import type { RecordSchema, Registry } from './registry.js';

/** How a topic's values are written. */
export type ValueFormat = 'json' | 'avro';

/** Records as JSON text, parallel to the values they were read from. */
export interface ReadValues {
  readonly texts: readonly string[];
  /** By index, why a value cannot be read; null where all can. Its text is what can be shown. */
  readonly faults: ReadonlyMap<number, string> | null;
}

export interface ValueReader {
  /**
   * Reads the values of records. Only a schema that was not met before makes it ask the registry,
   * and wait for it while it is down; all else is one loop.
   */
  readAll(values: readonly (Buffer | null)[]): Promise<ReadValues>;
}

/** Writes a record as the value of a message. */
export type ValueWriter = (record: object) => Buffer;

const tombstone =
  'expected a record, found no value (a tombstone); rows are cleared by null fields';
const empty = 'expected a record, found an empty value';
/** Bytes before an Avro record: 0 and the schema's id, big-endian. */
const prefixBytes = 5;
/** Schemas kept; topics have a handful, and an id costs one request. */
const schemasMax = 1_000;
/** An id that the registry does not know is asked for again after so long, ms. */
const unknownMs = 10_000;

/** @param registry null for JSON, which needs none */
export function createValueReader(format: ValueFormat, registry: Registry | null): ValueReader {
  if (format === 'json') return { readAll: async (values) => readEach(values, readJson) };
  assert(registry !== null, 'Avro is read with a registry');
  return new AvroValues(registry);
}

/** What one value is; `fault` is '' where it is a record. Written anew by every value. */
interface Found {
  text: string;
  fault: string;
}

function readEach(
  values: readonly (Buffer | null)[],
  read: (value: Buffer, found: Found) => void,
): ReadValues {
  const texts = new Array<string>(values.length);
  let faults: Map<number, string> | null = null;
  const found: Found = { text: '', fault: '' };
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null;
    found.fault = '';
    if (value === null || value.length === 0) {
      found.text = '';
      found.fault = value === null ? tombstone : empty;
    } else read(value, found);
    texts[i] = found.text;
    if (found.fault !== '') {
      faults ??= new Map();
      faults.set(i, found.fault);
    }
  }
  return { texts, faults };
}

function refuse(value: Buffer, found: Found, fault: string): void {
  found.text = `base64:${value.toString('base64')}`;
  found.fault = fault;
}

function readJson(value: Buffer, found: Found): void {
  if (isAscii(value)) found.text = value.toString('latin1');
  else if (isUtf8(value)) found.text = value.toString();
  else refuse(value, found, 'not valid UTF-8');
}

type Known =
  | { readonly read: AvroReader; readonly reason: null }
  | { readonly read: null; readonly reason: string; readonly untilMs: number };

/** The id of the schema that a value was written with; −1 where it names none. */
function schemaIdOf(value: Buffer | null): number {
  return value !== null && value.length >= prefixBytes && value[0] === 0
    ? value.readUInt32BE(1)
    : -1;
}

class AvroValues implements ValueReader {
  readonly #registry: Registry;
  readonly #known = new Map<number, Known>();
  readonly #cursor: AvroCursor = { bytes: Buffer.alloc(0), at: 0, fault: '' };

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  async readAll(values: readonly (Buffer | null)[]): Promise<ReadValues> {
    let wanted = this.#unknown(values, true);
    // Again while something is missing: what was kept may have gone for another call's sake.
    for (; wanted.size > 0; wanted = this.#unknown(values, false)) {
      // One after the other: a flood of made-up ids is no reason to press the registry.
      for (const id of wanted) this.#known.set(id, await this.#look(id));
    }
    const read = readEach(values, (value, found) => this.#read(value, found));
    this.#trim(); // afterwards: what this batch needs must stay
    return read;
  }

  /** Ids that are not known; those that the registry did not have some time ago where `again`. */
  #unknown(values: readonly (Buffer | null)[], again: boolean): ReadonlySet<number> {
    const wanted = new Set<number>();
    let last = -1;
    for (const value of values) {
      const id = schemaIdOf(value);
      if (id === last) continue;
      last = id;
      const known = this.#known.get(id);
      const isOld = again && known?.reason != null && known.untilMs < Date.now();
      if (id >= 0 && (known === undefined || isOld)) wanted.add(id);
    }
    return wanted;
  }

  async #look(id: number): Promise<Known> {
    const found = await this.#registry.schemaOf(id);
    const untilMs = Date.now() + unknownMs;
    if (!found.ok) return { read: null, reason: found.reason, untilMs };
    try {
      return { read: compileAvro(found.schema), reason: null };
    } catch (error) {
      return { read: null, reason: `schema ${id}: ${(error as Error).message}`, untilMs };
    }
  }

  #trim(): void {
    for (const id of this.#known.keys()) {
      if (this.#known.size <= schemasMax) return;
      this.#known.delete(id);
    }
  }

  #read(value: Buffer, found: Found): void {
    const known = this.#known.get(schemaIdOf(value));
    if (known === undefined || known.read === null) {
      const reason = known?.reason ?? 'expected a zero byte and a schema id before an Avro record';
      refuse(value, found, reason);
      return;
    }
    const text = readWhole(known.read, this.#cursor, value, prefixBytes);
    if (this.#cursor.fault === '') found.text = text;
    else refuse(value, found, this.#cursor.fault);
  }
}

/**
 * A writer of values; one of Avro registers its schema under the subject first.
 * @throws WeirError schema-incompatible, registry-failed
 */
export async function createValueWriter(
  format: ValueFormat,
  registry: Registry | null,
  subject: string,
  schema: RecordSchema,
): Promise<ValueWriter> {
  if (format === 'json') return (record) => Buffer.from(JSON.stringify(record));
  assert(registry !== null, 'Avro is written with a registry');
  const id = await registry.register(subject, schema);
  const type = avro.Type.forSchema(schema as avro.Schema); // parsed JSON of schemas/
  let room = Buffer.allocUnsafeSlow(64 << 10);
  return (record) => {
    let end = type.encode(record, room, prefixBytes);
    if (end < 0) {
      room = Buffer.allocUnsafeSlow(2 * (room.length - end)); // less by what is missing
      end = type.encode(record, room, prefixBytes);
    }
    room[0] = 0;
    room.writeUInt32BE(id, 1);
    return Buffer.from(room.subarray(0, end));
  };
}

/** The subject of a topic's values (TopicNameStrategy). */
export function subjectOf(topic: string): string {
  return `${topic}-value`;
}
