import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { crc32, deflateRaw } from 'node:zlib';
import avro from 'avsc';
import { WeirError } from '../../../src/errors.js';
import { packZstd } from '../../../src/sinks/kafka/codecs/zstd.js';
import { avroBlocks } from '../../../src/streams/ingest/avro-file.js';

const directory = mkdtempSync(join(tmpdir(), 'weir-avro-'));
after(() => rmSync(directory, { recursive: true }));

const schema = {
  type: 'record',
  name: 'T',
  fields: [
    { name: 'n', type: 'int' },
    { name: 's', type: 'string' },
  ],
} as const;

type Codec = (data: Buffer, done: (error: Error | null, packed?: Buffer) => void) => void;
/** A block of literals alone is Snappy too. */
const snappy: Codec = (data, done) => {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(data));
  const head = [];
  for (let n = data.length; ; n >>>= 7) {
    head.push(n > 127 ? (n & 127) | 128 : n);
    if (n <= 127) break;
  }
  const literal = Buffer.from([61 << 2, 0, 0]);
  literal.writeUInt16LE(data.length - 1, 1);
  done(null, Buffer.concat([Buffer.from(head), literal, data, sum]));
};
const codecs: Record<string, Codec> = {
  null: (data, done) => done(null, data),
  deflate: (data, done) => deflateRaw(data, done),
  snappy,
  zstandard: (data, done) => void packZstd(data).then((packed) => done(null, packed)),
};

/** A file as avsc writes it. */
async function fileOf(records: readonly object[], codec = 'null', blockSize = 4_096) {
  const encoder = new avro.streams.BlockEncoder(schema as unknown as avro.Schema, {
    codec,
    codecs,
    blockSize,
  });
  const chunks: Buffer[] = [];
  encoder.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const record of records) encoder.write(record);
  const ended = new Promise((done) => encoder.once('end', done));
  encoder.end();
  await ended;
  return Buffer.concat(chunks);
}

async function linesOf(content: Buffer, fromOffset = 0): Promise<[number, string][]> {
  const path = join(directory, 'file.avro');
  writeFileSync(path, content);
  const all: [number, string][] = [];
  for await (const { first, lines, faults } of avroBlocks(path, { fromOffset })) {
    for (const [i, line] of lines.entries()) all.push([first + i, faults?.get(i) ?? line]);
  }
  return all;
}

const records = Array.from({ length: 20_000 }, (_, n) => ({
  n,
  s: `text ${n} ${'é'.repeat(n % 9)}`,
}));
const expected = records.map((record, i): [number, string] => [i, JSON.stringify(record)]);

for (const codec of Object.keys(codecs)) {
  test(`files of the codec ${codec} are read, from any record on`, async () => {
    const content = await fileOf(records, codec);
    assert.deepEqual(await linesOf(content), expected);
    for (const from of [1, 777, 19_999, 20_000]) {
      assert.deepEqual(await linesOf(content, from), expected.slice(from));
    }
  });
}

test('one large block is read in small ones', async () => {
  assert.deepEqual(await linesOf(await fileOf(records, 'null', 1 << 24)), expected);
});

async function failure(content: Buffer): Promise<{ message: string; lines: [number, string][] }> {
  const path = join(directory, 'torn.avro');
  writeFileSync(path, content);
  const lines: [number, string][] = [];
  try {
    for await (const block of avroBlocks(path)) {
      for (const [i, line] of block.lines.entries()) lines.push([block.first + i, line]);
    }
  } catch (error) {
    assert.ok(error instanceof WeirError && error.code === 'input-unreadable', String(error));
    return { message: error.message, lines };
  }
  return assert.fail('expected a failure');
}

test('a torn file gives what stands before the tear, then the error with its place', async () => {
  const content = await fileOf(records);
  const { message, lines } = await failure(content.subarray(0, content.length / 2));
  assert.ok(lines.length > 9_000 && lines.length < 11_000);
  assert.deepEqual(lines, expected.slice(0, lines.length));
  assert.match(message, new RegExp(`the end within a block after ${lines.length} records`));
});

test('damage is told, never taken for data of another kind', async () => {
  const content = await fileOf(records.slice(0, 50), 'deflate');
  const marked = Buffer.from(content);
  marked[marked.length - 1]! ^= 1;
  assert.match((await failure(marked)).message, /without its mark/);
  assert.match((await failure(Buffer.from('{"a":1}\n'))).message, /found none after 0 records/);
  assert.match((await failure(content.subarray(0, 30))).message, /after 0 records/);
  const unknown = Buffer.from(content.toString('latin1').replace('deflate', 'xz-9abc'), 'latin1');
  assert.match((await failure(unknown)).message, /the codec xz-9abc \(null, deflate, snappy/);
  assert.deepEqual(await linesOf(Buffer.alloc(0)), []);
});

test('a text that is not UTF-8 makes its record invalid, not the file', async () => {
  const content = await fileOf([
    { n: 1, s: 'aaaa' },
    { n: 2, s: 'bbbb' },
  ]);
  content[content.indexOf('aaaa')] = 0xff;
  assert.deepEqual(await linesOf(content), [
    [0, 'a text in it is not valid UTF-8'],
    [1, '{"n":2,"s":"bbbb"}'],
  ]);
});
