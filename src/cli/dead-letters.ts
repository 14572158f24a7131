import { Command } from 'commander';
import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load-config.js';
import { processEnvironment } from '../config/process-environment.js';
import { WeirError } from '../errors.js';
import { createKafka } from '../sinks/kafka/client.js';
import { createLog, type Log } from '../telemetry/log.js';
import { Closing } from './closing.js';
import { lineOf, postLetters, readLetterFile, readReplayedFile } from './dead-letters-file.js';
import {
  type LetterPlace,
  openRegistry,
  readLetters,
  readReplayed,
  replayLetters,
} from './dead-letters-kafka.js';
import {
  inOrder,
  type Letter,
  placeOf,
  type SelectionOptions,
  selection,
} from './dead-letters-selection.js';
import { loadPipeline } from './load-pipeline.js';
import { countOption } from './options.js';

interface Options extends SelectionOptions {
  readonly config?: string;
  readonly pipeline?: string;
  readonly file?: string;
}

interface ListOptions extends Options {
  readonly since?: string;
  readonly limit: string;
  readonly json?: boolean;
}

interface ReplayOptions extends Options {
  readonly again?: boolean;
  readonly dryRun?: boolean;
  readonly post?: string;
}

/** Letters that one run holds: their texts are in memory. */
const lettersMax = 100_000;

const replayHelp = `
Each record is written to the topic and partition that it came from, as it was (bytes, key, headers), with
a header x-weir-replay-of: TOPIC/PARTITION/OFFSET, and is judged anew. What was replayed is kept in a topic
of its own, in the same transaction: running the command twice writes nothing twice, unless --again.
A record that was refused again is a new dead letter.

Without Kafka: --file takes dead-letters.ndjson of weir replay, or rows of ClickHouse:
  SELECT topic, partition, offset, reason, detail, raw FROM dead_letters FINAL FORMAT JSONEachRow
and --post gives the records to a running engine; without it they are printed, a line each.`;

/** `weir dead-letters`: what was not used, and how it is used after all. */
export function deadLettersCommand(): Command {
  const list = withSelection(new Command('list'))
    .description('the newest dead letters, and how many there are of each reason')
    .option('--since <time>', 'those written since then; the same as --from')
    .option('--limit <n>', 'letters to show', '20')
    .option('--json', 'as JSON')
    .action(listLetters);
  const replay = withSelection(new Command('replay'))
    .description('give records to their topics again, to be judged anew')
    .option('--again', 'also those that were replayed before')
    .option('--dry-run', 'say what would be written, and write nothing')
    .option('--post <url>', 'with --file: address of a running engine, http://127.0.0.1:8080')
    .addHelpText('after', replayHelp)
    .action(replayRecords);
  return new Command('dead-letters')
    .description('records that were not used: list them, replay them')
    .addCommand(list)
    .addCommand(replay);
}

function withSelection(command: Command): Command {
  return command
    .option('--config <file>', 'configuration (default: weir.config.yaml if it is there)')
    .option('--pipeline <name>', 'a built-in pipeline, or a .ts or .js module that exports one')
    .option('--file <file>', 'dead letters as NDJSON, instead of those in Kafka')
    .option('--topic <topic>', 'those of one topic of the pipeline')
    .option('--reason <reason>', 'invalid, future or late')
    .option('--from <bound>', 'from a time of writing on, or an offset of --topic')
    .option('--to <bound>', 'up to a time of writing, or an offset of --topic, without it');
}

async function listLetters(options: ListOptions): Promise<void> {
  const limit = countOption('--limit', options.limit, lettersMax);
  const from = options.since ?? options.from;
  const wanted = selection({ ...options, ...(from === undefined ? {} : { from }) });
  const counts = new Map<string, number>();
  const newest: Letter[] = [];
  const seen = new Set<string>();
  const take = (letter: Letter): void => {
    if (!wanted(letter) || seen.has(placeOf(letter))) return;
    if (seen.size < seenMax) seen.add(placeOf(letter)); // beyond, a repeat counts twice
    const kind = `${letter.topic} ${letter.reason}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    newest.push(letter);
    if (newest.length >= 2 * limit + 1_000) newest.splice(0, newest.length, ...last(newest, limit));
  };
  const { unreadable } = await readAll(options, take);
  const letters = last(newest, limit);
  const byReason = [...counts].map(([kind, count]) => {
    const [topic = '', reason = ''] = kind.split(' ');
    return { topic, reason, count };
  });
  if (options.json) {
    console.log(
      JSON.stringify({ counts: byReason, unreadable, letters: letters.map(told) }, null, 2),
    );
    return;
  }
  for (const letter of letters) {
    const { time, reason, detail } = told(letter);
    console.log(`${time === null ? '' : `${time}  `}${placeOf(letter)}  ${reason}: ${detail}`);
  }
  for (const { topic, reason, count } of byReason) console.log(`${topic}: ${count} ${reason}`);
  if (byReason.length === 0) console.log('no dead letters');
  if (unreadable > 0) console.log(`${unreadable} records that are no dead letters`);
}

const seenMax = 1_000_000;

/** The newest, in the order of writing. */
function last(letters: readonly Letter[], limit: number): Letter[] {
  return letters.toSorted((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0)).slice(-limit);
}

function told({ timeMs, ...letter }: Letter) {
  return { time: timeMs === null ? null : new Date(timeMs).toISOString(), ...letter };
}

async function replayRecords(options: ReplayOptions): Promise<void> {
  const { file, post, dryRun = false, again = false } = options;
  if (post !== undefined && file === undefined)
    throw new WeirError('wrong-use', '--post: expected --file beside it; with Kafka leave it out');
  const wanted = selection(options);
  const found: Letter[] = [];
  let over = 0;
  const take = (letter: Letter): void => {
    if (!wanted(letter)) return;
    if (found.length < lettersMax) found.push(letter);
    else over++;
  };
  let before = 0;
  const choose = (replayed: ReadonlySet<string>): readonly Letter[] => {
    const letters = inOrder(found);
    const chosen = again ? letters : letters.filter((letter) => !replayed.has(placeOf(letter)));
    before = letters.length - chosen.length;
    return chosen;
  };
  const report = (what: string): void => {
    console.error(what);
    if (before > 0) console.error(`${before} were replayed before (--again replays them too)`);
    if (over > 0) console.error(`${over} more were not looked at; give --topic, --from or --to`);
  };
  if (file !== undefined) {
    await readLetterFile(file, take);
    const chosen = choose(readReplayedFile(file));
    if (dryRun) report(`${chosen.length} records would be replayed`);
    else await replayFile(file, chosen, post, report);
    return;
  }
  await withKafka(options, async (place, { kafka }) => {
    await readLetters(place, take);
    if (dryRun) {
      const chosen = choose(await readReplayed(place));
      report(`${chosen.length} records would be replayed`);
      return;
    }
    const replication = kafka?.replication ?? 1;
    const { written, gone } = await replayLetters(place, replication, choose);
    report(`${written} records were replayed`);
    if (gone.length > 0) {
      console.error(
        `${gone.length} are no longer in their topics, and their bytes are not known: ${gone.slice(0, 5).map(placeOf).join(', ')}`,
      );
    }
  });
}

async function replayFile(
  file: string,
  letters: readonly Letter[],
  post: string | undefined,
  report: (what: string) => void,
): Promise<void> {
  const lines = letters.flatMap((letter) => lineOf(letter) ?? []);
  const left = letters.length - lines.length;
  if (post === undefined) {
    const topics = new Set(letters.map((letter) => letter.topic));
    if (topics.size > 1) {
      const names = [...topics].join(', ');
      throw new WeirError('wrong-use', `--topic: expected one of ${names} to print, or --post`);
    }
    for (const line of lines) console.log(line);
    report(`${lines.length} records were printed`);
  } else report(`${await postLetters(file, letters, post)} records were replayed`);
  if (left > 0) console.error(`${left} were no text, so that they cannot be lines`);
}

async function readAll(options: Options, take: (letter: Letter) => void) {
  if (options.file !== undefined) return readLetterFile(options.file, take);
  let read = { unreadable: 0 };
  await withKafka(options, async (place) => {
    read = await readLetters(place, take);
  });
  return read;
}

async function withKafka(
  options: Options,
  body: (place: LetterPlace, config: Config) => Promise<void>,
): Promise<void> {
  const overrides = [{ flag: '--pipeline', path: 'pipeline', value: options.pipeline }];
  const config = loadConfig({ file: options.config, env: processEnvironment, overrides });
  const { kafka: settings } = config;
  if (settings === null) {
    throw new WeirError(
      'wrong-use',
      'expected kafka.brokers in the settings, or --file; dead letters of an embedded engine are in the table dead_letters of ClickHouse (weir dead-letters replay --help shows how)',
    );
  }
  const log: Log = createLog({ level: 'warn' });
  const { name: pipeline } = await loadPipeline(config.pipeline);
  const closing = new Closing();
  await closing.after(async () => {
    const registry = openRegistry(config, log);
    if (registry !== null) closing.add(registry);
    await body({ kafka: createKafka(settings, log), settings, registry, pipeline }, config);
  });
}
