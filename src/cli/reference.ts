import { Command } from 'commander';
import { WeirError } from '../errors.js';
import { wanted } from '../features/view-state.js';
import type { Reference } from '../monitors/reference.js';
import { writeReference } from '../monitors/reference-file.js';
import { Graph } from '../streams/graph.js';
import { defaultIngestSettings } from '../streams/ingest/batch-builder.js';
import { loadModels } from '../streams/load-models.js';
import { runFiles } from '../streams/run-files.js';
import { parseInputs } from './inputs.js';
import { loadPipeline } from './load-pipeline.js';
import { countOption, timeOption } from './options.js';
import { referenceListCommand, referenceShowCommand } from './reference-show.js';

interface Options {
  readonly pipeline: string;
  readonly input: readonly string[];
  readonly periods: string;
  readonly monitor?: string;
  readonly now?: string;
  readonly out: string;
}

const help = `
The last period counts once a later record has come. The same files give the same bytes.

Example:
  weir reference capture --pipeline places --out reference.json \\
    --input interactions=a.ndjson place-updates=p.ndjson context=c.ndjson`;

/** `weir reference`: what drift is measured against. */
export function referenceCommand(): Command {
  const capture = new Command('capture')
    .description('freeze the reference of a monitor from files: bins and counts of every feature')
    .requiredOption(
      '--pipeline <name>',
      'a built-in pipeline, or a .ts or .js module that exports one',
    )
    .requiredOption('--input <topic=file...>', 'files to read, by topic')
    .option('--monitor <name>', "one of the pipeline's monitors (default: the first)")
    .option(
      '--periods <n>',
      'periods to capture, from the first in which every window is filled',
      '14',
    )
    .option(
      '--now <time>',
      'clock that judges stamps too far ahead (default: the start of the command)',
    )
    .requiredOption('--out <file>', 'where the reference goes')
    .addHelpText('after', help)
    .action(run);
  return new Command('reference')
    .description('references that drift is measured against')
    .addCommand(capture)
    .addCommand(referenceListCommand())
    .addCommand(referenceShowCommand());
}

async function run(options: Options): Promise<void> {
  const pipeline = await loadPipeline(options.pipeline);
  const name = options.monitor ?? pipeline.monitors[0]?.name;
  if (name === undefined || !pipeline.monitors.some((monitor) => monitor.name === name)) {
    const known = pipeline.monitors.map((monitor) => monitor.name).join(', ') || 'none';
    throw new WeirError(
      'wrong-use',
      `--monitor: expected a monitor of ${pipeline.name} (${known}); found ${name ?? 'none'}`,
    );
  }
  const { models } = await loadModels(pipeline, 'without references');
  const graph = new Graph(pipeline, {
    models,
    references: new Map(),
    epoch: 0,
    partitions: 4,
    latenessMs: defaultIngestSettings.latenessMs,
    wanted: wanted.before,
    capturePeriods: countOption('--periods', options.periods, 1_000),
  });
  const captured: Reference[] = [];
  const nowMs = options.now === undefined ? Date.now() : timeOption('--now', options.now);
  await runFiles(graph, parseInputs(options.input, pipeline), { nowMs }, (step) => {
    captured.push(...step.captured.filter((reference) => reference.monitor === name));
  });
  const [reference] = captured;
  if (reference === undefined) {
    throw new WeirError(
      'no-reference',
      `expected ${options.periods} whole periods in which every window of ${name} is filled; found fewer in the files; give a longer history, or fewer --periods`,
    );
  }
  writeReference(reference, options.out);
  console.log(`${options.out}: ${reference.id}, ${reference.features.length} features`);
}
