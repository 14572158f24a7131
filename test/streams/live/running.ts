import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { key, oneOf } from '../../../src/features/fields.js';
import { source } from '../../../src/features/source.js';
import { view } from '../../../src/features/view.js';
import type { Acceptance, EngineView } from '../../../src/server/engine-view.js';
import { viewOf } from '../../../src/server/running-engine.js';
import {
  Engine,
  type EngineOutput,
  type EngineSettings,
} from '../../../src/streams/live/engine.js';
import type { FeedRecord } from '../../../src/streams/live/live-source.js';
import { noModels } from '../../../src/streams/load-models.js';
import { pipeline } from '../../../src/streams/pipeline.js';
import type { Log, LogFields } from '../../../src/telemetry/log.js';

const actions = source('actions', {
  key: 'user',
  time: 'at',
  fields: { user: key(), page: key(), kind: oneOf('view', 'click') },
});

export const user = view({
  name: 'user',
  key: 'user',
  source: actions,
  features: (on) => ({
    views: on.count({ where: { kind: 'view' }, over: ['1h', '24h'] }),
    clicks: on.count({ where: { kind: 'click' }, over: 'lifetime' }),
  }),
});
export const page = view({
  name: 'page',
  key: 'page',
  source: actions,
  features: (on) => ({ actions: on.count({ over: ['1h', '24h'] }) }),
});
const busierPage = view({
  name: 'page',
  key: 'page',
  source: actions,
  features: (on) => ({ actions: on.count({ over: ['1h', '24h', '7d'] }) }),
});

export const site = pipeline({ name: 'site', views: [user, page] });
/** The same with another window. */
export const widerSite = pipeline({ name: 'site', views: [user, busierPage] });

export const noonMs = Date.parse('2024-03-04T12:00:00.000Z');

export function line(user: string, timeMs: number, kind = 'view', page = 'start'): string {
  return JSON.stringify({ user, page, kind, at: new Date(timeMs).toISOString() });
}

/** `count` records of one partition, a minute apart up to noon, users and pages in turn. */
export function history(count: number): FeedRecord[] {
  return Array.from({ length: count }, (_, offset) => {
    const timeMs = noonMs - (count - offset) * 60_000;
    const text = line(
      `u${offset % 7}`,
      timeMs,
      offset % 3 === 0 ? 'click' : 'view',
      `p${offset % 5}`,
    );
    return { topic: 'actions', partition: 0, offset, arrivalMs: timeMs, line: text };
  });
}

const scratches: string[] = [];
// At the very end: engines that are still running write to them.
after(() => {
  for (const path of scratches) rmSync(path, { recursive: true, force: true });
});

/** A directory that is removed when the file's tests have ended. */
export function scratch(): string {
  const path = mkdtempSync(join(tmpdir(), 'weir-live-'));
  scratches.push(path);
  return path;
}

export interface Said {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

export function listeningLog(said: Said[]): Log {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      said.push({ level, message, fields });
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export interface Clock {
  nowMs: number;
}

export interface Running {
  readonly engine: Engine;
  readonly view: EngineView;
  readonly said: readonly Said[];
  /** Posts lines to `actions`. */
  post(...lines: string[]): Promise<Acceptance>;
  /** A user's features. */
  features(view: string, key: string): Promise<Record<string, unknown> | undefined>;
  /** Resolves with the next output that `wanted` is true of. */
  output(wanted: (output: EngineOutput) => boolean): Promise<EngineOutput>;
  /** As Ctrl-C does. */
  stop(): Promise<void>;
}

type Settings = Partial<EngineSettings> & { readonly records?: readonly FeedRecord[] };

export function settingsOf(directory: string, clock: Clock, given: Settings = {}): EngineSettings {
  const { records = [], ...rest } = given;
  return {
    pipeline: site,
    directory,
    partitions: 4,
    ingest: { latenessMs: 3_600_000, disorderMs: 60_000, batchRecords: 16, idleAfterMs: 30_000 },
    snapshotEveryMs: 3_600_000,
    logsKeepMs: 7 * 86_400_000,
    logsKeepBytes: 1e9,
    models: noModels,
    capturePeriods: null,
    feed: (next) => records.filter((one) => one.offset >= next(one.topic, one.partition)),
    log: listeningLog([]),
    clock: () => clock.nowMs,
    ...rest,
  };
}

/** An engine that is live: what its feed had up to the clock is taken. */
export async function started(
  t: TestContext,
  directory: string,
  clock: Clock,
  given: Settings = {},
): Promise<Running> {
  const said: Said[] = [];
  const engine = new Engine(settingsOf(directory, clock, { log: listeningLog(said), ...given }));
  const view = viewOf(engine, { history: null, planted: [], parts: () => [] });
  await engine.recover();
  const ran = engine.run();
  ran.catch(() => undefined); // `stop` tells
  let stopped = false;
  const stop = async (): Promise<void> => {
    stopped = true;
    engine.stop();
    await ran;
    engine.close();
  };
  t.after(async () => {
    if (!stopped) await stop();
  });
  while (!view.readiness().ready) await new Promise((resolve) => setImmediate(resolve));
  return {
    engine,
    view,
    said,
    post: (...lines) => view.accept('actions', lines),
    features: (name, of) => featuresOf(view, name, of),
    output: (wanted) =>
      new Promise((resolve) => {
        const listener = (output: EngineOutput): void => {
          if (!wanted(output)) return;
          engine.listeners.delete(listener);
          resolve(output);
        };
        engine.listeners.add(listener);
      }),
    stop,
  };
}

export async function featuresOf(
  view: EngineView,
  name: string,
  of: string,
): Promise<Record<string, unknown> | undefined> {
  const found = await view.feature(name, of);
  if (found.kind !== 'found') return undefined;
  const { latest } = found;
  return Object.fromEntries(latest.view.features.map((one, i) => [one.name, latest.values[i]]));
}

/** All vectors of an engine as of `atMs`. */
export function allVectors(engine: Engine, atMs: number): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const task of engine.graph.tasks.flat()) {
    for (const { definition, keys } of task.views) {
      for (const of of keys.keys.slice(1)) {
        const latest = engine.store.read(definition.name, String(of), atMs)!;
        const values = latest.view.features.map((one, i) => [one.name, latest.values[i]]);
        found[`${definition.name} ${of}`] = { asOf: latest.asOfMs, ...Object.fromEntries(values) };
      }
    }
  }
  return found;
}
