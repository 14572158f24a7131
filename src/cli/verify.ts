import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { WeirError } from '../errors.js';
import { type Clickhouse, createClickhouse } from '../sinks/clickhouse/client.js';
import { startEmbedded } from '../sinks/clickhouse/embedded/start-embedded.js';
import type { Pipeline } from '../streams/pipeline.js';
import { fillClickhouse } from '../streams/verify/fill-clickhouse.js';
import { partLimits } from '../streams/verify/parts.js';
import { type ViewVerification, verify } from '../streams/verify.js';
import { type ClickhouseOptions, openClickhouse, requestMsMax } from './clickhouse-options.js';
import { parseInputs } from './inputs.js';
import { loadPipeline } from './load-pipeline.js';
import { countOption, durationOption, timeOption } from './options.js';
import { verificationText } from './verification-text.js';

interface Options extends ClickhouseOptions {
  readonly pipeline: string;
  readonly input?: readonly string[];
  readonly clickhouse?: string;
  readonly sample: string;
  readonly all?: boolean;
  readonly now?: string;
  readonly lateness: string;
  readonly disorder: string;
  readonly json?: boolean;
}

const help = `
Each sampled vector is computed again from the raw events in ClickHouse, by SQL written from the view's
definition. Per feature: equal, mismatch, missing (recomputed, not stored), extra (stored, not
recomputed), SMAPE. Exit code 1 where anything differs.
With --input the files are first replayed into a ClickHouse embedded in a temporary directory.

Examples:
  weir verify --pipeline places --input interactions=a.ndjson place-updates=p.ndjson
  weir verify --pipeline places --clickhouse http://127.0.0.1:8123 --database weir --all`;

/** Rows reach ClickHouse within a second; a running engine's last ones are waited for. */
const settleMs = 3_000;

/** `weir verify`: are the stored vectors what the events say? */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('recompute stored vectors from the raw events and compare')
    .requiredOption(
      '--pipeline <name>',
      'a built-in pipeline, or a .ts or .js module that exports one',
    )
    .option('--input <topic=file...>', 'files to replay and verify, by topic')
    .option('--clickhouse <url>', 'verify what is in this ClickHouse')
    .option('--database <name>', 'database of --clickhouse', 'weir')
    .option('--user <name>', 'user of --clickhouse')
    .option('--password-file <path>', "file that holds the user's password")
    .option('--sample <n>', 'vectors of each view, about', '10000')
    .option('--all', 'every vector')
    .option('--now <time>', 'with --input: clock that judges stamps too far ahead')
    .option('--lateness <duration>', 'with --input: how late a record may be and still count', '1h')
    .option('--disorder <duration>', 'with --input: how far out of order records come', '1m')
    .option('--json', 'the result as JSON')
    .addHelpText('after', help)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { input, clickhouse: url } = options;
  if ((input === undefined) === (url === undefined)) {
    const found = url === undefined ? 'neither' : 'both';
    throw new WeirError('wrong-use', `expected --input or --clickhouse; found ${found}`);
  }
  const pipeline = await loadPipeline(options.pipeline);
  const verified =
    input === undefined
      ? await verifyServer(options, pipeline)
      : await verifyFiles(options, input, pipeline);
  if (options.json) console.log(JSON.stringify(verified, null, 2));
  else for (const view of verified) console.log(verificationText(view));
  if (!verified.every(({ isEqual }) => isEqual)) process.exitCode = 1;
}

async function verifyServer(
  options: Options,
  pipeline: Pipeline,
): Promise<readonly ViewVerification[]> {
  const clickhouse = openClickhouse('--clickhouse', options.clickhouse!, options); // looked at
  try {
    return await verifyAll(clickhouse, options, pipeline, settleMs);
  } finally {
    await clickhouse.close();
  }
}

async function verifyFiles(
  options: Options,
  words: readonly string[],
  pipeline: Pipeline,
): Promise<readonly ViewVerification[]> {
  const fill = {
    pipeline,
    inputs: parseInputs(words, pipeline),
    nowMs: options.now === undefined ? Date.now() : timeOption('--now', options.now),
    partitions: 4,
    latenessMs: durationOption('--lateness', options.lateness),
    disorderMs: durationOption('--disorder', options.disorder),
    progress: progress((records: number) => `${records.toLocaleString('en')} records replayed`),
  };
  const directory = mkdtempSync(join(tmpdir(), 'weir-verify-'));
  try {
    const embedded = await startEmbedded({ directory });
    const clickhouse = createClickhouse({ url: embedded.url, database: 'weir', requestMsMax });
    try {
      await fillClickhouse(clickhouse, fill);
      return await verifyAll(clickhouse, options, pipeline, 0);
    } finally {
      await clickhouse.close();
      await embedded.close();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function verifyAll(
  clickhouse: Clickhouse,
  options: Options,
  pipeline: Pipeline,
  settle: number,
): Promise<readonly ViewVerification[]> {
  return verify({
    clickhouse,
    views: pipeline.views,
    sample: options.all ? null : countOption('--sample', options.sample, 1_000_000_000),
    settleMs: settle,
    limits: partLimits,
    progress: progress((view: string, part: number, parts: number) => {
      return `${view}: part ${part + 1} of ${parts}`;
    }),
  });
}

/** Rewrites one line on a terminal, five times a second at most. */
function progress<Args extends unknown[]>(
  text: (...args: Args) => string,
): (...args: Args) => void {
  if (!process.stderr.isTTY) return () => {};
  let nextMs = 0;
  return (...args) => {
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + 200;
    process.stderr.write(`\r\x1b[K${text(...args)}\r`);
  };
}
