// Prints what the drift monitor of the pipeline places makes of planted drifts, and of none:
// generated days through the whole graph in this process, against the reference of the model. Ends
// with exit code 1 where a drift has another number of retraining events than expected.
// Without a drift more than one alert, notices included, is too many.
// Usage: node .build/test/proof/drift.js [--seeds 1,2,3] [--drifts none,prices] [--day 45] [--days
// 60] [--write-docs]
import { parseArgs } from 'node:util';
import type { DriftName } from '../../src/generate/drifts.js';
import { dayMs } from '../../src/generate/options.js';
import { createWorld, type World } from '../../src/generate/world.js';
import type { Check } from '../../src/monitors/check.js';
import type { DriftAlert } from '../../src/monitors/emission.js';
import { builtInPipelines } from '../../src/pipelines/built-in.js';
import { loadModels } from '../../src/streams/load-models.js';
import { writeDocsTable } from './docs-table.js';
import {
  closeDays,
  createWorldRun,
  type RunSettings,
  resumeWorldRun,
  runDays,
  snapshotWorldRun,
  type WorldRun,
} from './world-run.js';

type Planted = 'none' | DriftName;

/** Retraining events that each must have, but for those of the schedule. */
const expected: Readonly<Record<Planted, readonly number[]>> = {
  none: [0],
  prices: [1],
  devices: [1],
  weekend: [1],
  categories: [1],
  ratings: [1],
  nulls: [1],
  activity: [1],
  labels: [1],
};

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3,4,5' },
    drifts: { type: 'string', default: Object.keys(expected).join(',') },
    day: { type: 'string', default: '45' },
    days: { type: 'string', default: '60' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const driftDay = Number(options.day);
const days = Number(options.days);
const places = builtInPipelines.find((one) => one.name === 'places')!;
const settings: RunSettings = { pipeline: places, loaded: await loadModels(places) };

function worldOf(seed: number, drift: Planted): World {
  return createWorld({ seed, drifts: drift === 'none' ? [] : [{ name: drift, day: driftDay }] });
}

function strongest(checks: readonly Check[]): string {
  const [first] = checks
    .filter((check) => check.test === 'psi' && check.effect !== null)
    .sort((a, b) => b.effect! - a.effect!);
  return first === undefined ? '-' : `\`${first.feature}\` ${first.effect!.toFixed(3)}`;
}

interface Found {
  readonly events: number;
  /** Episodes that opened, notices included. */
  readonly alarms: number;
  readonly row: string;
}

function found(seed: number, drift: Planted, { startMs }: World['options'], run: WorldRun): Found {
  const dayOf = (timeMs: number): number => (timeMs - startMs) / dayMs;
  const told = run.emissions.filter((one): one is DriftAlert => one.kind === 'alert');
  const alerts = told.filter((alert) => alert.episodeKind === 'drift');
  const notices = told.filter((one) => one.episodeKind === 'notice' && one.phase === 'opened');
  const events = run.emissions.filter(
    ({ kind, episodeKind }) => kind === 'retraining' && episodeKind === 'drift',
  ).length;
  const [first] = alerts;
  const features = first?.features ?? [];
  const more = features.length > 3 ? ` and ${features.length - 3} more` : '';
  const episodes = alerts.map(({ phase, timeMs }) => `${phase} ${dayOf(timeMs)}`);
  const isAfter = (check: Check) => drift !== 'none' && dayOf(check.periodStartMs) >= driftDay;
  const cells = [
    seed,
    drift,
    events,
    episodes.join(', ') || '-',
    first === undefined ? '-' : dayOf(first.timeMs) - driftDay,
    features.length === 0
      ? '-'
      : features
          .slice(0, 3)
          .map((one) => `\`${one}\``)
          .join(' ') + more,
    strongest(run.checks.filter((check) => !isAfter(check))),
    strongest(run.checks.filter(isAfter)),
    notices.length,
  ];
  const alarms = told.filter(({ phase }) => phase === 'opened').length;
  return { events, alarms, row: `| ${cells.join(' | ')} |` };
}

const lines: string[] = [];
function print(line: string): void {
  lines.push(line);
  console.log(line);
}

print(
  '| seed | drift | retraining events | episodes, by day | days of delay | opened by | strongest before | strongest after | notices |',
);
print('|---|---|---|---|---|---|---|---|---|');
for (const seed of options.seeds.split(',').map(Number)) {
  // The days before the drift are the same for all.
  const before = createWorldRun(settings);
  await runDays(before, worldOf(seed, 'none'), 0, driftDay);
  const snapshot = snapshotWorldRun(before);
  for (const drift of options.drifts.split(',') as Planted[]) {
    const world = worldOf(seed, drift);
    const run = resumeWorldRun(settings, snapshot);
    await runDays(run, world, driftDay, days);
    await closeDays(run, world, days);
    const { events, alarms, row } = found(seed, drift, world.options, run);
    const isRight = expected[drift].includes(events) && (drift !== 'none' || alarms <= 1);
    const wrong = isRight ? '' : ` expected ${expected[drift].join(' or ')}`;
    if (wrong !== '') process.exitCode = 1;
    print(row + wrong);
  }
}
if (options['write-docs']) writeDocsTable('drift', lines.join('\n'));
