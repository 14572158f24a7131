// Sends generated worlds with a planted drift each through the graph of a job in this process, and
// prints what its monitor tells: exit code 1 where a drift has not exactly the episodes and events
// that its row claims, or names another feature. The job places is held against the reference of
// its model, which is of another world; the fifty features against days 31 to 44 of their own.
// Usage: node .build/test/proof/drift.js [--seeds 1,2,3,4,5] [--rows 'none;sudden']
// [--results FILE] [--write-docs]. What FILE has of a seed and row is not run again, what is run is
// added to it: several processes can share the seeds.
import { parseArgs } from 'node:util';
import { parseDrift } from '../../src/generate/drifts.js';
import { createWorld, type World } from '../../src/generate/world.js';
import { builtInPipelines } from '../../src/pipelines/built-in.js';
import { loadModels, noModels } from '../../src/streams/load-models.js';
import { docsTable, writeDocsTable } from './docs-table.js';
import { type DriftRow, driftRows, faultsOf, type Outcome, outcomeOf } from './drift-rows.js';
import { fifty } from './fifty.js';
import { keptResults } from './kept-results.js';
import {
  closeDays,
  createWorldRun,
  type RunSettings,
  resumeWorldRun,
  runDays,
  snapshotWorldRun,
  type WorldRunSnapshot,
} from './world-run.js';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3,4,5' },
    rows: { type: 'string', default: driftRows.map(({ what }) => what).join(';') },
    results: { type: 'string' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const seeds = options.seeds.split(',').map(Number);
const rows = driftRows.filter(({ what }) => options.rows.split(';').includes(what));
const places = builtInPipelines.find((one) => one.name === 'places')!;
const jobs: Readonly<Record<DriftRow['job'], RunSettings>> = {
  places: { pipeline: places, loaded: await loadModels(places) },
  fifty: { pipeline: fifty, loaded: noModels, capturePeriods: 14 },
};

function beginning({ planted }: DriftRow): number {
  return planted === '' ? 45 : parseDrift(planted).day;
}

function worldOf(seed: number, { planted }: DriftRow): World {
  return createWorld({ seed, drifts: planted === '' ? [] : [parseDrift(planted)] });
}

/** The days before a drift are the same for all of a job and seed. */
const before = new Map<string, WorldRunSnapshot>();

async function outcome(seed: number, row: DriftRow): Promise<Outcome> {
  const settings = jobs[row.job];
  const from = beginning(row);
  const key = `${row.job} ${seed} ${from}`;
  if (!before.has(key)) {
    before.clear();
    const run = createWorldRun(settings);
    await runDays(run, createWorld({ seed }), 0, from);
    before.set(key, snapshotWorldRun(run));
  }
  const world = worldOf(seed, row);
  const run = resumeWorldRun(settings, before.get(key)!);
  await runDays(run, world, from, row.days);
  await closeDays(run, world, row.days);
  return outcomeOf(row.what, seed, world.options.startMs, run.emissions);
}

const results = keptResults<Outcome>(options.results);
for (const seed of seeds) {
  for (const row of rows) {
    const isKnown = results.all.some((one) => one.seed === seed && one.what === row.what);
    if (!isKnown) results.keep(await outcome(seed, row));
  }
}

function range(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return values.length === 0 ? '-' : low === high ? `${low}` : `${low} to ${high}`;
}

/** The features that most first alerts name, and in how many they are. */
function namedIn(found: readonly Outcome[]): string {
  const counts = new Map<string, number>();
  for (const { opened } of found) {
    for (const feature of new Set(opened.flatMap(({ features }) => features))) {
      counts.set(feature, (counts.get(feature) ?? 0) + 1);
    }
  }
  const most = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 3);
  return most.map(([feature, count]) => `\`${feature}\` ${count}`).join(', ') || '-';
}

const header = [
  'drift',
  'planted',
  'seeds',
  'episodes each',
  'events each',
  'days to its alert',
  'days to its event',
  'worsened',
  'advice',
  'named in the alerts of so many seeds',
];
let isRight = true;
const cells = rows.map((row) => {
  const found = results.all.filter((one) => one.what === row.what && seeds.includes(one.seed));
  for (const one of found) {
    for (const fault of faultsOf(row, one)) {
      console.error(`broken: ${row.what}, seed ${one.seed}: ${fault}`);
      isRight = false;
    }
  }
  const delays = (told: (one: Outcome) => readonly { readonly day: number }[]): string =>
    row.openings
      .map((_, i) =>
        range(found.flatMap((one) => told(one)[i]?.day ?? []).map((day) => day - begun(row, i))),
      )
      .join('; ') || '-';
  const advice = new Set(found.flatMap(({ events }) => events.map((one) => one.advice)));
  return [
    row.what,
    row.planted === '' ? '-' : `\`${row.planted}\``,
    found.length,
    range(found.map(({ opened }) => opened.length)),
    range(found.map(({ events }) => events.length)),
    delays(({ opened }) => opened),
    delays(({ events }) => events),
    range(found.map(({ worsened }) => worsened.length)),
    [...advice].join(', ') || '-',
    namedIn(found),
  ];
});

/** The wave of the drift that an episode is of: the last that began before it could open. */
function begun(row: DriftRow, episode: number): number {
  const from = beginning(row);
  const { every = Number.POSITIVE_INFINITY } = parseDrift(row.planted);
  const waves = Math.floor((row.openings[episode]![0] - from) / every);
  return from + (waves === 0 ? 0 : waves * every);
}

const table = docsTable(header, cells);
console.log(table);
if (!isRight) process.exitCode = 1;
else if (options['write-docs']) writeDocsTable('drift', table);
