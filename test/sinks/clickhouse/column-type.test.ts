import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Clickhouse } from '../../../src/sinks/clickhouse/client.js';
import { columnType } from '../../../src/sinks/clickhouse/column-type.js';
import { createRowBytes } from '../../../src/sinks/clickhouse/row-bytes.js';
import { rowWriter } from '../../../src/sinks/clickhouse/row-writer.js';
import { type Running, skip, withEmbedded } from './with-embedded.js';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 30 }),
  fc.constantFrom(23, 24, 25, 42, 43, 127, 128, 5_461, 16_383, 16_384).map((n) => 'é'.repeat(n)),
  fc.constantFrom(23, 24, 25, 127, 128, 16_383, 16_384, 70_000).map((n) => 'a'.repeat(n)),
);
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const nullableDouble = fc.oneof(
  double,
  fc.constantFrom(null, undefined, Number.NaN, Number.POSITIVE_INFINITY, -0),
);
const whole = fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.constantFrom(-0, 2 ** 32, -(2 ** 32)));
const timeMs = fc.integer({ min: 0, max: 4_000_000_000_000 });
const time = "DateTime64(3, 'UTC')";
const nullableText = fc.option(text);
const pairs = fc.array(fc.tuple(text, whole), { maxLength: 5 });

/** Every type of every table, with what may come for it. */
const types: readonly (readonly [type: string, values: fc.Arbitrary<unknown>])[] = [
  ['UInt64', fc.oneof(fc.nat(), fc.maxSafeNat())],
  ['Int32', fc.integer()],
  ['Float64', double],
  ['String', text],
  ['LowCardinality(String)', text],
  [time, timeMs],
  ['Nullable(Float64)', nullableDouble],
  ['Nullable(Int64)', fc.option(whole)],
  ['Nullable(String)', nullableText],
  ['LowCardinality(Nullable(String))', nullableText],
  [`Nullable(${time})`, fc.option(timeMs)],
  ['Array(Int64)', fc.array(whole, { maxLength: 5 })],
  ['Array(String)', fc.array(text, { maxLength: 3 })],
  ['Array(LowCardinality(String))', fc.array(text, { maxLength: 3 })],
  ['Array(Tuple(String, Int64))', pairs],
  ['Map(LowCardinality(String), Nullable(Float64))', fc.dictionary(text, nullableDouble)],
  ['Map(LowCardinality(String), String)', fc.dictionary(text, text)],
];

type Row = readonly unknown[];

/** JSON has one null, and no -0. */
function jsonOf(value: unknown): string {
  return JSON.stringify(value ?? null, (_, one: unknown) => (one === undefined ? null : one));
}

const columns = types.map(([type], i) => ({
  name: `c${i}`,
  type,
  value: (row: Row): unknown => row[i + 1],
}));
const number = { name: 'n', type: 'UInt64', value: (row: Row): unknown => row[0] };
const writer = rowWriter<Row>([number, ...columns]);

describe('values in RowBinary', { skip }, () => {
  let running: Running;
  let client: Clickhouse;
  before(async () => {
    running = await withEmbedded();
    client = running.client('default');
    const list = writer.columns.map(({ name, type }) => `${name} ${type}`).join(', ');
    for (const table of ['binary', 'json']) {
      await client.command(`CREATE TABLE ${table} (${list}) ENGINE = MergeTree ORDER BY n`);
    }
  });
  after(() => running.end());

  async function writeJson(rows: readonly Row[]): Promise<void> {
    const query = new URLSearchParams({ query: 'INSERT INTO json FORMAT JSONCompactEachRow' });
    const body = rows.map(jsonOf).join('\n');
    const answer = await fetch(`${running.embedded.url}/?${query}`, { method: 'POST', body });
    assert.equal(answer.status, 200, await answer.text());
  }

  it('are what ClickHouse reads from JSON, for every type', async () => {
    let n = 0;
    const row = fc.tuple(...types.map(([, values]) => values));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (values) => {
        const first = n;
        const rows = values.map((one): Row => [n++, ...one]);
        const out = createRowBytes(16);
        for (const one of rows) assert.equal(writer.write(out, one), -1);
        const body = out.bytes.subarray(0, out.at);
        const block = { table: 'binary', columns: writer.columns, body, token: `${first}` };
        assert.deepEqual(await client.insert(block), { ok: true });
        await writeJson(rows);
        for (const { name } of columns) {
          const differing = await client.rows(
            `SELECT n, toString(a.${name}) AS a, toString(b.${name}) AS b
             FROM binary AS a INNER JOIN json AS b USING n
             WHERE n >= ${first} AND toString(a.${name}) != toString(b.${name})`,
          );
          assert.deepEqual(differing, []);
        }
      }),
      { numRuns: 20 },
    );
    const counts = 'SELECT (SELECT count() FROM binary) AS a, (SELECT count() FROM json) AS b';
    assert.deepEqual(await client.rows(counts), [{ a: n, b: n }]);
  });
});

describe('a column type', () => {
  it('reads back what it wrote', () => {
    for (const [type, values] of types) {
      const { write, read } = columnType(type);
      fc.assert(
        fc.property(values, (value) => {
          const out = createRowBytes(1);
          assert.ok(write(out, value));
          const cursor = { bytes: out.bytes, at: 0 };
          assert.equal(jsonOf(read(cursor)), jsonOf(value));
          assert.equal(cursor.at, out.at);
        }),
        { numRuns: 50 },
      );
    }
  });

  it('writes half a surrogate pair as JSON does, so that keys stay apart', () => {
    const out = createRowBytes(1);
    columnType('String').write(out, '\ud83d\ude00\ude00 and \ud800');
    assert.deepEqual(out.bytes.subarray(1, out.at).toString(), '\u{1F600}\\ude00 and \\ud800');
  });

  it('takes no value that it cannot hold', () => {
    const wrong: readonly (readonly [type: string, ...values: unknown[]])[] = [
      ['UInt64', -1, 0.5, 2 ** 64, Number.NaN, null, undefined, '1', true],
      ['Int64', 0.5, 2 ** 63, -(2 ** 64), Number.POSITIVE_INFINITY, null],
      ['Int32', 2 ** 31, -(2 ** 31) - 1, 0.5, Number.NaN, null],
      ['Float64', Number.NaN, Number.NEGATIVE_INFINITY, null, '1'],
      ['String', null, undefined, 1, ['a']],
      [time, Number.NaN, 0.5, '2024-01-01'],
      ['Nullable(Int64)', 0.5, 'many'],
      ['Nullable(String)', 1],
      ['Array(Int64)', null, [null], [0.5], 'ab'],
      ['Array(Tuple(String, Int64))', [['a']], [['a', 1, 2]], [['a', null]], [1]],
      ['Map(LowCardinality(String), String)', null, 'a', { a: null }],
    ];
    for (const [type, ...values] of wrong) {
      for (const value of values) {
        assert.equal(columnType(type).write(createRowBytes(1), value), false, `${type}: ${value}`);
      }
    }
  });

  it('says which type it does not know', () => {
    assert.throws(() => columnType('Array(Decimal(9, 2))'), { message: /type Decimal\(9, 2\)/ });
  });
});
