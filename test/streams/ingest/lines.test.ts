import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { WeirError } from '../../../src/errors.js';
import { blockOf } from '../../../src/streams/ingest/line-block.js';
import { type LinesOptions, lineBlocks } from '../../../src/streams/ingest/lines.js';

const directory = mkdtempSync(join(tmpdir(), 'weir-lines-'));
after(() => rmSync(directory, { recursive: true }));

function fileOf(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

interface Line {
  readonly offset: number;
  readonly text: string;
  readonly fault: string;
}

async function linesOf(path: string, options: LinesOptions = {}): Promise<readonly Line[]> {
  const all: Line[] = [];
  for await (const { first, lines, faults } of lineBlocks(path, options)) {
    for (const [i, text] of lines.entries()) {
      all.push({ offset: first + i, text, fault: faults?.get(i) ?? '' });
    }
  }
  return all;
}

const plain = (texts: readonly string[]): readonly Line[] =>
  texts.map((text, offset) => ({ offset, text, fault: '' }));

test('every line takes an offset; blank ones are empty, line ends are cut, the last needs none', async () => {
  const path = fileOf('few', '{"a":1}\r\n\n \t\r\n{"a":"é"}\n\r\n{"b":2}');
  assert.deepEqual(await linesOf(path), plain(['{"a":1}', '', '', '{"a":"é"}', '', '{"b":2}']));
});

test('a newline at the end starts no further line', async () => {
  assert.deepEqual(await linesOf(fileOf('ended', 'a\nb\n')), plain(['a', 'b']));
  assert.deepEqual(await linesOf(fileOf('blank', '\n')), plain(['']));
  assert.deepEqual(await linesOf(fileOf('empty', '')), []);
});

test('a byte order mark is no part of the first line', async () => {
  assert.deepEqual(await linesOf(fileOf('mark', '\ufeffa\nb')), plain(['a', 'b']));
  assert.deepEqual(await linesOf(fileOf('mark-only', '\ufeff')), []);
  assert.deepEqual(await linesOf(fileOf('mark-gz', gzipSync('\ufeffa\nb'))), plain(['a', 'b']));
  assert.deepEqual(await linesOf(fileOf('short', 'a')), plain(['a']));
});

test('only the line that is not UTF-8 has a fault', async () => {
  const bytes = Buffer.concat([
    Buffer.from('é\n'),
    Buffer.of(0x61, 0xff, 0x62),
    Buffer.from('\n\n'),
    Buffer.from('zoë'),
  ]);
  assert.deepEqual(await linesOf(fileOf('latin1', bytes)), [
    { offset: 0, text: 'é', fault: '' },
    { offset: 1, text: 'a\ufffdb', fault: 'not valid UTF-8' },
    { offset: 2, text: '', fault: '' },
    { offset: 3, text: 'zoë', fault: '' },
  ]);
});

test('only line feeds end lines', async () => {
  const odd = 'a\u2028b\u0085c\rd\ve';
  assert.deepEqual(await linesOf(fileOf('odd', `${odd}\n`)), plain([odd]));
});

test('a line beyond the limit is a fault with its start, and the lines after it are read', async () => {
  const fault = 'expected a line of at most 10 bytes, found a longer one';
  const path = fileOf('long', `0123456789\n${'x'.repeat(11)}\nab\n${'é'.repeat(6)}`);
  assert.deepEqual(await linesOf(path, { lineBytesMax: 10 }), [
    { offset: 0, text: '0123456789', fault: '' },
    { offset: 1, text: 'x'.repeat(11), fault },
    { offset: 2, text: 'ab', fault: '' },
    { offset: 3, text: 'é'.repeat(6), fault },
  ]);
});

test('a long line is not kept in memory, plain or packed', async () => {
  const content = Buffer.concat([
    Buffer.from('first\n'),
    Buffer.alloc(24 << 20, 0x78),
    Buffer.from('\nlast'),
  ]);
  for (const path of [
    fileOf('huge', content),
    fileOf('huge-gz', gzipSync(content, { level: 1 })),
  ]) {
    const lines = await linesOf(path);
    assert.deepEqual(
      lines.map(({ text, fault }) => [text.length, fault]),
      [
        [5, ''],
        [4096, 'expected a line of at most 16777216 bytes, found a longer one'],
        [4, ''],
      ],
    );
  }
});

/** Lines of many lengths, some longer than a chunk, some blank, some beyond ASCII. */
function manyLines(): readonly string[] {
  const lines: string[] = [];
  let seed = 1;
  for (let i = 0; i < 60_000; i++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    const length = i === 20_000 ? 2_500_000 : i % 1_000 === 7 ? 110_000 : (seed >>> 16) % 60;
    const letter = i % 5_000 < 100 ? 'é😀' : 'x';
    lines.push(length === 0 ? '' : `${i}${letter.repeat(length)}`);
  }
  return lines;
}

test('lines over many chunks equal a split of the whole, plain and packed, from any offset', async () => {
  const expected = manyLines();
  const content = Buffer.from(expected.join('\n'));
  for (const path of [
    fileOf('many', content),
    fileOf('many-gz', gzipSync(content, { level: 1 })),
  ]) {
    assert.deepEqual(await linesOf(path), plain(expected));
    for (const fromOffset of [1, 19_999, 20_001, 59_999, 60_000, 70_000]) {
      assert.deepEqual(
        await linesOf(path, { fromOffset }),
        plain(expected).slice(fromOffset),
        `from ${fromOffset}`,
      );
    }
  }
});

async function failure(path: string): Promise<WeirError> {
  try {
    await linesOf(path);
  } catch (error) {
    assert.ok(error instanceof WeirError);
    assert.equal(error.place.path, path);
    assert.ok(error.message.includes(path));
    return error;
  }
  throw new Error('read without an error');
}

test('a file that is not there, cannot be read or is damaged ends with its path and the remedy', async () => {
  const missing = await failure(join(directory, 'nothing-here'));
  assert.equal(missing.code, 'input-missing');
  const folder = await failure(directory);
  assert.equal(folder.code, 'input-unreadable');
  assert.match(folder.message, /not a directory/);
  const packed = gzipSync(manyLines().slice(0, 3_000).join('\n'));
  const cut = await failure(fileOf('cut.gz', packed.subarray(0, packed.length - 20)));
  assert.equal(cut.code, 'input-unreadable');
  assert.match(cut.message, /gzip/);
  packed.fill(0x55, packed.length >> 1, (packed.length >> 1) + 200);
  assert.equal((await failure(fileOf('damaged.gz', packed))).code, 'input-unreadable');
});

test('reading may stop early', async () => {
  const path = fileOf('stopped-gz', gzipSync(manyLines().join('\n'), { level: 1 }));
  const blocks = lineBlocks(path);
  assert.equal((await blocks.next()).done, false);
  await blocks.return();
  assert.equal((await blocks.next()).done, true);
});

test('the body of a request is cut as a file is', () => {
  const { first, lines, faults } = blockOf(Buffer.from('{"a":1}\r\n\nb'), 40, 100);
  assert.deepEqual([first, lines, faults], [40, ['{"a":1}', '', 'b'], null]);
});
