import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AlertRow } from '../../src/sinks/clickhouse/alert-row.js';
import type { ClickhouseSink } from '../../src/sinks/clickhouse/sink.js';
import { WebhookOutbox } from '../../src/sinks/webhook/outbox.js';
import { Engine } from '../../src/streams/live/engine.js';
import type { FeedRecord } from '../../src/streams/live/live-source.js';
import { createLog } from '../../src/telemetry/log.js';
import { seeded } from '../monitors/simulation.js';
import { isKill } from './files-trial.js';
import { dropLocks, Killed, MortalDisk } from './mortal-disk.js';
import { endMs, monitorName, type PlantWorld, plant, startMs } from './world.js';

/** What the world outside saw of all lives of an engine. */
export interface EngineOutcome {
  readonly kills: number;
  readonly calls: number;
  /** Rows by id with their contents, ids that were posted, and what is said of the episodes. */
  readonly told: string;
}

/** Tables and a receiver outside the process: they outlive it, and a repeat replaces. */
interface Outside {
  readonly rows: Map<string, string>;
  readonly posted: Set<string>;
  /** Ids that came again with another content. */
  readonly changed: Set<string>;
}

const event = `${monitorName}/none/1`;
const who = { who: 'ada', atMs: startMs };
/**
 * What is said once so many records were taken, and before so many were: those after it arrive only
 * when it is in the log, so that it stands before what it changes, however often it is lost.
 */
const commands = [
  {
    after: 1,
    before: 1_200,
    text: { kind: 'mute', feature: 'sensor.load', untilMs: endMs, reason: 'x', ...who },
  },
  {
    after: 2_300,
    before: 2_400,
    text: { kind: 'acknowledge', episode: event, note: 'seen', ...who },
  },
  {
    after: 2_400,
    before: 2_500,
    text: { kind: 'retraining', event, status: 'done', version: '2', note: '', ...who },
  },
].map(({ text, ...place }) => {
  return { ...place, text: JSON.stringify({ monitor: monitorName, ...text }) };
});

/** Runs the engine over the world; it dies where the seed says, and starts again. */
export async function engineTrial(
  world: PlantWorld,
  seed: number | null,
  callsMax: number,
): Promise<EngineOutcome> {
  const directory = join(world.directory, `engine-${seed ?? 'whole'}`);
  const outside: Outside = { rows: new Map(), posted: new Set(), changed: new Set() };
  const random = seeded(seed ?? 0);
  let left = seed === null ? 0 : 1 + Math.floor(random() * 3);
  for (let kills = 0; ; kills++) {
    const killAt = left-- > 0 ? Math.floor(random() * callsMax) : Number.POSITIVE_INFINITY;
    const disk = new MortalDisk(killAt, random);
    disk.install();
    try {
      const state = await live(world, directory, disk, outside);
      const rows = [...outside.rows].sort(([a], [b]) => (a < b ? -1 : 1));
      const { posted, changed } = outside;
      disk.remove();
      rmSync(directory, { recursive: true });
      const told = JSON.stringify({
        rows,
        posted: [...posted].sort(),
        changed: [...changed],
        state,
      });
      return { kills, calls: disk.calls, told };
    } catch (error) {
      if (!disk.dead || !isKill(error)) throw error;
    } finally {
      disk.remove();
    }
    dropLocks(directory);
  }
}

/** One life, to the end of the feed; gives what is said of the episodes then. */
async function live(
  world: PlantWorld,
  directory: string,
  disk: MortalDisk,
  outside: Outside,
): Promise<unknown> {
  const said = { count: 0 };
  const engine = openEngine(world, directory, said);
  let die: () => void = () => undefined;
  const died = new Promise<void>((resolve) => {
    die = resolve;
  });
  const outbox = new WebhookOutbox({
    place: { url: 'http://127.0.0.1:1/', secret: null, timeoutMs: 1_000, retryForMs: 60_000 },
    log: silent,
    send: async (_, { id }) => {
      try {
        disk.point(() => outside.posted.add(id));
        return { kind: 'delivered' };
      } catch {
        engine.stop();
        die();
        return new Promise(() => undefined); // nobody hears the answer
      }
    },
  });
  engine.sink = sinkOf(disk, outside) as ClickhouseSink; // all that an engine asks of it
  try {
    engine.useWebhook(outbox);
    await engine.recover();
    const ran = engine.run();
    ran.catch(die);
    await Promise.race([operate(engine, world, disk, said), died]);
    engine.stop();
    await ran;
    await Promise.race([outbox.drained(), died]);
    if (disk.dead) throw new Killed();
    return engine.graph.monitors.map(({ policy: { past, retrainings, mutes } }) => {
      return { past, retrainings, mutes };
    });
  } finally {
    engine.close();
  }
}

/** Says every command at its place, until it stands in the log, and waits for the feed's end. */
async function operate(
  engine: Engine,
  world: PlantWorld,
  disk: MortalDisk,
  said: { count: number },
): Promise<void> {
  const reached = async (records: number): Promise<void> => {
    while (engine.source === null || engine.position.first < records) {
      if (disk.dead) throw new Killed();
      await nextTurn();
    }
  };
  for (const { after, text } of commands) {
    await reached(after);
    while (!(await engine.say(text))) if (disk.dead) throw new Killed();
    said.count++;
  }
  await reached(world.lines.length);
}

/** Its clock goes on by a millisecond with each command, for which the records behind it wait. */
function openEngine(world: PlantWorld, directory: string, said: { readonly count: number }) {
  const records = world.lines.map((line, offset): FeedRecord => {
    const ahead = commands.filter(({ before }) => offset >= before).length;
    return { topic: 'readings', partition: 0, offset, arrivalMs: endMs + ahead, line };
  });
  mkdirSync(directory, { recursive: true });
  return new Engine({
    pipeline: plant,
    directory,
    partitions: 2,
    ingest: {
      latenessMs: 3_600_000,
      disorderMs: 60_000,
      batchRecords: 400,
      idleAfterMs: 30_000,
    },
    snapshotEveryMs: 0,
    logsKeepMs: 86_400_000,
    logsKeepBytes: 1e9,
    models: world.loaded,
    capturePeriods: null,
    feed: (next) => records.slice(next('readings', 0)),
    log: silent,
    clock: () => endMs + said.count,
  });
}

const silent = createLog({ write: () => undefined });

/** Tables that take each row at once; whatever an engine does not ask of a sink is not there. */
function sinkOf(disk: MortalDisk, { rows, changed }: Outside): Partial<ClickhouseSink> {
  const take = async (): Promise<void> => disk.point(() => undefined);
  return {
    events: take,
    vectors: take,
    scores: take,
    checks: take,
    deadLetters: take,
    flush: take,
    settle: take,
    alerts: async (alerts) => {
      for (const row of alerts) disk.point(() => put(row));
    },
  };
  function put(row: AlertRow): void {
    const text = JSON.stringify(row);
    const former = rows.get(row.id);
    if (former !== undefined && former !== text) changed.add(row.id);
    rows.set(row.id, text);
  }
}
