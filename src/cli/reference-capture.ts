import { Command } from 'commander';
import { WeirError } from '../errors.js';
import { wanted } from '../features/view-state.js';
import type { Reference } from '../monitors/reference.js';
import { writeReference } from '../monitors/reference-file.js';
import { captureFromClickhouse } from '../streams/capture-from-clickhouse.js';
import { Graph } from '../streams/graph.js';
import { defaultIngestSettings } from '../streams/ingest/batch-builder.js';
import { loadModels } from '../streams/load-models.js';
import type { Pipeline } from '../streams/pipeline.js';
import { runFiles } from '../streams/run-files.js';
import { captureRows } from './capture-rows.js';
import {
  type ClickhouseOptions,
  configuredClickhouse,
  openClickhouse,
} from './clickhouse-options.js';
import { parseInputs } from './inputs.js';
import { loadPipeline } from './load-pipeline.js';
import { countOption, timeOption } from './options.js';

interface Options extends Partial<ClickhouseOptions> {
  readonly pipeline: string;
  readonly input?: readonly string[];
  /** True for the one of the settings. */
  readonly fromClickhouse?: string | true;
  readonly config?: string;
  readonly rows?: string;
  readonly time?: string;
  readonly key?: string;
  readonly from?: string;
  readonly to?: string;
  readonly periods?: string;
  readonly monitor?: string;
  readonly now?: string;
  readonly out: string;
}

const help = `
From files, the last period counts once a later record has come. The same files give the same
bytes.
From ClickHouse, --from and --to are starts of periods; every window must be filled by --from. A
running engine writes there: so its own stream becomes its reference.
From rows (CSV, NDJSON, Parquet), such as a model was trained on: columns are named as the monitor
names features, or inputs.NAME as scores have them; every window counts as filled, and what has no
column is left out.

Examples:
  weir reference capture --pipeline places --out reference.json \\
    --input interactions=a.ndjson place-updates=p.ndjson context=c.ndjson
  weir reference capture --pipeline places --out reference.json \\
    --from-clickhouse http://127.0.0.1:8123 --from 2026-03-01T00:00Z --to 2026-03-15T00:00Z
  weir reference capture --pipeline places --out reference.json \\
    --rows .train/replay/scores.ndjson --time time --key key`;

/** `weir reference capture`: from files, from what stands in ClickHouse, or from rows. */
export function referenceCaptureCommand(): Command {
  return new Command('capture')
    .description('freeze the reference of a monitor: bins and counts of every feature')
    .requiredOption(
      '--pipeline <name>',
      'a built-in pipeline, or a .ts or .js module that exports one',
    )
    .option('--input <topic=file...>', 'files to read, by topic')
    .option('--monitor <name>', "one of the pipeline's monitors (default: the first)")
    .option(
      '--periods <n>',
      'with --input: periods to capture, from the first in which every window is filled (default: 14)',
    )
    .option(
      '--now <time>',
      'with --input: clock that judges stamps too far ahead (default: the start of the command)',
    )
    .option(
      '--from-clickhouse [url]',
      'vectors and scores in this ClickHouse (default: that of the settings)',
    )
    .option('--config <file>', 'with --from-clickhouse without a url: the settings')
    .option('--rows <file>', 'rows that hold the features themselves')
    .option('--time <column>', 'with --rows: their times (default: time)')
    .option('--key <column>', 'with --rows: their entities; the first row of a period counts')
    .option('--from <time>', 'with --from-clickhouse: start of the first period')
    .option('--to <time>', 'with --from-clickhouse: end of the last period')
    .option('--database <name>', 'database of --from-clickhouse URL (default: weir)')
    .option('--user <name>', 'user of --from-clickhouse')
    .option('--password-file <path>', "file that holds the user's password")
    .requiredOption('--out <file>', 'where the reference goes')
    .addHelpText('after', help)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { out } = options;
  const source = sourceOf(options);
  checkOptions(options, source);
  const pipeline = await loadPipeline(options.pipeline);
  const name = monitorOf(options, pipeline);
  const reference = await capturedFrom(source, options, pipeline, name);
  writeReference(reference, out);
  console.log(`${out}: ${reference.id}, ${reference.features.length} features`);
}

const sources = { input: '--input', fromClickhouse: '--from-clickhouse', rows: '--rows' } as const;
type Source = keyof typeof sources;

function sourceOf(options: Options): Source {
  const given = (Object.keys(sources) as Source[]).filter((one) => options[one] !== undefined);
  const [source, second] = given;
  if (source !== undefined && second === undefined) return source;
  const found = source === undefined ? 'neither' : given.map((one) => sources[one]).join(' and ');
  const message = `expected one of --input, --from-clickhouse and --rows; found ${found}`;
  throw new WeirError('wrong-use', message);
}

const optionsOf: Readonly<Record<Source, readonly (keyof Options)[]>> = {
  input: ['periods', 'now'],
  fromClickhouse: ['from', 'to', 'config'],
  rows: ['time', 'key'],
};

/** Refuses options of another source, which would change nothing. */
function checkOptions(options: Options, source: Source): void {
  const others = (Object.keys(sources) as Source[]).filter((one) => one !== source);
  const foreign = others.flatMap((one) => optionsOf[one]);
  const found = foreign.find((name) => options[name] !== undefined);
  if (found !== undefined) refuseWith(found, sources[source]);
  const { fromClickhouse } = options;
  if (fromClickhouse === undefined) return;
  const [beside, needless] =
    fromClickhouse === true
      ? (['--from-clickhouse without a URL', ['database', 'user', 'passwordFile']] as const)
      : (['--from-clickhouse URL', ['config']] as const);
  const given = needless.find((name) => options[name] !== undefined);
  if (given !== undefined) refuseWith(given === 'passwordFile' ? 'password-file' : given, beside);
}

function refuseWith(option: string, given: string): never {
  throw new WeirError('wrong-use', `expected no --${option} with ${given}; leave it out`);
}

function capturedFrom(
  source: Source,
  options: Options,
  pipeline: Pipeline,
  monitor: string,
): Promise<Reference> {
  switch (source) {
    case 'input':
      return fromFiles(options, options.input ?? [], pipeline, monitor);
    case 'fromClickhouse':
      return fromTables(options, options.fromClickhouse!, pipeline, monitor); // it is the source
    case 'rows':
      return fromRows(options, options.rows!, pipeline, monitor); // likewise
    default:
      return source satisfies never;
  }
}

async function fromRows(
  { time = 'time', key }: Options,
  path: string,
  pipeline: Pipeline,
  monitor: string,
): Promise<Reference> {
  const modelVersion = await versionOf(pipeline, monitor);
  const asked = { path, pipeline, monitor, modelVersion, time, key: key ?? null };
  const { reference, left } = await captureRows(asked);
  if (left > 0)
    console.error(`${left} rows have no time or key, or are not the first of their entity`);
  return reference;
}

async function versionOf(pipeline: Pipeline, monitor: string): Promise<string> {
  const { models } = await loadModels(pipeline, 'without references');
  const { model } = pipeline.monitors.find(({ name }) => name === monitor)!; // looked up before
  return models.get(model)?.manifest.version ?? 'none';
}

function monitorOf({ monitor }: Options, pipeline: Pipeline): string {
  const name = monitor ?? pipeline.monitors[0]?.name;
  if (name !== undefined && pipeline.monitors.some((one) => one.name === name)) return name;
  const known = pipeline.monitors.map((one) => one.name).join(', ') || 'none';
  throw new WeirError(
    'wrong-use',
    `--monitor: expected a monitor of ${pipeline.name} (${known}); found ${name ?? 'none'}`,
  );
}

async function fromFiles(
  options: Options,
  input: readonly string[],
  pipeline: Pipeline,
  name: string,
): Promise<Reference> {
  const { periods = '14' } = options;
  const { models } = await loadModels(pipeline, 'without references');
  const graph = new Graph(pipeline, {
    models,
    references: new Map(),
    epoch: 0,
    partitions: 4,
    latenessMs: defaultIngestSettings.latenessMs,
    wanted: wanted.before,
    capturePeriods: countOption('--periods', periods, 1_000),
  });
  const captured: Reference[] = [];
  const nowMs = options.now === undefined ? Date.now() : timeOption('--now', options.now);
  await runFiles(graph, parseInputs(input, pipeline), { nowMs }, (step) => {
    captured.push(...step.captured.filter((reference) => reference.monitor === name));
  });
  const [reference] = captured;
  if (reference !== undefined) return reference;
  throw new WeirError(
    'no-reference',
    `expected ${periods} whole periods in which every window of ${name} is filled; found fewer in the files; give a longer history, or fewer --periods`,
  );
}

async function fromTables(
  options: Options,
  url: string | true,
  pipeline: Pipeline,
  monitor: string,
): Promise<Reference> {
  const { from, to } = options;
  if (from === undefined || to === undefined) {
    const found = from === undefined ? '--from' : '--to';
    const message = `expected --from and --to with --from-clickhouse; ${found} is missing`;
    throw new WeirError('wrong-use', message);
  }
  const fromMs = timeOption('--from', from);
  const toMs = timeOption('--to', to);
  const modelVersion = await versionOf(pipeline, monitor);
  const option = '--from-clickhouse';
  const clickhouse =
    url === true
      ? configuredClickhouse(option, options.config)
      : openClickhouse(option, url, { ...options, database: options.database ?? 'weir' });
  try {
    const asked = { clickhouse, pipeline, monitor, modelVersion, fromMs, toMs };
    return await captureFromClickhouse(asked);
  } finally {
    await clickhouse.close();
  }
}
