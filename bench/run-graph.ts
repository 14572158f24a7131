import { lastValueFrom, map, pipe } from 'rxjs';
import { wanted } from '../src/features/view-state.js';
import { pulled } from '../src/operators/pull.js';
import { appendToLogs, type Deliver, Graph } from '../src/streams/graph.js';
import { defaultIngestSettings } from '../src/streams/ingest/batch-builder.js';
import { type ReplayInput, ReplaySource } from '../src/streams/ingest/replay-source.js';
import { LogSet } from '../src/streams/log-set.js';
import type { Pipeline } from '../src/streams/pipeline.js';

export interface GraphRun {
  readonly pipeline: Pipeline;
  readonly inputs: readonly ReplayInput[];
  readonly wanted: keyof typeof wanted;
  /** Takes the logs. */
  readonly directory: string;
  readonly batchRecords?: number;
  readonly deliver: Deliver;
}

export const partitions = 4;
const epoch = 0;
const nowMs = Date.UTC(2026, 0, 1);

export function createGraph(pipeline: Pipeline, mode: keyof typeof wanted): Graph {
  const { latenessMs } = defaultIngestSettings;
  return new Graph(pipeline, { partitions, latenessMs, epoch, wanted: wanted[mode] });
}

export function openSource(
  pipeline: Pipeline,
  inputs: readonly ReplayInput[],
  batchRecords = defaultIngestSettings.batchRecords,
): ReplaySource {
  return new ReplaySource(pipeline.topics, inputs, { nowMs, settings: { batchRecords } });
}

/** Files through ingest, logs on disk and tasks to `deliver`: the graph that `weir replay` drives. */
export async function runGraph(run: GraphRun): Promise<Graph> {
  const { pipeline, inputs, directory, deliver } = run;
  const graph = createGraph(pipeline, run.wanted);
  const source = openSource(pipeline, inputs, run.batchRecords);
  const logs = new LogSet(directory, pipeline.stages, partitions);
  const flow = pipe(map(graph.route.bind(graph)), appendToLogs(logs), graph.operators(deliver));
  try {
    await lastValueFrom(
      pulled(() => source.next(), flow),
      { defaultValue: null },
    );
    logs.sync();
  } finally {
    logs.close();
    await source.close();
  }
  return graph;
}
