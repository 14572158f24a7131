import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { key, number } from '../../src/features/fields.js';
import { source } from '../../src/features/source.js';
import { view } from '../../src/features/view.js';
import { wanted } from '../../src/features/view-state.js';
import { monitor } from '../../src/monitors/definition.js';
import type { Reference } from '../../src/monitors/reference.js';
import { Graph } from '../../src/streams/graph.js';
import type { ReplayInput } from '../../src/streams/ingest/replay-source.js';
import { type LoadedModels, noModels } from '../../src/streams/load-models.js';
import { pipeline } from '../../src/streams/pipeline.js';
import { runFiles } from '../../src/streams/run-files.js';
import { seeded } from '../monitors/simulation.js';

// A small world in which two episodes open and close, and a policy that needs no second look.

const readings = source('readings', {
  key: 'sensor',
  time: 'at',
  fields: { sensor: key(), heat: number(), load: number() },
});
const sensor = view({
  name: 'sensor',
  key: 'sensor',
  source: readings,
  features: (on) => ({
    heat: on.sum('heat', { over: '1h' }),
    load: on.sum('load', { over: '1h' }),
  }),
});
const watching = monitor({
  name: 'watching',
  period: '1h',
  policy: {
    psiBins: 3,
    samplesPerBin: 5,
    periods: 1,
    ofPeriods: 1,
    coolDownPeriods: 0,
    schedule: 'off',
  },
});

export const plant = pipeline({ name: 'plant', views: [sensor], monitors: [watching] });
export const monitorName = watching.name;
/** Ids of what an uninterrupted run tells, in order. */
export const expectedIds = [1, 2].flatMap((n) => {
  const id = `watching/none/${n}`;
  return [`${id}/opened`, `${id}/retraining`, `${id}/closed`];
});

export const startMs = Date.UTC(2024, 0, 1);
const hourMs = 3_600_000;
const sensors = 60;
const hours = 26;
/** Hours in which heat is another. */
const hot = [14, 15, 20, 21];
export const endMs = startMs + (hours + 3) * hourMs;

export interface PlantWorld {
  readonly directory: string;
  readonly lines: readonly string[];
  readonly inputs: readonly ReplayInput[];
  readonly loaded: LoadedModels;
  close(): void;
}

/** Two readings of each sensor and hour, then one that ends the last period. */
function linesOf(): string[] {
  const random = seeded(11);
  const lines: string[] = [];
  const add = (timeMs: number, name: number, heat: number, load: number): void => {
    const at = new Date(timeMs).toISOString();
    lines.push(JSON.stringify({ sensor: `s${name}`, at, heat, load }));
  };
  for (let hour = 0; hour < hours; hour++) {
    for (const minute of [5, 35]) {
      for (let name = 0; name < sensors; name++) {
        const timeMs = startMs + hour * hourMs + minute * 60_000 + name * 1_000;
        add(timeMs, name, random() + (hot.includes(hour) ? 3 : 0), random());
      }
    }
  }
  add(startMs + (hours + 2) * hourMs, 0, 0.5, 0.5);
  return lines;
}

/** The world, with a reference of its first hours. */
export async function openPlant(): Promise<PlantWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'weir-episodes-'));
  const path = join(directory, 'readings.ndjson');
  const lines = linesOf();
  writeFileSync(path, `${lines.join('\n')}\n`);
  const inputs = [{ topicIndex: 0, partition: 0, path }];
  const captured: Reference[] = [];
  const graph = new Graph(plant, {
    ...noModels,
    epoch: 0,
    partitions: 2,
    latenessMs: hourMs,
    wanted: wanted.before,
    capturePeriods: 8,
  });
  const settings = { latenessMs: hourMs, disorderMs: 60_000, batchRecords: 512 };
  await runFiles(graph, inputs, { nowMs: endMs, settings }, (step) => {
    captured.push(...step.captured);
  });
  return {
    directory,
    lines,
    inputs,
    loaded: { ...noModels, references: new Map([[monitorName, captured[0]!]]) },
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}
