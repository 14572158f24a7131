// Sends generated worlds through the job places, held against the reference of its model, which is
// of another world: quiet ones, and ones whose labels turn round on day 45. Prints how far the
// accuracy that was estimated without labels is from the one that came, and since when the errors
// are said to have changed: exit code 1 where a quiet day is warned of, or a turn is not told.
// Usage: node .build/test/proof/estimates.js [--seeds 2,3,4] [--write-docs]
import { parseArgs } from 'node:util';
import { parseDrift } from '../../src/generate/drifts.js';
import { dayMs } from '../../src/generate/options.js';
import { createWorld } from '../../src/generate/world.js';
import type { Check } from '../../src/monitors/check.js';
import { builtInPipelines } from '../../src/pipelines/built-in.js';
import { loadModels } from '../../src/streams/load-models.js';
import { docsTable, writeDocsTable } from './docs-table.js';
import {
  closeDays,
  createWorldRun,
  resumeWorldRun,
  runDays,
  snapshotWorldRun,
} from './world-run.js';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2,3,4' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const turnDay = 45;
const pipeline = builtInPipelines.find((one) => one.name === 'places')!;
const settings = { pipeline, loaded: await loadModels(pipeline) };
const rows: (string | number)[][] = [];

for (const seed of options.seeds.split(',').map(Number)) {
  const quiet = createWorld({ seed });
  const before = createWorldRun(settings);
  await runDays(before, quiet, 0, turnDay);
  const start = snapshotWorldRun(before);
  for (const [planted, days] of [
    ['', 60],
    [`labels@day${turnDay}`, 52],
  ] as const) {
    const drifts = planted === '' ? [] : [parseDrift(planted)];
    const world = drifts.length === 0 ? quiet : createWorld({ seed, drifts });
    const run = resumeWorldRun(settings, start);
    await runDays(run, world, turnDay, days);
    await closeDays(run, world, days);
    const row = rowOf(run.checks, world.options.startMs, planted);
    console.log(seed, ...row);
    rows.push([planted === '' ? 'none' : `\`${planted}\``, seed, ...row]);
  }
}

/** What the checks of all data say from day 31 on, when every window has filled. */
function rowOf(checks: readonly Check[], startMs: number, planted: string) {
  const of = (test: string) =>
    checks.filter((one) => one.test === test && one.segment === '' && one.statistic !== null);
  const dayOf = (timeMs: number) => (timeMs - startMs) / dayMs;
  const errors = of('estimate-error').map((one) => one.statistic!);
  const mean = errors.reduce((sum, one) => sum + one, 0) / errors.length;
  const largest = Math.max(...errors.map(Math.abs));
  const estimates = checks.filter((one) => one.subject === 'estimate');
  const warned = estimates.filter(({ verdict }) => verdict === 'warning').length;
  const told = of('adwin').find(({ detail }) => detail !== '');
  const since = told && dayOf(Date.parse(told.detail.replace('changed at ', '')));
  const isRight = planted === '' ? warned === 0 && told === undefined : told !== undefined;
  if (!isRight) process.exitCode = 1;
  return [
    errors.length,
    mean.toFixed(4),
    largest.toFixed(3),
    warned,
    told === undefined ? '-' : `day ${dayOf(told.periodEndMs) - 1}`,
    since === undefined ? '-' : `${((since - turnDay) * 24).toFixed(0)} h`,
  ];
}

const header = [
  'planted',
  'seed',
  'days with labels',
  'accuracy estimated less what came, mean',
  'largest of a day',
  'warnings of estimates',
  'change told with the labels of',
  'hour told, from the true one',
];
const table = docsTable(header, rows);
console.log(table);
if (process.exitCode === undefined && options['write-docs']) writeDocsTable('estimates', table);
