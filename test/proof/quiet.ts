// Sends generated worlds without a drift through a job of fifty features in this process: a
// reference of days 31 to 44, then sixty days, with sessions, weekends and weather, and users of
// whom the busiest have twelve times the median's sessions. Exit code 1 where any has more than one
// alarm, notices included, or the proof did not look: fewer than fifty features each day.
// Usage: node .build/test/proof/quiet.js [--seeds 1,2,3] [--results FILE] [--write-docs], where
// FILE is as for drift.js.
import { parseArgs } from 'node:util';
import { createWorld } from '../../src/generate/world.js';
import type { Check } from '../../src/monitors/check.js';
import { noModels } from '../../src/streams/load-models.js';
import { docsTable, writeDocsTable } from './docs-table.js';
import { outcomeOf } from './drift-rows.js';
import { fifty } from './fifty.js';
import { keptResults } from './kept-results.js';
import { closeDays, createWorldRun, runDays } from './world-run.js';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    results: { type: 'string' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const seeds = options.seeds.split(',').map(Number);
const watchedFrom = 45;
const watched = 60;

interface Quiet {
  readonly seed: number;
  /** Features with a test in every one of the days. */
  readonly features: number;
  readonly days: number;
  readonly tests: number;
  readonly significant: number;
  /** The features of these. */
  readonly significantIn: readonly string[];
  readonly warnings: number;
  /** Corrected PSI, and whose. */
  readonly largest: readonly [effect: number, feature: string];
  readonly alarms: readonly string[];
}

async function quietRun(seed: number): Promise<Quiet> {
  const world = createWorld({ seed });
  const run = createWorldRun({ pipeline: fifty, loaded: noModels, capturePeriods: 14 });
  await runDays(run, world, 0, watchedFrom + watched);
  await closeDays(run, world, watchedFrom + watched);
  const { opened } = outcomeOf('quiet', seed, world.options.startMs, run.emissions);
  const tested = run.checks.filter(({ pValue }) => pValue !== null);
  const psi = tested.filter(({ test }) => test === 'psi');
  const days = new Set(psi.map(({ periodStartMs }) => periodStartMs));
  const looks = new Map<string, number>();
  for (const { feature } of psi) looks.set(feature, (looks.get(feature) ?? 0) + 1);
  const [first] = psi.toSorted((a, b) => b.effect! - a.effect!);
  const isSignificant = ({ pValue, level }: Check): boolean => pValue! < level!;
  const significant = tested.filter(isSignificant);
  return {
    seed,
    features: [...looks.values()].filter((count) => count === watched).length,
    days: days.size,
    tests: tested.length,
    significant: significant.length,
    significantIn: [...new Set(significant.map(({ feature }) => feature))].sort(),
    warnings: run.checks.filter(({ verdict }) => verdict === 'warning').length,
    largest: [first?.effect ?? Number.NaN, first?.feature ?? '-'],
    alarms: opened.map(({ day, features }) => `day ${day}: ${features.join(', ')}`),
  };
}

const results = keptResults<Quiet>(options.results);
for (const seed of seeds) {
  if (!results.all.some((one) => one.seed === seed)) results.keep(await quietRun(seed));
}

const found = results.all.filter((one) => seeds.includes(one.seed));
const header = [
  'seed',
  'days',
  'features looked at each day',
  'tests',
  'significant',
  'in',
  'warnings',
  'largest corrected PSI',
  'alarms',
];
const table = docsTable(
  header,
  found.map((one) => [
    one.seed,
    one.days,
    one.features,
    one.tests,
    one.significant,
    one.significantIn.map((feature) => `\`${feature}\``).join(' ') || '-',
    one.warnings,
    `${one.largest[0].toFixed(3)} \`${one.largest[1]}\``,
    one.alarms.join('; ') || '0',
  ]),
);
console.log(table);
const broken = found.filter(
  ({ alarms, features, days }) => alarms.length > 1 || features !== 50 || days !== watched,
);
for (const { seed } of broken) console.error(`broken: seed ${seed}: more alarms, or fewer looks`);
if (broken.length > 0 || found.length !== seeds.length) process.exitCode = 1;
else if (options['write-docs']) writeDocsTable('quiet', table);
