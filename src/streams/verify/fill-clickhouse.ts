import { wanted } from '../../features/view-state.js';
import type { Clickhouse } from '../../sinks/clickhouse/client.js';
import { prepareTables } from '../../sinks/clickhouse/prepare-tables.js';
import { createClickhouseSink } from '../../sinks/clickhouse/sink.js';
import { Graph } from '../graph.js';
import type { ReplayInput } from '../ingest/replay-source.js';
import { noModels } from '../load-models.js';
import type { Pipeline } from '../pipeline.js';
import { runFiles } from '../run-files.js';

export interface FillRun {
  readonly pipeline: Pipeline;
  readonly inputs: readonly ReplayInput[];
  /** The clock that judges future stamps, ms. */
  readonly nowMs: number;
  readonly partitions: number;
  readonly latenessMs: number;
  readonly disorderMs: number;
  /** Told after every batch how many records were taken so far. */
  readonly progress: (records: number) => void;
}

const epoch = 0;

/**
 * Replays files through a pipeline's views into ClickHouse: events and vectors, no scores.
 * @throws WeirError input-missing, input-unreadable, definition-changed, clickhouse-failed
 */
export async function fillClickhouse(clickhouse: Clickhouse, run: FillRun): Promise<void> {
  const { inputs, nowMs, partitions, latenessMs, disorderMs } = run;
  const pipeline: Pipeline = { ...run.pipeline, models: [], monitors: [] };
  const views = pipeline.views.map(({ shape }) => shape);
  await prepareTables(clickhouse, views, pipeline.topics);
  const sink = createClickhouseSink(clickhouse, { views, topics: pipeline.topics });
  const graph = new Graph(pipeline, {
    ...noModels,
    epoch,
    partitions,
    latenessMs,
    wanted: wanted.before,
    capturePeriods: null,
  });
  const options = { nowMs, settings: { latenessMs, disorderMs } };
  let records = 0;
  try {
    await runFiles(graph, inputs, options, async (step) => {
      await sink.events(step.batch, epoch);
      for (const { blocks } of step.outputs.flat()) {
        for (const block of blocks) await sink.vectors(block, epoch);
      }
      records += step.batch.count;
      run.progress(records);
    });
  } finally {
    await sink.close();
  }
}
