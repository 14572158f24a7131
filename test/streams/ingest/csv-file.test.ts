import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { WeirError } from '../../../src/errors.js';
import { key, number, oneOf, optional, text, texts } from '../../../src/features/fields.js';
import { table } from '../../../src/features/source.js';
import { csvBlocks } from '../../../src/streams/ingest/csv-file.js';
import type { LinesOptions } from '../../../src/streams/ingest/lines.js';

const directory = mkdtempSync(join(tmpdir(), 'weir-csv-'));
after(() => rmSync(directory, { recursive: true }));

const topic = table('things', {
  key: 'id',
  time: 'at',
  objects: ['set'],
  fields: {
    id: key(),
    size: optional(number(), { from: 'set.size' }),
    lat: optional(number(), { from: 'set.location.lat' }),
    kind: optional(oneOf('a', 'b')),
    name: optional(text()),
    tags: optional(texts()),
  },
});

type Line = readonly [offset: number, text: string, fault?: string];

async function rowsOf(content: string | Buffer, options: LinesOptions = {}): Promise<Line[]> {
  const path = join(directory, 'rows.csv');
  writeFileSync(path, content);
  const all: Line[] = [];
  for await (const { first, lines, faults } of csvBlocks(path, topic, options)) {
    for (const [i, line] of lines.entries()) {
      const fault = faults?.get(i);
      all.push(fault === undefined ? [first + i, line] : [first + i, line, fault]);
    }
  }
  return all;
}

test('dots in the header are objects, an empty cell is an absent field', async () => {
  const rows = await rowsOf(
    'id,at,set.size,set.location.lat,name\n1,2024-01-01T00:00:00Z,2.50,-3e2,x\n2,0,,,\n',
  );
  assert.deepEqual(rows, [
    [
      0,
      '{"id":1,"at":"2024-01-01T00:00:00Z","set":{"size":2.50,"location":{"lat":-3e2}},"name":"x"}',
    ],
    [1, '{"id":2,"at":0,"set":{}}'],
  ]);
});

test('the field that a column is read for decides what its cells are', async () => {
  const rows = await rowsOf(
    [
      'id,set.size,kind,name,tags,other',
      '007,abc,1,true,"[""a"",""b""]",5',
      '-4,+1,a,,[a,',
      '9007199254740993,0x10,,null,x,false',
      '-0,1.,,,,',
    ].join('\n'),
  );
  assert.deepEqual(
    rows.map(([, line]) => line),
    [
      '{"id":"007","set":{"size":"abc"},"kind":"1","name":"true","tags":["a","b"],"other":"5"}',
      '{"id":-4,"set":{"size":"+1"},"kind":"a","tags":"[a"}',
      '{"id":"9007199254740993","set":{"size":"0x10"},"name":"null","tags":"x","other":"false"}',
      '{"id":"-0","set":{"size":"1."}}',
    ],
  );
});

test('quoted cells hold commas, quotes and line ends as they are', async () => {
  const content = '\ufeffid,name\r\n1,"a ""b"", c"\r\n"2","x\r\ny\n\nz"\r\n3,5" disk\r\n4,""\r\n';
  const expected = [
    [0, '{"id":1,"name":"a \\"b\\", c"}'],
    [1, '{"id":2,"name":"x\\r\\ny\\n\\nz"}'],
    [2, '{"id":3,"name":"5\\" disk"}'],
    [3, '{"id":4}'],
  ];
  assert.deepEqual(await rowsOf(content), expected);
  assert.deepEqual(await rowsOf(content.trimEnd()), expected);
  assert.deepEqual(await rowsOf(gzipSync(content)), expected);
});

test('rows that are not whole stand by themselves, as they are', async () => {
  const bad = Buffer.concat([
    Buffer.from('id,name\n1,a\n2\n3,"b"c\n4,d,e\n\n \n5,'),
    Buffer.of(0xff),
    Buffer.from('\n6,"f\n7,g\n'),
  ]);
  assert.deepEqual(await rowsOf(bad), [
    [0, '{"id":1,"name":"a"}'],
    [1, '2', 'expected 2 cells as in the header, found 1'],
    [2, '3,"b"c', 'expected a comma or the end of the line after a closing quote'],
    [3, '4,d,e', 'expected 2 cells as in the header, found 3'],
    [4, ''],
    [5, ''],
    [6, '5,\ufffd', 'not valid UTF-8'],
    [7, '6,"f', 'a quote is not closed'],
    [8, '{"id":7,"name":"g"}'],
  ]);
});

test('a quote that is never closed costs its line, not the file', async () => {
  const many = Array.from({ length: 50_000 }, (_, i) => `${i},row`);
  many[10] = '10,"open';
  const rows = await rowsOf(`id,name\n${many.join('\n')}`, { lineBytesMax: 4_096 });
  assert.equal(rows.length, many.length);
  assert.deepEqual(
    rows.filter(([, , fault]) => fault !== undefined),
    [[10, '10,"open', 'a quote is not closed within 4096 characters']],
  );
  assert.deepEqual(rows.at(-1), [49_999, '{"id":49999,"name":"row"}']);
});

test('reading goes on at any offset', async () => {
  const content = `id,name\n${Array.from({ length: 30_000 }, (_, i) => `${i},"a\nb"`).join('\n')}`;
  const all = await rowsOf(content);
  for (const fromOffset of [1, 12_345, 29_999, 30_000]) {
    assert.deepEqual(await rowsOf(content, { fromOffset }), all.slice(fromOffset));
  }
});

test('a header that names no columns is refused with what is wrong in it', async () => {
  const cases: readonly [string, RegExp][] = [
    ['id,,name\n1,2,3', /no name for column 2/],
    ['id,id\n1,2', /id twice/],
    ['set,set.size\n1,2', /set.size below a column of its own/],
    ['set.size,set\n1,2', /set twice, or with columns below it/],
    ['id;name\n1;2', /a header without commas/],
    ['id,"name\n1,2', /a quote is not closed/],
  ];
  for (const [content, expected] of cases) {
    await assert.rejects(rowsOf(content), (error) => {
      assert.ok(error instanceof WeirError && error.code === 'input-unreadable');
      assert.match(error.message, expected);
      return true;
    });
  }
  assert.deepEqual(await rowsOf(''), []);
  assert.deepEqual(await rowsOf('id,name'), []);
});

test('what is quoted comes back, whatever it is and wherever the pieces end', async () => {
  const cell = fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', 'é', ' ') });
  const rows = fc.array(fc.tuple(cell, cell), { minLength: 1 });
  const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;
  const law = fc.asyncProperty(rows, fc.nat(3), async (given, filler) => {
    // Beyond a piece of 96 KiB, so that one ends within a record.
    const long = 'x'.repeat(filler * 40_000);
    const all = given.map(([a, b]) => [a, b + long] as const);
    const content = all.map((row) => row.map(quoted).join(',')).join('\n');
    const expected = all.map(([name, other], i) => [
      i,
      JSON.stringify({ ...(name && { name }), ...(other && { other }) }),
    ]);
    assert.deepEqual(await rowsOf(`name,other\n${content}\n`), expected);
  });
  await fc.assert(law, { numRuns: 100 });
});
