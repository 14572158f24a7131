import { lastValueFrom, map, pipe } from 'rxjs';
import { pulled } from '../operators/pull.js';
import type { Batch } from '../records/batch.js';
import type { Deliver, Graph } from './graph.js';
import { type ReplayInput, type ReplayOptions, ReplaySource } from './ingest/replay-source.js';

/** Sends files through a graph that keeps no logs: what is made of them can be made again. */
export async function runFiles(
  graph: Graph,
  inputs: readonly ReplayInput[],
  options: ReplayOptions,
  deliver: Deliver,
): Promise<void> {
  const source = new ReplaySource(graph.pipeline.topics, inputs, options);
  const flow = pipe(
    map((batch: Batch) => graph.route(batch)),
    graph.operators(deliver),
  );
  try {
    await lastValueFrom(
      pulled(() => source.next(), flow),
      { defaultValue: null },
    );
  } finally {
    await source.close();
  }
}
