// Prints false alarms and delays of Weir beside other tools' rules, on the same streams. The other
// tools' answers are made by test/proof/peer_detectors/run.sh, which ends by calling this.
// Usage: node .build/test/proof/peer-detectors.js [--folder .build/peers] [--write-docs]
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { calibrate } from '../../src/monitors/calibration/calibrate.js';
import type { Design } from '../../src/monitors/calibration/design.js';
import { countValues } from '../../src/stats/bin-of.js';
import { frozenCategories } from '../../src/stats/frozen-categories.js';
import { frozenEdges } from '../../src/stats/frozen-edges.js';
import { goalDesign } from './delay-run.js';
import { docsTable, writeDocsTable } from './docs-table.js';
import { createSlidingDetector } from './sliding-detector.js';

const { values: options } = parseArgs({
  options: {
    folder: { type: 'string', default: '.build/peers' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const streamsFolder = join(options.folder, 'streams');
const onset = 2000;

/** Rows at which a rule alarmed, by stream and column. */
const alarmsByStream = z.record(z.string(), z.record(z.string(), z.array(z.number())));
type Alarms = z.infer<typeof alarmsByStream>;
const answer = z.record(z.string(), alarmsByStream);

interface Columns {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

function readCsv(name: string): Columns {
  const lines = readFileSync(join(streamsFolder, name), 'utf8').trimEnd().split('\n');
  const [header = [], ...rows] = lines.map((line) => line.split(','));
  return { names: header, rows };
}

const streams = readdirSync(streamsFolder)
  .filter((name) => name.endsWith('.stream.csv'))
  .map((name) => name.replace('.stream.csv', ''));

function weirAlarms(design: Design): Alarms {
  const calibration = calibrate(design);
  const alarms: Alarms = {};
  for (const stream of streams) {
    const reference = readCsv(`${stream}.reference.csv`);
    const current = readCsv(`${stream}.stream.csv`);
    const isText = stream.startsWith('category');
    const found: Record<string, number[]> = {};
    for (const [index, name] of current.names.entries()) {
      const read = (row: readonly string[]) => (isText ? row[index]! : Number(row[index]));
      const before = reference.rows.map(read);
      const bins = isText ? frozenCategories(before) : frozenEdges(before as number[]); // no text
      const counts = countValues(bins, before);
      const detector = createSlidingDetector(bins, counts, design, calibration);
      const looks = current.rows.flatMap((row) => detector.push(read(row)) ?? []);
      found[name] = looks.filter((look) => look.isAlarm).map((look) => look.rows);
    }
    alarms[stream] = found;
  }
  return alarms;
}

/** A dummy's alarms: at each look of each column, or at none. */
function dummyAlarms(isAlways: boolean): Alarms {
  return Object.fromEntries(
    streams.map((stream) => {
      const { names, rows } = readCsv(`${stream}.stream.csv`);
      const looks = isAlways ? rows.map((_, i) => i + 1).filter(isLook) : [];
      return [stream, Object.fromEntries(names.map((name) => [name, looks]))];
    }),
  );
}

const isLook = (row: number): boolean => row >= 1000 && row % 100 === 0;

function readAnswer(tool: string): Readonly<Record<string, Alarms>> {
  return answer.parse(
    JSON.parse(readFileSync(join(options.folder, 'answers', `${tool}.json`), 'utf8')),
  );
}

const evidently = readAnswer('evidently');
const river = readAnswer('river');
const rules: readonly (readonly [string, Alarms | undefined])[] = [
  ['Weir, 1 of 1 looks', weirAlarms(goalDesign)],
  ['Weir, 2 of 3 looks', weirAlarms({ ...goalDesign, periods: 2, ofPeriods: 3 })],
  ['Evidently, default (Wasserstein, Jensen–Shannon ≥ 0.1)', evidently.default],
  ['Evidently, PSI ≥ 0.1', evidently.PSI],
  ['Evidently, KS p < 0.05', evidently.KS],
  ['alibi-detect, KS / chi² p < 0.05 / 50', readAnswer('alibi-detect')['KSDrift / ChiSquareDrift']],
  ['NannyML, default (Jensen–Shannon > 0.1)', readAnswer('nannyml').UnivariateDriftCalculator],
  ['river ADWIN', river.ADWIN],
  ['river Page–Hinkley', river['Page-Hinkley']],
  ['river KSWIN', river.KSWIN],
  ['never alarms', dummyAlarms(false)],
  ['always alarms', dummyAlarms(true)],
];

/** Columns of the quiet stream that alarmed, of those that were looked at; and alarms in all. */
function quietCells(alarms: Alarms): readonly string[] {
  const columns = Object.values(alarms['quiet-0'] ?? {});
  const alarmed = columns.filter((rows) => rows.length > 0).length;
  const count = columns.reduce((sum, rows) => sum + rows.length, 0);
  return [`${alarmed} of ${columns.length}`, `${count}`];
}

/** Median rows from the change to the first alarm after it, and how often one came before it. */
function delayCell(alarms: Alarms, scenario: string): string {
  const runs = streams.filter((stream) => stream.startsWith(`${scenario}-`));
  const rows = runs.flatMap((stream) => {
    const found = alarms[stream]?.c0;
    return found === undefined ? [] : [found];
  });
  if (rows.length === 0) return 'not told';
  const delays = rows
    .map((found) => (found.find((row) => row > onset) ?? Number.POSITIVE_INFINITY) - onset)
    .sort((a, b) => a - b);
  const median = delays[Math.ceil(delays.length / 2) - 1]!;
  const found = delays.filter(Number.isFinite).length;
  const early = rows.filter((one) => one.some((row) => row <= onset)).length;
  const missed =
    found > 0 && found < delays.length ? `, found in ${found} of ${delays.length}` : '';
  const falsely = early > 0 ? ` (${early} too early)` : '';
  return `${Number.isFinite(median) ? median : 'never'}${missed}${falsely}`;
}

const scenarios = {
  'shift-1': '1 σ',
  'shift-0.5': '0.5 σ',
  'shift-0.25': '0.25 σ',
  gradual: '0 to 1 σ in 2,000',
  recurring: '1 σ, each other 500',
  wider: 'spread × 1.5',
  category: 'category of 5 % appears',
};
const table = docsTable(
  ['rule', 'quiet: features that alarmed', 'quiet: alarms', ...Object.values(scenarios)],
  rules.flatMap(([name, alarms]) =>
    alarms === undefined
      ? []
      : [[name, ...quietCells(alarms), ...Object.keys(scenarios).map((s) => delayCell(alarms, s))]],
  ),
);
/** Versions as the environments of run.sh pin them. */
const versions = ['evidently', 'alibi-detect', 'river', 'nannyml'].map((tool) => {
  const pins = new URL(
    `../../../test/proof/peer_detectors/requirements-${tool}.txt`,
    import.meta.url,
  );
  return readFileSync(pins, 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${tool}==`))
    ?.replace('==', ' ');
});
const [cpu] = cpus();
const machine = `${cpu?.model.trim() ?? 'unknown processor'}, Node ${process.version}`;
const text = `${table}\n\n${machine}; ${versions.join(', ')}.`;
console.log(text);
if (options['write-docs']) writeDocsTable('peers', text);
