// Proves the speed of weir monitor beside Evidently and scipy, on the same data in the same run:
// PSI and KS of 50 features, window 10,000, slide 1,000. The peers look at a share of the windows,
// and their time is scaled to all; theirs begins with the data in memory, as ours does here. Then
// the command itself, files read.
// Usage: node .build/test/proof/monitor-speed.js [--rows 1000000] [--peer-windows 5]
//   [--folder .build/monitor-speed] [--write-docs]
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { docsTable, writeDocsTable } from './docs-table.js';
import { timeFigures } from './monitor-speed-core.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    'peer-windows': { type: 'string', default: '5' },
    folder: { type: 'string', default: join(root, '.build/monitor-speed') },
    'write-docs': { type: 'boolean', default: false },
  },
});
const rows = Number(options.rows);
const { folder } = options;
const features = 50;
const window = 10_000;
const slide = 1_000;
const windows = Math.floor((rows - window) / slide) + 1;

mkdirSync(folder, { recursive: true });
const python = join(folder, 'venv/bin/python');
const run = (command: string, ...words: string[]): string =>
  execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
if (!existsSync(python)) run('python3', '-m', 'venv', join(folder, 'venv'));
run(
  python,
  '-m',
  'pip',
  'install',
  '-q',
  '-r',
  join(root, 'test/proof/monitor-speed-requirements.txt'),
);
const script = join(root, 'test/proof/monitor_speed.py');
if (!existsSync(join(folder, `made-${rows}`))) {
  run(python, script, 'data', folder, String(rows));
  mkdirSync(join(folder, `made-${rows}`));
}

interface Peer {
  readonly seconds: number;
  readonly windows: number;
}

function peer(name: string): number {
  const words = [name, folder, options['peer-windows'], String(window), String(slide)];
  const printed = run(python, script, ...words);
  const { seconds, windows: looked } = JSON.parse(printed) as Peer; // what its script prints
  return (seconds / looked) * windows;
}

const ours = timeFigures(join(folder, 'reference.npy'), join(folder, 'current.npy'), {
  features,
  rows,
  window,
  slide,
});
const evidently = peer('evidently');
const scipy = peer('scipy');
const seconds = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} s`;
const table = docsTable(
  ['PSI and KS, 50 features, data in memory', `time for ${windows} windows`, 'Weir is faster'],
  [
    ['Weir (and rank sum)', seconds(ours), ''],
    ['scipy per window', seconds(scipy), `${(scipy / ours).toFixed(0)} ×`],
    ['Evidently', seconds(evidently), `${(evidently / ours).toFixed(0)} ×`],
  ],
);
const nanos = (ours * 1e9) / (rows * features);

const main = join(root, '.build/src/main.js');
const files: string[][] = [];
let slowest = 0;
for (const [columns, form] of [
  [5, 'csv'],
  [10, 'csv'],
  [50, 'csv'],
  [10, 'ndjson'],
  [50, 'ndjson'],
  [10, 'parquet'],
  [50, 'parquet'],
] as const) {
  const out = join(folder, 'report.ndjson');
  const input = join(folder, `current-${columns}.${form}`);
  const reference = join(folder, `reference-${columns}.csv`);
  const sizes = ['--window', String(window), '--slide', String(slide)];
  const start = performance.now();
  const words = [main, 'monitor', '--reference', reference, '--input', input, ...sizes];
  run(process.execPath, ...words, '--format', 'json', '--out', out);
  const took = (performance.now() - start) / 1000;
  slowest = Math.max(slowest, took);
  const lines = readFileSync(out, 'utf8').split('\n').length - 1;
  files.push([`${columns} columns, ${form}`, seconds(took), String(lines)]);
}
const fileTable = docsTable(
  [`weir monitor, ${rows.toLocaleString('en-US')} rows`, 'time, all in all', 'lines of the report'],
  files,
);
const note = `${nanos.toFixed(0)} ns for each event and feature. The peers looked at ${options['peer-windows']} windows, scaled to all. The level of a design that is not among the known ones is simulated first, for some seconds more. ${cpus()[0]?.model ?? ''}, Node ${process.version}; \`npm run proof:monitor-speed\`.`;
const text = `${table}\n\n${fileTable}\n\n${note}`;
console.log(text);
if (options['write-docs']) writeDocsTable('monitor-speed', text);
const isKept = evidently / ours >= 20 && scipy / ours >= 20 && nanos <= 100 && slowest < 10;
if (!isKept) process.exitCode = 1;
