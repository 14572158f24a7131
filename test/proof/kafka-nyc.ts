// Check-ins of New York through Kafka into Redis Cluster and ClickHouse, once in JSON and once in
// Avro, against the embedded replay of the same files and a naive recomputation over the run's own
// log. Prints a line for each comparison; ends with exit code 1 where anything differs, and keeps
// what was compared.
//   node .build/test/proof/kafka-nyc.js [--only json|avro] [--share 0.25] [--keep]
// The check-ins lie in $WEIR_NYC or ../shared/data/nyc. ClickHouse is its own, current one; the
// others are those of `npm run servers up`.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { ValueFormat } from '../../src/sinks/kafka/value-format.js';
import { startWeir } from '../kills/weir-process.js';
import { startServers } from '../private-servers.js';
import {
  type Comparison,
  compareAccounts,
  compareRehydrated,
  compareSources,
  compareWritten,
} from './kafka-nyc-compare.js';
import { hasInput, type Input, lastTimeMs, readInput, writeFiles } from './kafka-nyc-input.js';
import {
  clearRun,
  openServers,
  type ProofRun,
  type ProofServers,
  runOverKafka,
  timed,
} from './kafka-nyc-run.js';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    share: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
});
const checker = fileURLToPath(new URL('../../../test/oracle/log_replay.py', import.meta.url));
const disorderMs = 60_000;

async function replay(input: Input, directory: string): Promise<string> {
  const out = join(directory, 'replay');
  const words = writeFiles(input, directory);
  const args = ['replay', '--pipeline', 'places', '--out', out, '--input', ...words];
  const { code, stderr } = await startWeir(args).ended;
  if (code !== 0) throw new Error(`the replay ended with ${code}: ${stderr}`);
  return out;
}

/** The run's own log recomputed naively: events, vectors, latest vectors, letters, scores. */
async function compareWithLog(directory: string): Promise<Comparison> {
  const child = spawn('python3', [checker, directory], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (!out.startsWith('{')) throw new Error(`log_replay.py ended without an answer: ${errors}`);
  writeFileSync(join(directory, 'log-replay.json'), out);
  const found = JSON.parse(out) as LogReplay; // as it prints it
  const counts = Object.entries(found.compared);
  return {
    what: "the run's own log recomputed",
    compared: counts.reduce((sum, [, count]) => sum + count, 0),
    differing: found.lost + found.doubled + found.differing,
    first: found.first,
    aside: ` (${counts.map(([name, count]) => `${count} ${name}`).join(', ')})`,
  };
}

interface LogReplay {
  readonly lost: number;
  readonly doubled: number;
  readonly differing: number;
  readonly compared: Readonly<Record<string, number>>;
  readonly first: string[];
}

async function proof(
  servers: ProofServers,
  root: string,
  format: ValueFormat,
  input: Input,
  out: string,
): Promise<number> {
  const directory = join(root, format);
  mkdirSync(directory);
  const name = `nyc-${randomBytes(4).toString('hex')}-${format}`;
  const run: ProofRun = { servers, directory, format, name };
  const atMs = lastTimeMs(input) - disorderMs;
  try {
    await runOverKafka(run, input, atMs);
  } finally {
    await clearRun(run);
  }
  const comparisons = [
    await compareSources(directory, input),
    await compareAccounts(directory, out),
    await compareRehydrated(directory, out),
    await compareWritten(directory, out, atMs),
    await timed(`${format}: recomputed`, () => compareWithLog(directory)),
  ];
  for (const { what, compared, differing, first, aside } of comparisons) {
    console.log(`${format}: ${what}: ${compared} compared, ${differing} differ${aside}`);
    for (const line of first) console.log(`  ${line}`);
  }
  return comparisons.reduce((sum, { compared, differing }) => {
    return sum + differing + (compared === 0 ? 1 : 0);
  }, 0);
}

async function main(): Promise<void> {
  if (!hasInput()) throw new Error('expected check-ins in WEIR_NYC or ../shared/data/nyc');
  const formats = (['json', 'avro'] as const).filter((one) => (options.only ?? one) === one);
  if (formats.length === 0) throw new Error('--only: expected json or avro');
  const root = mkdtempSync(join(tmpdir(), 'weir-nyc-'));
  const own = await startServers('clickhouse');
  let differing: number | null = null;
  try {
    const servers = await openServers(own.address('clickhouse'));
    try {
      differing = await proofs(servers, root, formats);
    } finally {
      servers.redis.close();
      servers.registry.close();
    }
  } finally {
    await own.close();
    if (differing === 0 && !options.keep) rmSync(root, { recursive: true });
    else console.log(`kept in ${root}`);
  }
  console.log(`${formats.join(' and ')}: ${differing === 0 ? 'no difference' : 'DIFFERENT'}`);
  if (differing > 0) process.exitCode = 1;
}

/** @returns how much differs */
async function proofs(
  servers: ProofServers,
  root: string,
  formats: readonly ValueFormat[],
): Promise<number> {
  const input = readInput(Number(options.share));
  const out = await timed('replayed', () => replay(input, root));
  let differing = 0;
  for (const format of formats) differing += await proof(servers, root, format, input, out);
  return differing;
}

await main();
