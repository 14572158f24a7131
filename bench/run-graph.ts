import { lastValueFrom, map, pipe } from 'rxjs';
import { wanted } from '../src/features/view-state.js';
import { pulled } from '../src/operators/pull.js';
import type { Batch } from '../src/records/batch.js';
import { appendToLogs, type Deliver, Graph } from '../src/streams/graph.js';
import { defaultIngestSettings } from '../src/streams/ingest/batch-builder.js';
import { type ReplayInput, ReplaySource } from '../src/streams/ingest/replay-source.js';
import { loadModels } from '../src/streams/load-models.js';
import { LogSet } from '../src/streams/log-set.js';
import type { Pipeline } from '../src/streams/pipeline.js';

export interface GraphRun {
  readonly graph: Graph;
  readonly inputs: readonly ReplayInput[];
  /** Takes the logs. */
  readonly directory: string;
  readonly batchRecords?: number;
  readonly deliver: Deliver;
}

const partitions = 4;
const epoch = 0;
const nowMs = Date.UTC(2026, 0, 1);
/** Periods from which a monitor that came without a reference makes its own. */
const capturePeriods = 5;

export async function createGraph(pipeline: Pipeline, mode: keyof typeof wanted): Promise<Graph> {
  const { latenessMs } = defaultIngestSettings;
  const loaded = await loadModels(pipeline);
  const settings = { partitions, latenessMs, epoch, wanted: wanted[mode], capturePeriods };
  return new Graph(pipeline, { ...settings, ...loaded });
}

export function openSource(
  pipeline: Pipeline,
  inputs: readonly ReplayInput[],
  batchRecords = defaultIngestSettings.batchRecords,
): ReplaySource {
  return new ReplaySource(pipeline.topics, inputs, { nowMs, settings: { batchRecords } });
}

/** Files through ingest, logs on disk and tasks to `deliver`: the graph of `weir replay`. */
export async function runGraph(run: GraphRun): Promise<void> {
  const { graph, inputs, directory, deliver } = run;
  const { pipeline } = graph;
  const source = openSource(pipeline, inputs, run.batchRecords);
  const logs = new LogSet(directory, pipeline.stages, partitions);
  const flow = pipe(
    map((batch: Batch) => graph.route(batch)),
    appendToLogs(logs),
    graph.operators(deliver),
  );
  try {
    await lastValueFrom(
      pulled(() => source.next(), flow),
      { defaultValue: null },
    );
  } finally {
    logs.close();
    await source.close();
  }
}
