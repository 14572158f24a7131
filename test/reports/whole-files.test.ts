import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { monitorFiles } from '../../src/reports/monitor-files.js';
import { KeptReport } from './read-report.js';
import { monitorSettings } from './settings.js';

interface Golden {
  readonly columns: readonly {
    readonly column: string;
    readonly reference: readonly (number | string | null)[];
    readonly current: readonly (number | string | null)[];
    readonly expected: Readonly<
      Record<string, { readonly statistic: number; readonly p?: number; readonly effect?: number }>
    >;
  }[];
}

const source = new URL('../../../test/reports/golden/whole-file.json', import.meta.url);
const golden = JSON.parse(readFileSync(fileURLToPath(source), 'utf8')) as Golden; // made by whole_file.py

const directory = mkdtempSync(join(tmpdir(), 'weir-whole-'));
after(() => rmSync(directory, { recursive: true }));
const at = (name: string) => join(directory, name);

function cell(value: number | string | null): string {
  if (value === null) return '';
  return typeof value === 'string' && /[",]/.test(value)
    ? `"${value.replaceAll('"', '""')}"`
    : String(value);
}

type Side = 'reference' | 'current';

function rows(side: Side): readonly (readonly (number | string | null)[])[] {
  const { columns } = golden;
  return columns[0]!.reference.length === 0
    ? []
    : Array.from({ length: columns[0]![side].length }, (_, i) =>
        columns.map((column) => column[side][i]!),
      );
}

function writeCsv(side: Side): string {
  const header = golden.columns.map(({ column }) => column).join(',');
  const lines = rows(side).map((row) => row.map(cell).join(','));
  writeFileSync(at(`${side}.csv`), `${[header, ...lines].join('\r\n')}\r\n`);
  return at(`${side}.csv`);
}

function writeNdjson(side: Side): string {
  const names = golden.columns.map(({ column }) => column);
  const lines = rows(side).map((row) =>
    JSON.stringify(Object.fromEntries(row.map((value, i) => [names[i], value]))),
  );
  writeFileSync(at(`${side}.ndjson`), lines.join('\n'));
  return at(`${side}.ndjson`);
}

const reports: KeptReport[] = [];

before(async () => {
  const files = [
    [writeCsv('reference'), writeCsv('current')],
    [writeNdjson('reference'), writeCsv('current')],
    [writeCsv('reference'), writeNdjson('current')],
  ] as const;
  for (const [reference, input] of files) {
    const report = new KeptReport();
    await monitorFiles(monitorSettings({ reference, input }), report);
    reports.push(report);
  }
});

for (const { column, expected } of golden.columns) {
  test(`${column}: the figures are those of scipy and numpy`, () => {
    for (const [name, { statistic, p, effect }] of Object.entries(expected)) {
      const [found] = reports[0]!.of(column, name);
      assert.ok(found, name);
      close(found.statistic, statistic, `${name} statistic`);
      if (p !== undefined) close(found.pValue, p, `${name} p`, 1e-9);
      if (effect !== undefined) close(found.effect, effect, `${name} effect`);
    }
  });
}

function close(found: number | null, expected: number, what: string, relative = 1e-12): void {
  assert.ok(found !== null, what);
  const error = Math.abs(found - expected);
  assert.ok(
    error <= Math.max(1e-14, relative * Math.abs(expected)) || error < 1e-300,
    `${what}: ${found}, scipy ${expected}`,
  );
}

test('CSV and NDJSON of the same rows give the same report', () => {
  assert.deepEqual(reports[1]!.results, reports[0]!.results);
  assert.deepEqual(reports[2]!.results, reports[0]!.results);
});

test('nulls are a test of their own, and no value of the others', () => {
  const [nulls] = reports[0]!.of('holes', 'nulls');
  const [chi2] = reports[0]!.of('holes', 'chi2');
  assert.deepEqual([nulls?.nReference, nulls?.nCurrent], [700, 500]);
  assert.equal(nulls?.verdict, 'drift');
  assert.ok(chi2 !== undefined && chi2.nReference < 700 && chi2.nCurrent < 500);
  assert.deepEqual(reports[0]!.of('same', 'nulls'), []);
});

test('drift needs a significant difference and an effect', () => {
  const verdicts = (column: string) =>
    new Set(reports[0]!.of(column).map(({ verdict }) => verdict));
  assert.deepEqual(verdicts('same'), new Set(['ok']));
  assert.equal(reports[0]!.of('shifted', 'ks')[0]?.verdict, 'drift');
  assert.equal(reports[0]!.of('new', 'psi')[0]?.verdict, 'drift');
  assert.equal(reports[0]!.summary?.verdict, 'drift');
});

test('too little memory for one column is refused with what it takes', async () => {
  const [reference, input] = [at('reference.csv'), at('current.csv')];
  const run = monitorFiles(
    monitorSettings({ reference, input, memoryBytes: 80_000 }),
    new KeptReport(),
  );
  await assert.rejects(run, {
    code: 'wrong-use',
    message: `${reference}: expected room for one column, found that 700 rows of it take 0.0405 MiB, where 0.0381 MiB are left for this file; give a larger --memory`,
  });
});

test('how many columns have been compared is told', async () => {
  const told: [string, number][] = [];
  const [reference, input] = [at('reference.csv'), at('current.csv')];
  const progress = (what: string, share: number) => told.push([what, share]);
  await monitorFiles(monitorSettings({ reference, input, progress }), new KeptReport());
  const shares = told.filter(([what]) => what === 'columns compared').map(([, share]) => share);
  assert.equal(shares.length, golden.columns.length + 1);
  assert.deepEqual(shares, golden.columns.map((_, i) => i / golden.columns.length).concat(1));
});

test('too little memory for all columns takes more passes and gives the same', async () => {
  const report = new KeptReport();
  const [reference, input] = [at('reference.csv'), at('current.csv')];
  await monitorFiles(monitorSettings({ reference, input, memoryBytes: 150_000 }), report);
  const order = (results: KeptReport['results']) =>
    results.toSorted((a, b) => (a.column + a.test < b.column + b.test ? -1 : 1));
  assert.deepEqual(order(report.results), order(reports[0]!.results));
});

test('a column whose rows are too few for any verdict is told as untested', async () => {
  const [reference, input] = [at('three.csv'), at('other.csv')];
  writeFileSync(reference, 'x,y\n1,a\n2,a\n3,a\n');
  writeFileSync(input, 'x,y\n11,b\n12,b\n13,b\n');
  const kept = new KeptReport();
  await monitorFiles(monitorSettings({ reference, input }), kept);
  assert.deepEqual(
    new Set(kept.results.map(({ verdict }) => verdict)),
    new Set(['insufficient-data']),
  );
  assert.equal(kept.summary?.verdict, 'insufficient-data');
  assert.deepEqual(
    kept.summary?.untested.map(({ column }) => column),
    ['x', 'y'],
  );
  assert.match(kept.of('x', 'ks')[0]!.detail, /expected enough rows for p below .+, found 3 and 3/);
});
