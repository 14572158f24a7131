import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { cellKind } from '../../src/datasets/cell.js';
import { openTable } from '../../src/datasets/open-table.js';
import type { BrokenRows } from '../../src/datasets/table.js';
import type { TextDictionary } from '../../src/datasets/text-dictionary.js';

const directory = mkdtempSync(join(tmpdir(), 'weir-tables-'));
after(() => rmSync(directory, { recursive: true }));

interface Read {
  readonly names: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly broken: BrokenRows;
}

/** A file's cells as plain values: null, number, text, boolean; times as `t` and their ms. */
async function read(name: string, content: string | Buffer): Promise<Read> {
  const path = join(directory, name);
  writeFileSync(path, content);
  const dictionaries = new Map<string, TextDictionary>();
  const table = openTable(path, { dictionaries });
  const rows: unknown[][] = [];
  for await (const batch of table.batches()) {
    for (let row = 0; row < batch.rows; row++) {
      rows.push(
        batch.columns.map(({ kinds, values }, i) => {
          const value = values[row]!;
          switch (kinds[row]) {
            case cellKind.number:
              return value;
            case cellKind.text:
              return dictionaries.get(table.names[i]!)?.texts[value];
            case cellKind.boolean:
              return value === 1;
            case cellKind.time:
              return `t${value}`;
            case cellKind.notFinite:
              return 'not finite';
            case cellKind.other:
              return 'other';
            default:
              return null;
          }
        }),
      );
    }
  }
  return { names: [...table.names], rows, broken: table.broken };
}

const whole = { count: 0, first: '' };

test('CSV: mark, CRLF, quotes with commas, quotes and line ends, no last line end', async () => {
  const text = '\ufeffa,"b,c"\r\n1,"x, ""y""\nz"\r\n-2.5e3,\r\n"3",  plain ';
  assert.deepEqual(await read('forms.csv', text), {
    names: ['a', 'b,c'],
    rows: [
      [1, 'x, "y"\nz'],
      [-2500, null],
      [3, 'plain'],
    ],
    broken: whole,
  });
});

test('CSV: what stands for nothing, for booleans, for times', async () => {
  const text = 'a,b,c\nNA,true,2024-01-15\nnull,FALSE,2024-01-15T10:30:00+01:00\n,nan,inf\n';
  assert.deepEqual((await read('cells.csv', text)).rows, [
    [null, true, `t${Date.UTC(2024, 0, 15)}`],
    [null, false, `t${Date.UTC(2024, 0, 15, 9, 30)}`],
    [null, null, 'not finite'],
  ]);
});

test('CSV: semicolons and tabs are taken from the header', async () => {
  assert.deepEqual((await read('semi.csv', 'a;b\n1;2\n')).rows, [[1, 2]]);
  assert.deepEqual((await read('tab.csv', 'a\tb\n1\t2\n')).rows, [[1, 2]]);
});

test('CSV: records with other cells than the header are broken, the first is named', async () => {
  const found = await read('broken.csv', 'a,b\n1,2\n3\n\n4,5,6\n"7,8\n9,10\n');
  assert.deepEqual(found.rows, [
    [1, 2],
    [9, 10],
  ]);
  assert.deepEqual(found.broken, { count: 3, first: 'line 3: expected 2 cells, found 1' });
});

test('CSV: a file of many chunks, its records cut anywhere', async () => {
  const rows = 150_000;
  const line = (i: number) => `${i},"text ${i % 5}\n${'é'.repeat(i % 7)}",${i / 8}`;
  const text = `id,t,x\n${Array.from({ length: rows }, (_, i) => line(i)).join('\n')}\n`;
  const found = await read('large.csv', text);
  assert.equal(found.rows.length, rows);
  for (const i of [0, 40_000, 99_999, rows - 1]) {
    assert.deepEqual(found.rows[i], [i, `text ${i % 5}\n${'é'.repeat(i % 7)}`.trim(), i / 8]);
  }
});

test('NDJSON: fields in any order, missing, nested, escaped, new; NaN as Python writes it', async () => {
  const lines = [
    '{"a":1,"b":"x"}',
    '{"a": 2, "b": "y\\n"}',
    '{"b":"x","a":3}',
    '{"a":4}',
    '{"a":NaN,"b":null}',
    '{"a":5,"b":"x","c":{"d":true},"e":[1]}',
    '{"a":6,"b":"x"}',
  ];
  const found = await read('forms.ndjson', `${lines.join('\r\n')}\r\nnot json\n`);
  assert.deepEqual(found.names, ['a', 'b', 'c.d', 'e']);
  assert.deepEqual(
    found.rows,
    [
      [1, 'x'],
      [2, 'y'],
      [3, 'x'],
      [4, null],
      ['not finite', null],
      [5, 'x', true, 'other'],
      [6, 'x', null, null],
    ].map((row) => [...row, ...Array(4 - row.length).fill(null)]),
  );
  assert.deepEqual(found.broken, {
    count: 1,
    first: 'line 8: expected a JSON object, found not json',
  });
});

test('bytes that are no UTF-8 are refused with their place, in CSV and NDJSON', async () => {
  const latin = (text: string) => Buffer.from(text, 'latin1');
  const message = (name: string, at: number, line: string) =>
    `${join(directory, name)}: expected text in UTF-8, found other bytes in the line at byte ${at} (${line}); convert the file, such as by iconv -f latin1 -t utf-8`;
  const csv = 'city\nOslo\nMünchen\nBonn\n';
  await assert.rejects(read('latin.csv', latin(csv)), {
    code: 'input-unreadable',
    message: message('latin.csv', 10, '"München"'),
  });
  const last = '{"a":1}\n{"a":"é"}';
  await assert.rejects(read('latin.ndjson', latin(last)), {
    code: 'input-unreadable',
    message: message('latin.ndjson', 8, JSON.stringify('{"a":"é"}')),
  });
  await assert.rejects(read('noise.csv', Buffer.from([0x9c, 0xff, 0x10, 0x0a, 0xc3, 0x28])), {
    code: 'input-unreadable',
  });
  assert.equal((await read('utf8.csv', Buffer.from(csv))).rows[1]?.[0], 'München');
});

interface Golden {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly files: Readonly<Record<string, string>>;
  readonly empty: string;
  readonly holes: Readonly<Record<string, string>>;
}

const source = new URL('../../../test/datasets/golden/parquet-files.json', import.meta.url);
const golden = JSON.parse(readFileSync(fileURLToPath(source), 'utf8')) as Golden; // by parquet_files.py

test('Parquet: without rows there is no batch, and progress is a share', async () => {
  const path = join(directory, 'none.parquet');
  writeFileSync(path, Buffer.from(golden.empty, 'base64'));
  const shares: number[] = [];
  const progress = (share: number) => shares.push(share);
  for await (const _ of openTable(path, { dictionaries: new Map(), progress }).batches()) {
    assert.fail('expected no batch');
  }
  assert.ok(shares.every((share) => share >= 0 && share <= 1));
});

for (const [codec, base64] of Object.entries(golden.files)) {
  test(`Parquet, ${codec}: the rows are those that pyarrow wrote`, async () => {
    const bytes = Buffer.from(base64, 'base64');
    const found = await read(`${codec}.parquet`, bytes);
    const names = ['double', 'float', 'int', 'flag', 'text', 'micros', 'date', 'list'];
    assert.deepEqual(found.names, names);
    const expected = golden.rows.map((row, i) =>
      names.map((name) => {
        if (name === 'list') return 'other';
        if (name === 'float' && i === 3) return 'not finite';
        return name === 'micros' || name === 'date' ? `t${row[name]}` : row[name];
      }),
    );
    assert.deepEqual(found.rows, expected);
    const packed = await read(`${codec}.parquet.gz`, gzipSync(bytes));
    assert.deepEqual(packed.rows, expected);
  });
}

for (const [codec, base64] of Object.entries(golden.holes)) {
  test(`Parquet, ${codec}: a column and a row group of nothing but nulls are read`, async () => {
    const { names, rows } = await read('holes.parquet', Buffer.from(base64, 'base64'));
    assert.deepEqual(names, ['never', 'late', 'text']);
    const expected = Array.from({ length: 30 }, (_, i) =>
      i < 11 ? [null, null, null] : [null, i / 2, 'a'],
    );
    assert.deepEqual(rows, expected);
  });
}
