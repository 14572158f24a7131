import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import avro from 'avsc';
import type { FoundSchema, RecordSchema, Registry } from '../../../src/sinks/kafka/registry.js';
import { createValueReader, createValueWriter } from '../../../src/sinks/kafka/value-format.js';

/** A registry in memory: its ids are places in the list. */
function registryOf(...schemas: readonly unknown[]): Registry & { asked: number } {
  return {
    asked: 0,
    async schemaOf(id: number): Promise<FoundSchema> {
      this.asked++;
      return id < schemas.length
        ? { ok: true, schema: schemas[id] }
        : { ok: false, reason: `the registry has no schema ${id}` };
    },
    register: async () => 0,
    waitingFor: () => null,
    close: () => {},
  };
}

const record = (fields: readonly object[]): RecordSchema => ({ type: 'record', name: 'T', fields });

function message(id: number, body: Uint8Array): Buffer {
  const head = Buffer.from([0, 0, 0, 0, 0]);
  head.writeUInt32BE(id, 1);
  return Buffer.concat([head, body]);
}

/** What the record becomes; the bytes are avsc's own. */
async function read(schema: RecordSchema, value: unknown, options = {}): Promise<string> {
  const type = avro.Type.forSchema(schema as avro.Schema, options);
  const reader = createValueReader('avro', registryOf(schema));
  const { texts, faults } = await reader.readAll([message(0, type.toBuffer(value))]);
  assert.equal(faults, null, String(faults?.get(0)));
  return texts[0]!;
}

test('Avro records become JSON text of the same shape', async () => {
  const schema = record([
    { name: 'id', type: 'long' },
    { name: 'name', type: 'string' },
    { name: 'on', type: 'boolean' },
    { name: 'share', type: 'double' },
    { name: 'kind', type: { type: 'enum', name: 'K', symbols: ['a', 'b'] } },
    { name: 'tags', type: { type: 'array', items: 'string' } },
    { name: 'by', type: { type: 'map', values: ['null', 'int'] } },
    { name: 'blob', type: 'bytes' },
    { name: 'four', type: { type: 'fixed', name: 'F', size: 4 } },
    { name: 'in', type: record([{ name: 'x', type: 'int' }]) as object & { name: string } },
  ]);
  const inner = { ...(schema.fields as { type: object }[])[9]!.type, name: 'Inner' };
  (schema.fields as { type: object }[])[9]!.type = inner;
  const value = {
    id: -5,
    name: 'é "quoted"\n\ufffd',
    on: true,
    share: 0.1,
    kind: 'b',
    tags: ['x', ''],
    by: { one: 1, none: null },
    blob: Buffer.from([0, 255]),
    four: Buffer.from('abcd'),
    in: { x: 2 ** 30 },
  };
  const expected = { ...value, blob: 'AP8=', four: 'YWJjZA==' };
  assert.equal(await read(schema, value), JSON.stringify(expected));
});

/** A value of avsc as JSON has it: bytes in base64, unions plain. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}

test('random records are read as avsc reads them', async () => {
  const leaf = ['int', 'long', 'float', 'double', 'string', 'bytes', 'boolean'];
  const fields = leaf.flatMap((type) => [
    { name: `${type}_plain`, type },
    { name: `${type}_maybe`, type: ['null', type] },
    { name: `${type}_list`, type: { type: 'array', items: { type: 'array', items: type } } },
    { name: `${type}_map`, type: { type: 'map', values: ['null', type] } },
  ]);
  const inner = { type: 'record', name: 'Inner', namespace: 'a', fields };
  const schema = record([
    { name: 'all', type: inner },
    { name: 'more', type: { type: 'array', items: 'a.Inner' } },
  ]);
  const type = avro.Type.forSchema(schema as avro.Schema);
  const reader = createValueReader('avro', registryOf(schema));
  const values = Array.from({ length: 300 }, () => type.random());
  const { texts, faults } = await reader.readAll(
    values.map((value) => message(0, type.toBuffer(value))),
  );
  assert.equal(faults, null);
  for (const [i, value] of values.entries()) {
    const expected: unknown = JSON.parse(
      JSON.stringify(plain(type.fromBuffer(type.toBuffer(value)))),
    );
    assert.deepEqual(JSON.parse(texts[i]!), expected);
  }
});

test('whole numbers keep every digit: beyond 2^53 they are texts', async () => {
  const schema = record([{ name: 'n', type: 'long' }]);
  const bigType = avro.types.LongType.__with({
    fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
    toBuffer: (n: bigint) => {
      const buffer = Buffer.alloc(8);
      buffer.writeBigInt64LE(n);
      return buffer;
    },
    fromJSON: BigInt,
    toJSON: String,
    isValid: (n: unknown) => typeof n === 'bigint',
    compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
  });
  const safe = 2n ** 53n - 1n;
  const plain = [0n, -1n, 1n, 63n, -64n, 64n, 2n ** 27n, 2n ** 28n, -(2n ** 31n), 2n ** 35n];
  const wide = [safe + 1n, -safe - 1n, 2n ** 62n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
  for (const n of [...plain, safe, -safe, safe - 1n, ...wide]) {
    const text = await read(schema, { n }, { registry: { long: bigType } });
    const isSafe = n <= safe && n >= -safe;
    assert.equal(text, isSafe ? `{"n":${n}}` : `{"n":"${n}"}`);
  }
});

test('logical types become instants in UTC, dates and decimals', async () => {
  const ms = Date.parse('1969-12-31T23:59:59.007Z');
  const cases: readonly [unknown, unknown, string][] = [
    [{ type: 'long', logicalType: 'timestamp-millis' }, ms, '"1969-12-31T23:59:59.007Z"'],
    [
      { type: 'long', logicalType: 'timestamp-micros' },
      Date.parse('2024-02-29T10:30:00.123Z') * 1_000 + 999,
      '"2024-02-29T10:30:00.123Z"',
    ],
    [
      { type: 'long', logicalType: 'local-timestamp-millis' },
      Date.parse('2024-02-29T10:30:00Z'),
      '"2024-02-29T10:30:00.000"',
    ],
    [{ type: 'long', logicalType: 'timestamp-millis' }, 9e15, '9000000000000000'],
    [{ type: 'int', logicalType: 'date' }, 19_782, '"2024-02-29"'],
    [
      { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 },
      Buffer.from([0xff, 0x85]),
      '-1.23',
    ],
    [
      { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 3 },
      Buffer.from('0de0b6b3a7640001', 'hex'),
      '"1000000000000000.001"',
    ],
  ];
  for (const [type, value, expected] of cases) {
    assert.equal(await read(record([{ name: 'v', type }]), { v: value }), `{"v":${expected}}`);
  }
});

test('a null is left out where it is the default, and stays where it says something', async () => {
  const schema = record([
    { name: 'absent', type: ['null', 'int'], default: null },
    { name: 'cleared', type: ['null', 'int'] },
    { name: 'set', type: ['null', 'int'], default: null },
  ]);
  assert.equal(
    await read(schema, { absent: null, cleared: null, set: 1 }),
    '{"cleared":null,"set":1}',
  );
});

test('numbers that JSON has not are texts, which no number field takes', async () => {
  const schema = record([{ name: 'v', type: 'double' }]);
  assert.equal(await read(schema, { v: Number.NaN }), '{"v":"NaN"}');
  assert.equal(await read(schema, { v: Number.NEGATIVE_INFINITY }), '{"v":"-Infinity"}');
});

test('a schema may hold itself, and names stand in namespaces', async () => {
  const schema = {
    type: 'record',
    name: 'Node',
    namespace: 'a.b',
    fields: [
      { name: 'next', type: ['null', 'Node'], default: null },
      { name: 'kind', type: { type: 'enum', name: 'c.Kind', symbols: ['x'] } },
      { name: 'again', type: 'c.Kind' },
    ],
  };
  const last = { next: null, kind: 'x', again: 'x' };
  assert.equal(
    await read(schema, { ...last, next: last }),
    '{"next":{"kind":"x","again":"x"},"kind":"x","again":"x"}',
  );
});

test('what cannot be read is a fault with the bytes in base64', async () => {
  const schema = record([
    { name: 's', type: 'string' },
    { name: 'n', type: ['null', 'int'] },
  ]);
  const whole = avro.Type.forSchema(schema as avro.Schema).toBuffer({ s: 'abc', n: 1 });
  const broken = Buffer.from(whole);
  broken[1] = 0xff;
  const branch = Buffer.from(whole);
  branch[4] = 8;
  const cases: readonly [Buffer | null, RegExp][] = [
    [message(0, whole.subarray(0, 3)), /end within the record/],
    [message(0, Buffer.concat([whole, whole])), /6 bytes are left over/],
    [message(0, broken), /not valid UTF-8/],
    [message(0, branch), /no such branch/],
    [message(0, Buffer.from('ffffffffffffffffffff01', 'hex')), /more than 64 bits/],
    [message(7, whole), /^the registry has no schema 7$/],
    [message(1, whole), /schema 1: the type Nowhere is defined nowhere/],
    [Buffer.from('{"s":"a"}'), /zero byte and a schema id/],
    [Buffer.from([0, 0, 0]), /zero byte and a schema id/],
    [Buffer.alloc(0), /an empty value/],
    [null, /tombstone/],
  ];
  const reader = createValueReader('avro', registryOf(schema, 'Nowhere'));
  const values = cases.map(([value]) => value);
  const { texts, faults } = await reader.readAll([message(0, whole), ...values]);
  assert.equal(texts[0], '{"s":"abc","n":1}');
  assert.equal(faults?.size, cases.length);
  for (const [i, [value, expected]] of cases.entries()) {
    assert.match(faults?.get(i + 1) ?? '', expected);
    const shown = value === null || value.length === 0 ? '' : `base64:${value.toString('base64')}`;
    assert.equal(texts[i + 1], shown);
  }
});

test('a few bytes cannot stand for endless items, nor for endless depth', async () => {
  const nulls = { type: 'array', items: 'null' };
  const deep = record([{ name: 'next', type: ['null', 'T'] }]);
  const reader = createValueReader('avro', registryOf(record([{ name: 'l', type: nulls }]), deep));
  const { faults } = await reader.readAll([
    message(0, Buffer.from('feffffff0f00', 'hex')),
    message(1, Buffer.alloc(1_000_000, 2)),
  ]);
  assert.match(faults?.get(0) ?? '', /more items than bytes/);
  assert.match(faults?.get(1) ?? '', /stack/);
});

test('a schema is asked for once, an unknown one not for every record', async () => {
  const schema = record([{ name: 'n', type: 'int' }]);
  const registry = registryOf(schema);
  const reader = createValueReader('avro', registry);
  const value = message(0, Buffer.from([2]));
  for (let i = 0; i < 3; i++) await reader.readAll([value, message(9, Buffer.from([2])), value]);
  assert.equal(registry.asked, 2);
});

test('JSON values are their own text; what is not UTF-8 is a fault', async () => {
  const reader = createValueReader('json', null);
  const bad = Buffer.from([0x7b, 0xff, 0x7d]);
  const values = [Buffer.from('{"a":"é"}'), bad, null, Buffer.from('{}')];
  const { texts, faults } = await reader.readAll(values);
  assert.deepEqual(texts, ['{"a":"é"}', 'base64:e/99', '', '{}']);
  assert.deepEqual([...(faults?.keys() ?? [])], [1, 2]);
  assert.equal(faults?.get(1), 'not valid UTF-8');
});

test('a writer puts the id of its schema before what avsc reads as the same record', async () => {
  const schema = JSON.parse(readFileSync('schemas/dead-letters.avsc', 'utf8')) as RecordSchema;
  const write = await createValueWriter('avro', registryOf(schema), 'x-value', schema);
  const letter = {
    topic: 't',
    partition: 3,
    offset: 2 ** 40,
    reason: 'invalid',
    detail: 'd',
    raw: 'x'.repeat(200_000), // larger than the room it begins with
  };
  for (const one of [letter, { ...letter, raw: '' }]) {
    const value = write(one);
    assert.deepEqual([...value.subarray(0, 5)], [0, 0, 0, 0, 0]);
    const found = avro.Type.forSchema(schema as avro.Schema).fromBuffer(value.subarray(5));
    assert.deepEqual({ ...found }, one);
  }
  const plain = await createValueWriter('json', null, 'x-value', schema);
  assert.deepEqual(JSON.parse(plain(letter).toString()), letter);
});
