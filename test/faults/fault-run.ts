import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createRandom, type Random } from '../../src/generate/random.js';
import { drained } from './drain.js';
import { between, integer, pick } from './draw.js';
import { dumpRun, query } from './dump.js';
import type { FaultServers } from './fault-servers.js';
import { type FaultKind, faultKinds, type RunNotes } from './kinds.js';
import { withAdmin } from './log-faults.js';
import { drawRoles, Members } from './members.js';
import { createSources, produce, workload } from './workload.js';

const checker = fileURLToPath(new URL('../../../test/oracle/log_replay.py', import.meta.url));
const drainMsMax = 90_000;
const startMsMax = 30_000;

/** What the checker found. */
interface Comparison {
  readonly lost: number;
  readonly doubled: number;
  readonly differing: number;
  /** Records that stood in a log again. */
  readonly again: number;
  readonly compared: Readonly<Record<string, number>>;
  readonly first: readonly string[];
}

export interface FaultRun extends Comparison {
  readonly seed: number;
  /** Kinds of the faults that happened. */
  readonly faults: readonly string[];
  readonly events: number;
  readonly members: string;
  readonly restarts: number;
  /** Tasks that went on from a snapshot. */
  readonly recoveries: number;
  /** Processes that ended by themselves, and other things to look into. */
  readonly remarks: readonly string[];
  readonly seconds: number;
}

export interface RunOptions {
  readonly servers: FaultServers;
  readonly directory: string;
  readonly seed: number;
  readonly events: number;
  /** Names of kinds; faults are drawn from all where there are none. */
  readonly only: readonly string[];
}

function drawFaults(random: Random, only: readonly string[]): FaultKind[] {
  if (only.includes('none')) return [];
  const kinds = faultKinds.filter(({ name }) => only.length === 0 || only.includes(name));
  const count = only.length > 0 ? only.length : integer(random, 1, 3);
  const drawn: FaultKind[] = only.length > 0 ? [...kinds] : [];
  while (drawn.length < count) {
    const kind = pick(random, kinds);
    // One process is started with one thing in it.
    if (kind.start !== undefined && drawn.some((one) => one.start !== undefined)) continue;
    drawn.push(kind);
  }
  return drawn;
}

/** One run: load, faults, healing, draining, a clean stop, and the comparison with the logs. */
export async function faultRun(options: RunOptions): Promise<FaultRun> {
  const { servers, directory, seed, events, only } = options;
  const beganMs = performance.now();
  mkdirSync(directory, { recursive: true });
  const random = createRandom(seed, 1);
  const faults = drawFaults(random, only);
  const roles = drawRoles(random);
  const prefix = `f${seed}.`;
  const database = `f${seed}`;
  const members = new Members({ servers, directory, prefix, database }, random);
  const notes: RunNotes = { clockJumped: false, flushed: false };
  const place = { servers, members, random, prefix, spanMs: between(random, 6_000, 12_000), notes };
  try {
    await createSources(servers.kafka, prefix);
    const inside = faults.find(({ start }) => start !== undefined);
    for (const [i, role] of roles.entries()) {
      members.add(role).start(i === 0 ? inside?.start?.(random, notes) : undefined);
    }
    const records = workload(seed, events);
    // Most faults are to meet work under way, some the start.
    if (random.unit() < 0.8) await members.working(startMsMax);
    await Promise.all([
      produce(servers.kafka, prefix, records, place.spanMs),
      ...faults.map(async ({ inject }) => {
        if (inject === undefined) return;
        await delay(between(random, 500, place.spanMs));
        await inject(place);
      }),
    ]);
    const remarks = await drained(servers.kafka, prefix, drainMsMax);
    if (notes.flushed) await members.present[0]!.command('rehydrate');
    await members.stop();
    await dumpRun({ servers, directory, prefix, database }, notes);
    const comparison = await compare(directory);
    remarks.push(...members.unclean.map((one) => `did not stop cleanly: ${one}`));
    for (const { name, ends } of members.all) {
      if (ends.length > 0) remarks.push(`${name} ended by itself: ${ends.join(', ')}`);
    }
    const happened = faults.filter(
      ({ name }) => name !== 'fail-point' || members.all.some((one) => one.failPointReached),
    );
    return {
      ...comparison,
      seed,
      faults: happened.map(({ name }) => name),
      events: records.length,
      members: roles.join('+'),
      restarts: members.all.reduce((sum, { starts }) => sum + starts - 1, 0),
      recoveries: recoveriesOf(members, directory),
      remarks,
      seconds: (performance.now() - beganMs) / 1_000,
    };
  } finally {
    await members.abandon();
    await clear(servers, prefix, database);
  }
}

async function compare(directory: string): Promise<Comparison> {
  const child = spawn('python3', [checker, directory], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (!out.startsWith('{')) throw new Error(`the checker ended without an answer: ${errors}`);
  return JSON.parse(out) as Comparison; // as log_replay.py prints it
}

function recoveriesOf(members: Members, directory: string): number {
  const lines = members.all.flatMap(({ name }) => {
    return readFileSync(`${directory}/${name}.log`, 'utf8').split('\n');
  });
  return lines.filter((line) => line.includes('"task taken"') && !line.includes('"next":0')).length;
}

/** The next run finds the servers as they were. */
async function clear(servers: FaultServers, prefix: string, database: string): Promise<void> {
  await servers.kafkaProxy.restore();
  await servers.redisProxy.restore();
  servers.clickhouseProxy.mode = 'pass';
  await servers.flushRedis();
  await query(servers.clickhouse, `DROP DATABASE IF EXISTS ${database}`);
  await withAdmin(servers.kafka, async (admin) => {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  });
}
