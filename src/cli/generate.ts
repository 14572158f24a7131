import { Command } from 'commander';
import { WeirError } from '../errors.js';
import { driftEffects, type PlantedDrift, parseDrift } from '../generate/drifts.js';
import type { WorldOptions } from '../generate/options.js';
import { createWorld } from '../generate/world.js';
import { type Extent, type Manifest, writeWorld } from '../generate/write-world.js';

interface Given {
  readonly events?: number;
  readonly days?: number;
  readonly seed: number;
  readonly start?: number;
  readonly users?: number;
  readonly places?: number;
  readonly perDay?: number;
  readonly partitions: number;
  readonly disorder?: number;
  readonly late?: number;
  readonly broken?: number;
  readonly timeStep?: number;
  readonly drift?: readonly PlantedDrift[];
  readonly out?: string;
  readonly gzip?: boolean;
  readonly json?: boolean;
}

function wrong(expected: string, found: string, remedy: string): WeirError {
  return new WeirError('wrong-use', `expected ${expected}, found ${found}; ${remedy}`);
}

function integer(flag: string): (text: string) => number {
  return (text) => {
    if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(Number(text)))
      throw wrong(`${flag} as an integer from 0`, `"${text}"`, `write for example ${flag} 100`);
    return Number(text);
  };
}

function share(flag: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= 0 && value <= 0.5))
      throw wrong(`${flag} as a share from 0 to 0.5`, `"${text}"`, `write ${flag} 0.02 for 2 %`);
    return value;
  };
}

function start(text: string): number {
  const shaped = /^\d{4}-\d{2}-\d{2}(T00:00(:00(\.0+)?)?Z)?$/.test(text);
  const timeMs = shaped ? Date.parse(text.slice(0, 10)) : Number.NaN;
  // Date.parse takes 31 February for 3 March.
  const real = timeMs >= 0 && new Date(timeMs).toISOString().slice(0, 10) === text.slice(0, 10);
  if (!real)
    throw wrong('--start as a UTC date', `"${text}"`, 'write for example --start 2025-01-06');
  return timeMs;
}

function addDrift(text: string, before: readonly PlantedDrift[] = []): PlantedDrift[] {
  return [...before, parseDrift(text)];
}

function extentOf({ events, days }: Given): Extent {
  const remedy = 'give --events 100000 or --days 60';
  if (events !== undefined && days !== undefined)
    throw wrong('either --events or --days', 'both', 'leave one out');
  if (events !== undefined && events > 0) return { events };
  if (days !== undefined && days > 0) return { days };
  throw wrong('--events or --days of at least 1', String(events ?? days ?? 'neither'), remedy);
}

function optionsOf(given: Given): Partial<WorldOptions> {
  const named = {
    seed: given.seed,
    startMs: given.start,
    users: given.users,
    places: given.places,
    eventsPerDay: given.perDay,
    partitions: given.partitions,
    disorder: given.disorder,
    late: given.late,
    broken: given.broken,
    timeStepMs: given.timeStep,
    drifts: given.drift,
  };
  // Of a name without a value the world's default holds.
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

function summary(manifest: Manifest, out: string): string {
  const files = manifest.files.map(({ name, records }) => `  ${name}: ${records} records`);
  const faults = Object.entries(manifest.faults)
    .filter(([fault]) => fault !== 'none')
    .map(([fault, count]) => `${fault} ${count}`);
  const drifts = manifest.drifts.map((d) => `  drift ${d.name} from ${d.from}: ${d.effect}`);
  const days = `${manifest.days} day${manifest.days === 1 ? '' : 's'}`;
  const head = `${out}: ${days} from ${manifest.options.start.slice(0, 10)}`;
  return [head, ...files, `  faults: ${faults.join(', ') || 'none'}`, ...drifts, ''].join('\n');
}

function run(given: Given): void {
  const { out } = given;
  const extent = extentOf(given);
  if (out === undefined)
    throw wrong('--out DIR, where the files go', 'none', 'write for example --out generated');
  const world = createWorld(optionsOf(given));
  const terminal = process.stderr.isTTY === true;
  const onDay = (days: number, records: number): void => {
    if (terminal) process.stderr.write(`\rday ${days}, ${records} records`);
  };
  const manifest = writeWorld(world, extent, out, { gzip: given.gzip === true, onDay });
  if (terminal) process.stderr.write('\r\x1b[K');
  process.stdout.write(given.json ? `${JSON.stringify(manifest)}\n` : summary(manifest, out));
}

function driftHelp(): string {
  const lines = Object.entries(driftEffects).map(
    ([name, effect]) => `  ${name.padEnd(11)}${effect}`,
  );
  return `\nDrifts (--drift NAME@dayK, from 00:00 UTC of day K, day 0 being the first; NAME@dayK+N for\nN days, NAME@dayK+N/M for N days of every M):\n${lines.join('\n')}

Examples:
  weir generate --days 60 --seed 7 --drift prices@day45 --out generated
  weir generate --days 95 --drift devices@day45+4/14 --out generated
  weir generate --events 1000000 --disorder 0.2 --late 0.01 --partitions 4 --gzip --out generated`;
}

/** `weir generate`: the seeded generator of the topics of `places`, written to files. */
export function generateCommand(): Command {
  return new Command('generate')
    .description(
      'write seeded interactions, place updates and context as NDJSON files, for the pipeline places',
    )
    .option('--events <N>', 'stop after N records of interactions', integer('--events'))
    .option('--days <D>', 'or after D days', integer('--days'))
    .option('--seed <S>', 'the same seed and options give the same bytes', integer('--seed'), 1)
    .option('--start <ISO>', 'date of day 0, at 00:00 UTC (default: 2025-01-06)', start)
    .option('--users <U>', 'number of users (default: 2000)', integer('--users'))
    .option('--places <P>', 'number of places, at least 25 (default: 1500)', integer('--places'))
    .option('--per-day <N>', 'interactions a day (default: 6 per user)', integer('--per-day'))
    .option('--partitions <K>', 'files of interactions, by user', integer('--partitions'), 1)
    .option('--disorder <R>', 'share up to 55 s behind (default: 0.02)', share('--disorder'))
    .option('--late <R>', 'share 90 min to 6 h behind (default: 0.001)', share('--late'))
    .option('--broken <R>', 'damaged copies per record (default: 0.001)', share('--broken'))
    .option(
      '--time-step <MS>',
      'cut times to multiples of MS, 1 to 3600000',
      integer('--time-step'),
    )
    .option('--drift <name@dayK>', 'plant a drift; repeatable', addDrift)
    .option('--out <DIR>', 'where the files and manifest.json go; made if need be')
    .option('--gzip', 'compress the files')
    .option('--json', 'print the manifest instead of a summary')
    .addHelpText('after', driftHelp())
    .action((given: Given) => run(given));
}
