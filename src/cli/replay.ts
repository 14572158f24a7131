import { Command } from 'commander';
import { loadModels, noModels } from '../streams/load-models.js';
import { type ReplayReport, replay } from '../streams/replay.js';
import { parseInputs } from './inputs.js';
import { loadPipeline } from './load-pipeline.js';
import { countOption, durationOption, timeOption } from './options.js';

interface Options {
  readonly pipeline: string;
  readonly input: readonly string[];
  readonly out: string;
  readonly now?: string;
  readonly partitions: string;
  readonly frameSize: string;
  readonly lateness: string;
  readonly disorder: string;
  readonly reset?: boolean;
  readonly withoutModels?: boolean;
  readonly json?: boolean;
}

const help = `
Each FILE given for a topic is one of its partitions: lines of JSON, or .csv or .avro by its name;
.gz is read as it is.
DIR gets vectors, latest, scores, alerts, retraining-events and dead-letters (.ndjson) and accounts.json.
A run that was killed goes on where it was when it is started again with the same arguments.

Example:
  weir replay --pipeline places --input interactions=a.ndjson place-updates=p.ndjson --out out`;

/** `weir replay`: files in, files out, then exit. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('replay files through a pipeline into files')
    .requiredOption(
      '--pipeline <name>',
      'a built-in pipeline, or a .ts or .js module that exports one',
    )
    .requiredOption('--input <topic=file...>', 'files to read, by topic')
    .requiredOption('--out <dir>', 'directory for the outputs; made if it is not there')
    .option(
      '--now <time>',
      'clock that judges stamps too far ahead (default: the start of the command)',
    )
    .option('--partitions <n>', 'log partitions per stage', '4')
    .option('--frame-size <n>', 'records taken at a time', '512')
    .option('--lateness <duration>', 'how late a record may be and still count', '1h')
    .option('--disorder <duration>', 'how far out of order records come', '1m')
    .option('--without-models', 'write the inputs of models with null scores, and watch no drift')
    .option('--reset', 'forget an unfinished run in DIR')
    .option('--json', 'print one line for machines at the end: records, seconds, accounts, outputs')
    .addHelpText('after', help)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const pipeline = await loadPipeline(options.pipeline);
  const settings = {
    inputs: parseInputs(options.input, pipeline),
    out: options.out,
    nowMs: options.now === undefined ? null : timeOption('--now', options.now),
    partitions: countOption('--partitions', options.partitions, 1024),
    batchRecords: countOption('--frame-size', options.frameSize, 65_536),
    latenessMs: durationOption('--lateness', options.lateness),
    disorderMs: durationOption('--disorder', options.disorder),
    reset: options.reset ?? false,
  };
  const terminal = process.stderr.isTTY === true;
  const clear = terminal ? '\r\x1b[K' : '';
  const report = await replay({
    ...settings,
    pipeline,
    models: options.withoutModels ? noModels : await loadModels(pipeline),
    progress: terminal ? showProgress() : () => {},
    warn: (message) => process.stderr.write(`${clear}weir: ${message}\n`),
  });
  process.stderr.write(clear);
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else process.stderr.write(`${summary(report, options.out)}\n`);
}

function summary({ records, seconds, accounts }: ReplayReport, out: string): string {
  const verdicts = ['late', 'invalid', 'duplicate', 'filtered'] as const;
  const unused = verdicts.map((verdict): [string, number] => {
    return [verdict, Object.values(accounts).reduce((sum, account) => sum + account[verdict], 0)];
  });
  const found = unused.filter(([, count]) => count > 0);
  const not = found.map(([verdict, count]) => `${count.toLocaleString('en')} ${verdict}`);
  const less = not.length === 0 ? '' : ` (${not.join(', ')})`;
  return `${records.toLocaleString('en')} records${less} in ${seconds.toFixed(1)} s: ${out}`;
}

function showProgress(): (records: number) => void {
  const startMs = performance.now();
  let nextMs = 0;
  let first: number | undefined;
  return (records) => {
    first ??= records;
    const nowMs = performance.now();
    if (nowMs < nextMs) return;
    nextMs = nowMs + 200;
    const rate = Math.round(((records - first) / (nowMs - startMs)) * 1_000);
    const [count, perSecond] = [records, rate].map((n) => n.toLocaleString('en'));
    process.stderr.write(`\r\x1b[K${count} records, ${perSecond}/s`);
  };
}
