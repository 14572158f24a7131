import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Command } from 'commander';
import { compareCommand } from '../../src/cli/compare.js';
import { monitorCommand } from '../../src/cli/monitor.js';
import { normal } from '../reports/streams.js';

const directory = mkdtempSync(join(tmpdir(), 'weir-monitor-'));
const exitCode = process.exitCode;
after(() => {
  rmSync(directory, { recursive: true });
  process.exitCode = exitCode;
});
beforeEach(() => {
  process.exitCode = 0;
});
const at = (name: string) => join(directory, name);

function file(name: string, content: string | Buffer): string {
  writeFileSync(at(name), content);
  return at(name);
}

interface Line {
  readonly column?: string;
  readonly test?: string;
  readonly verdict?: string;
  readonly detail?: string;
  readonly statistic?: number | null;
  readonly p_value?: number | null;
  readonly n_reference?: number;
  readonly n_current?: number;
  readonly window?: object;
  readonly episode?: number;
  readonly summary?: Readonly<Record<string, unknown>>;
}

/** Runs `weir monitor`; the lines of its report, each with its figures or the reason. */
function monitor(...words: string[]): Promise<readonly Line[]> {
  return linesOf(monitorCommand(), words);
}

async function linesOf(command: Command, words: readonly string[]): Promise<readonly Line[]> {
  const out = at('report.ndjson');
  const options = ['--format', 'json', '--out', out];
  await command.parseAsync([...words, ...options], { from: 'user' });
  const text = readFileSync(out, 'utf8');
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => {
    const found = JSON.parse(line) as Line; // the contract that is under test
    const isTold = found.verdict === undefined || found.verdict === 'insufficient-data';
    if (!isTold) assert.ok(Number.isFinite(found.statistic), line);
    return found;
  });
}

const two = (reference: string, input: string) => ['--reference', reference, '--input', input];
const numbers = (seed: number, rows: number) => Array.from({ length: rows }, normal(seed));
const csv = (name: string, column: string, cells: readonly unknown[]) =>
  file(name, `${column}\n${cells.join('\n')}\n`);
const plain = csv('plain.csv', 'x', numbers(1, 300));

test('a report has a line for each test of a column, then the summary', async () => {
  const lines = await monitor(...two(plain, csv('other.csv', 'x', numbers(2, 250))));
  const first = lines[0];
  assert.deepEqual(Object.keys(first ?? {}), [
    'column',
    'test',
    'window',
    'n_reference',
    'n_current',
    'statistic',
    'p_value',
    'method',
    'effect',
    'critical',
    'verdict',
  ]);
  assert.deepEqual(first?.window, { from: 0, to: 250, rows: 250 });
  assert.deepEqual(
    lines.slice(0, -1).map((line) => line.test),
    ['psi', 'ks', 'js', 'hellinger', 'tv', 'wasserstein'],
  );
  assert.equal(lines.at(-1)?.summary?.verdict, 'ok');
  assert.equal(process.exitCode, 0);
});

test('--fail-on drift ends with 3 where something drifted, and with 0 where nothing did', async () => {
  const moved = csv(
    'moved.csv',
    'x',
    numbers(3, 300).map((x) => x + 1),
  );
  await monitor(...two(plain, moved));
  assert.equal(process.exitCode, 0);
  await monitor(...two(plain, moved), '--fail-on', 'drift');
  assert.equal(process.exitCode, 3);
  process.exitCode = 0;
  await monitor(...two(plain, plain), '--fail-on', 'drift');
  assert.equal(process.exitCode, 0);
});

test('files without a column in common end with 4, one that is missing with 3 where asked', async () => {
  const other = csv('other.csv', 'y', numbers(2, 60));
  await monitor(...two(plain, other));
  assert.equal(process.exitCode, 4);
  await monitor(...two(plain, other), '--fail-on', 'drift');
  assert.equal(process.exitCode, 4);
  process.exitCode = 0;
  const wider = file(
    'two.csv',
    `x,y\n${numbers(2, 300)
      .map((x) => `${x},1\n`)
      .join('')}`,
  );
  for (const window of [[], ['--window', '100', '--looks', '20']]) {
    await monitor(...two(wider, plain), '--fail-on', 'warning', ...window);
    assert.equal(process.exitCode, 0);
    await monitor(...two(wider, plain), '--fail-on', 'untested', ...window);
    assert.equal(process.exitCode, 3);
    process.exitCode = 0;
  }
});

test('a column that no test asked for suits is told with the reason, its rows and that test', async () => {
  const texts = csv(
    'texts.csv',
    'x',
    Array.from({ length: 60 }, (_, i) => `c${i % 3}`),
  );
  for (const window of [[], ['--window', '30', '--looks', '20']]) {
    process.exitCode = 0;
    const lines = await monitor(...two(texts, texts), '--tests', 'ks', ...window);
    assert.equal(lines.length, 2);
    assert.deepEqual([lines[0]?.test, lines[0]?.n_reference, lines[0]?.n_current], ['ks', 60, 60]);
    assert.equal(
      lines[0]?.detail,
      'expected a test of a category in --tests (psi, chi2, js, hellinger, tv, nulls); found ks',
    );
    assert.equal(process.exitCode, 4);
  }
});

test('nulls alone asked for, where none is missing, are ok', async () => {
  for (const window of [[], ['--window', '100', '--looks', '20']]) {
    const lines = await monitor(...two(plain, plain), '--tests', 'nulls', ...window);
    assert.deepEqual([lines[0]?.test, lines[0]?.verdict, lines[0]?.statistic], ['nulls', 'ok', 0]);
    assert.equal(process.exitCode, 0);
  }
});

test('--time marks the rows of whole files too, and a column that is not there is refused', async () => {
  const rows = numbers(2, 60).map(
    (x, i) => `${x},2024-01-${String((i % 28) + 1).padStart(2, '0')}`,
  );
  const timed = file('timed.csv', `x,t\n${rows.join('\n')}\n`);
  const [line] = await monitor(...two(plain, timed), '--time', 't');
  assert.deepEqual(line?.window, {
    from: 0,
    to: 60,
    rows: 60,
    from_time: '2024-01-01T00:00:00.000Z',
    to_time: '2024-01-04T00:00:00.000Z',
  });
  await assert.rejects(monitor(...two(plain, timed), '--time', 'when'), {
    code: 'wrong-use',
    message: `--time: expected a column of ${timed}; found when; its columns are x, t`,
  });
});

test('an empty file, a header alone and a file that is not there are named', async () => {
  const empty = file('empty.csv', '');
  const header = file('header.csv', 'x\n');
  const code = (name: string) => ({ code: name });
  await assert.rejects(monitor(...two(plain, empty)), {
    ...code('input-unreadable'),
    message: `${empty}: expected CSV with a header of column names, found an empty file; mend the file`,
  });
  await assert.rejects(monitor(...two(plain, header)), {
    ...code('input-unreadable'),
    message: `${header}: expected rows, found none; give a file with data`,
  });
  await assert.rejects(monitor(...two(header, plain), '--window', '50'), code('input-unreadable'));
  await assert.rejects(monitor(...two(plain, at('absent.csv'))), code('input-missing'));
  await assert.rejects(monitor(...two(plain, at('absent.parquet'))), code('input-missing'));
  const text = file('text.parquet', 'x\n1\n');
  await assert.rejects(monitor(...two(plain, text)), code('input-unreadable'));
});

test('a header that names a column twice is refused', async () => {
  const twice = file('twice.csv', 'x,y,x\n1,2,3\n');
  await assert.rejects(monitor(...two(plain, twice)), {
    code: 'input-unreadable',
    message: `${twice}: expected CSV with a header of column names, found the column 'x' twice; give each column a name of its own`,
  });
});

test('wrong use says what was expected', async () => {
  const code = { code: 'wrong-use' };
  await assert.rejects(monitor(...two(plain, plain), '--slide', '5'), code);
  await assert.rejects(monitor(...two(plain, plain), '--looks', '5'), code);
  await assert.rejects(monitor(...two(plain, plain), '--tests', 'psy'), code);
  await assert.rejects(monitor(...two(plain, plain), '--columns', 'z'), code);
  await assert.rejects(monitor(...two(plain, plain), '--window', '9', '--time', 'z'), code);
  await assert.rejects(monitor(...two(plain, plain), '--alpha', '2'), code);
  await assert.rejects(monitor(...two(plain, plain), '--window', '0'), code);
});

const shapes: Readonly<Record<string, readonly [readonly unknown[], readonly unknown[], string]>> =
  {
    'all nulls in the reference': [Array(60).fill('NA'), numbers(1, 60), 'insufficient-data'],
    'all nulls in the input': [numbers(1, 300), Array(300).fill('NA'), 'drift'],
    'one constant value': [Array(300).fill(7), Array(300).fill(7), 'ok'],
    'another constant value': [Array(300).fill(7), Array(300).fill(8), 'drift'],
    'one constant text': [Array(300).fill('a'), Array(300).fill('a'), 'ok'],
    infinities: [
      numbers(1, 300).map((x, i) => (i % 10 === 0 ? 'inf' : x)),
      numbers(2, 300).map((x, i) => (i % 10 === 0 ? '-Infinity' : x)),
      'ok',
    ],
    'nothing but infinities': [Array(60).fill('inf'), Array(60).fill('inf'), 'insufficient-data'],
    'mixed types': [
      numbers(1, 300).map((x, i) => (i % 3 === 0 ? 'text' : Math.round(x))),
      numbers(2, 300).map((x, i) => (i % 3 === 0 ? 'text' : Math.round(x))),
      'ok',
    ],
    'huge values': [
      numbers(1, 300).map((x) => x * 1e307),
      numbers(2, 300).map((x) => x * 1e307),
      'ok',
    ],
    'a number that grows with its row': [
      Array.from({ length: 300 }, (_, i) => i),
      Array.from({ length: 300 }, (_, i) => 300 + i),
      'insufficient-data',
    ],
    'names of things': [
      Array.from({ length: 300 }, (_, i) => `user-${i}`),
      Array.from({ length: 300 }, (_, i) => `user-${300 + i}`),
      'insufficient-data',
    ],
    'numbers with 7 % text': [
      numbers(1, 300).map((x, i) => (i % 14 === 0 ? 'unknown' : x)),
      numbers(2, 300).map((x, i) => (i % 14 === 0 ? 'unknown' : x)),
      'insufficient-data',
    ],
    'names of sessions, a few rows each': [
      Array.from({ length: 300 }, (_, i) => `session-${Math.floor(i / 4)}`),
      Array.from({ length: 300 }, (_, i) => `session-${75 + Math.floor(i / 4)}`),
      'insufficient-data',
    ],
    dates: [
      Array.from({ length: 300 }, (_, i) => `20${10 + (i % 10)}-01-0${1 + (i % 9)}`),
      Array.from({ length: 300 }, (_, i) => `20${10 + (i % 10)}-01-0${1 + ((i + 1) % 9)}`),
      'ok',
    ],
    booleans: [
      Array.from({ length: 300 }, (_, i) => i % 2 === 0),
      Array.from({ length: 300 }, (_, i) => i % 4 === 0),
      'drift',
    ],
  };

for (const [name, [reference, input, verdict]] of Object.entries(shapes)) {
  test(`${name}, compared: ${verdict}`, async () => {
    const words = [csv('r.csv', 'x', reference), csv('i.csv', 'x', input)];
    const lines = await linesOf(compareCommand(), words);
    assert.equal(lines.at(-1)?.summary?.verdict, verdict);
    assert.deepEqual(lines, await monitor(...two(words[0]!, words[1]!)));
  });
  for (const window of [[], ['--window', '100', '--slide', '50', '--looks', '20']]) {
    test(`${name}${window.length > 0 ? ', in windows' : ''}: ${verdict}`, async () => {
      const files = two(csv('r.csv', 'x', reference), csv('i.csv', 'x', input));
      const lines = await monitor(...files, ...window);
      assert.equal(lines.at(-1)?.summary?.verdict, verdict);
      for (const line of lines) {
        if (line.verdict === 'insufficient-data') assert.notEqual(line.detail ?? '', '');
      }
    });
  }
}

test('numbers with too much text among them are told as what they are', async () => {
  const cells = numbers(1, 300).map((x, i) => (i % 10 === 0 ? 'unknown' : x));
  const mixed = csv('mixed.csv', 'x', cells);
  const [line] = await monitor(...two(mixed, mixed));
  assert.equal(
    line?.detail,
    'expected 95 % numbers or times, or few different values; found 90 % and 271 different values in 300 rows; leave empty what is no number',
  );
});

test('a file sorted by its category has no names of things', async () => {
  const sorted = Array.from({ length: 300 }, (_, i) => `city-${Math.floor(i / 30)}`);
  const words = [csv('r.csv', 'x', sorted), csv('i.csv', 'x', Array(300).fill('city-0'))];
  const lines = await linesOf(compareCommand(), words);
  assert.equal(lines.at(-1)?.summary?.verdict, 'drift');
});

/** How each command is run on two files. */
const runs: Readonly<Record<string, (...files: [string, string]) => Promise<readonly Line[]>>> = {
  compare: (...files) => linesOf(compareCommand(), files),
  monitor: (...files) => monitor(...two(...files)),
  'monitor in windows': (...files) =>
    monitor(...two(...files), '--window', '50', '--slide', '25', '--looks', '20'),
};

for (const [name, run] of Object.entries(runs)) {
  test(`${name}: a column of one side alone is told, the others are tested`, async () => {
    const rows = numbers(1, 60).map((x) => `${x},1`);
    const wider = file('wider.csv', `x,only\n${rows.join('\n')}\n`);
    for (const [files, side] of [
      [[wider, plain], 'input'],
      [[plain, wider], 'reference'],
    ] as const) {
      const lines = await run(...files);
      const [only] = lines.filter((line) => line.column === 'only');
      assert.equal(only?.verdict, 'insufficient-data');
      assert.equal(only?.detail, `not a column of the ${side} ${plain}`);
      assert.ok(lines.some((line) => line.column === 'x' && line.test === 'ks'));
    }
  });

  test(`${name}: files without a column in common are not told apart`, async () => {
    const lines = await run(plain, csv('another.csv', 'y', numbers(2, 60)));
    assert.deepEqual(
      lines.slice(0, -1).map((line) => [line.column, line.verdict]),
      [
        ['x', 'insufficient-data'],
        ['y', 'insufficient-data'],
      ],
    );
    assert.equal(lines.at(-1)?.summary?.verdict, 'insufficient-data');
  });

  test(`${name}: an empty file is named on either side, whatever its format`, async () => {
    const expected = { code: 'input-unreadable' };
    const empty = [file('none.csv', ''), file('blank.ndjson', '\n\n'), file('none.parquet', '')];
    for (const one of [...empty, file('none.csv.gz', gzipSync(''))]) {
      await assert.rejects(run(plain, one), { ...expected, message: new RegExp(`^${one}: `) });
      await assert.rejects(run(one, plain), { ...expected, message: new RegExp(`^${one}: `) });
    }
  });
}

test('broken lines are left out and counted', async () => {
  const broken = file('broken.ndjson', '{"x":1}\n{"x":\n[1]\n\n{"x":2}\n');
  const lines = await monitor(...two(plain, broken));
  assert.equal(lines.at(-1)?.summary?.broken_input, 2);
  assert.equal(lines.at(-1)?.summary?.rows_input, 2);
});

test('tv: half of the cells turned null is drift, over whole files and in windows', async () => {
  const half = numbers(6, 800).map((x, i) => (i % 2 === 0 ? x : 'NA'));
  const files = two(csv('whole.csv', 'x', numbers(7, 2000)), csv('half.csv', 'x', half));
  for (const window of [[], ['--window', '400', '--looks', '20']]) {
    const lines = await monitor(...files, '--tests', 'tv', ...window);
    assert.deepEqual([lines[0]?.test, lines[0]?.verdict], ['tv', 'drift']);
  }
});

test('a packed file gives the same report', async () => {
  const rows = numbers(5, 300);
  const bare = await monitor(...two(plain, csv('bare.csv', 'x', rows)));
  const packed = file('packed.csv.gz', gzipSync(readFileSync(at('bare.csv'))));
  const again = await monitor(...two(plain, packed));
  assert.deepEqual(again.slice(0, -1), bare.slice(0, -1));
});

test('an input that is shorter than the window is looked at once, as it is', async () => {
  const lines = await monitor(...two(plain, plain), '--window', '1000', '--looks', '20');
  assert.deepEqual(lines[0]?.window, { from: 0, to: 300, rows: 300 });
});

test('the page holds no link and shows what came in as text', async () => {
  const evil = '"><script>alert(1)</script>';
  const cells = Array.from({ length: 80 }, (_, i) => (i % 2 === 0 ? evil : 'b'));
  const input = file(
    'evil.csv',
    `"${evil.replaceAll('"', '""')}"\n${cells.map((c) => `"${c.replaceAll('"', '""')}"`).join('\n')}\n`,
  );
  const out = at('page.html');
  const words = [input, input, '--format', 'html', '--out', out];
  await compareCommand().parseAsync(words, { from: 'user' });
  const page = readFileSync(out, 'utf8');
  assert.doesNotMatch(page, /<script|https?:|<link|@import|url\(/);
  assert.match(page, /&lt;script&gt;/);
  assert.ok(existsSync(out));
});
