import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordsFrom, sourcesOf } from '../../src/generate/records-from.js';
import { createWorld } from '../../src/generate/world.js';
import { builtInPipelines } from '../../src/pipelines/built-in.js';
import type { Cursor } from '../../src/records/batch.js';
import { latestJson } from '../../src/records/json.js';
import { Engine } from '../../src/streams/live/engine.js';
import { loadModels, noModels } from '../../src/streams/load-models.js';
import { replay } from '../../src/streams/replay.js';
import { createLog } from '../../src/telemetry/log.js';

const places = builtInPipelines.find((one) => one.name === 'places')!;

/** The engine of a data directory that no process has open, as its last snapshot left it. */
export async function engineOf(directory: string): Promise<Engine> {
  return new Engine({
    pipeline: places,
    directory,
    partitions: 4,
    ingest: { latenessMs: 3_600_000, disorderMs: 60_000, batchRecords: 512, idleAfterMs: 30_000 },
    snapshotEveryMs: 30_000,
    logsKeepMs: 7 * 86_400_000,
    logsKeepBytes: 1e9,
    models: await loadModels(places),
    capturePeriods: 7,
    feed: () => [],
    log: createLog({ level: 'error' }),
  });
}

/** Every latest vector as of `atMs`, as `latest.ndjson` has it. */
export function latestOf(engine: Engine, atMs: number): Map<string, Record<string, unknown>> {
  const found = new Map<string, Record<string, unknown>>();
  for (const task of engine.graph.tasks.flat()) {
    for (const { definition, keys } of task.views) {
      for (const key of keys.keys.slice(1)) {
        const latest = engine.store.read(definition.name, String(key), atMs)!;
        found.set(`${definition.name} ${key}`, JSON.parse(latestJson(latest)));
      }
    }
  }
  return found;
}

/** What `weir replay` makes of the generated records that the cursors have passed. */
export async function replayedLatest(
  directory: string,
  cursors: readonly Cursor[],
  out: string,
): Promise<{ latest: Map<string, Record<string, unknown>>; accounts: Record<string, unknown> }> {
  const kept = JSON.parse(readFileSync(join(directory, 'world.json'), 'utf8'));
  const world = createWorld({ ...kept.options, startMs: kept.startMs });
  const sources = sourcesOf(world);
  const lines = new Map(sources.map((one) => [`${one.topic}/${one.partition}`, [] as string[]]));
  const next = new Map(cursors.map((one) => [`${one.topic}/${one.partition}`, one.offset]));
  const open = new Set(lines.keys());
  for (const { topic, partition, offset, line } of recordsFrom(world, 0)) {
    const place = `${topic}/${partition}`;
    if (offset < next.get(place)!) lines.get(place)!.push(line);
    else open.delete(place);
    if (open.size === 0) break;
  }
  mkdirSync(out, { recursive: true });
  const inputs = sources.map(({ topic, partition }) => {
    const path = join(out, `${topic}-${partition}.ndjson`);
    writeFileSync(
      path,
      lines
        .get(`${topic}/${partition}`)!
        .map((line) => `${line}\n`)
        .join(''),
    );
    const topicIndex = places.topics.findIndex((one) => one.topic === topic);
    return { topicIndex, partition, path };
  });
  const { accounts } = await replay({
    pipeline: places,
    inputs,
    out: join(out, 'replayed'),
    nowMs: Date.now(),
    models: noModels,
    partitions: 4,
    batchRecords: 100,
    latenessMs: 3_600_000,
    disorderMs: 60_000,
    reset: false,
    progress: () => undefined,
    warn: () => undefined,
  });
  const text = readFileSync(join(out, 'replayed', 'latest.ndjson'), 'utf8');
  const latest = new Map<string, Record<string, unknown>>();
  for (const line of text.trimEnd().split('\n')) {
    const one = JSON.parse(line);
    latest.set(`${one.view} ${one.key}`, one);
  }
  return { latest, accounts };
}
