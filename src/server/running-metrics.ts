import type { Engine } from '../streams/live/engine.js';
import type { Metrics } from '../telemetry/metrics.js';
import { countJudged, countScores, expectModels, exportDrift } from './model-metrics.js';
import { exportClickhouse, exportRedis } from './sink-metrics.js';

/** One snapshot holds every task. */
const everyTask = { task: 'all' } as const;

/** Exports what the engine and its sinks count; plain numbers are handed over at each scrape. */
export function watchRunning(engine: Engine, metrics: Metrics): void {
  const { pipeline } = engine.settings;
  metrics.set(
    'weir_build_info',
    { version: '0.1.0', node: process.version, pipeline: pipeline.name },
    1,
  );
  const { snapshotEveryMs } = engine.settings;
  metrics.set('weir_snapshot_interval_seconds', {}, snapshotEveryMs / 1_000);
  expectModels(pipeline.models, metrics);
  metrics.onScrape(() => {
    exportTasks(engine, metrics);
    exportState(engine, metrics);
    exportSinks(engine, metrics);
    exportDrift(engine.history, metrics);
  });
  engine.snapshotListeners.add(({ seconds, bytes }) => {
    metrics.observe('weir_snapshot_seconds', {}, seconds ?? 0);
    metrics.set('weir_snapshot_size_bytes', everyTask, bytes ?? 0);
  });
  engine.listeners.add(({ step, scores, latencyMs }) => {
    countScores(scores, metrics);
    for (const { model } of latencyMs === null ? [] : scores)
      metrics.observe('weir_score_latency_seconds', { model }, latencyMs! / 1_000);
    countJudged(step.checks, step.emissions, metrics);
  });
}

function exportSinks({ sink, online }: Engine, metrics: Metrics): void {
  const writers = sink?.state() ?? [];
  const vectors = online?.state() ?? null;
  if (sink !== null) {
    exportClickhouse(writers, metrics);
    const waits = writers.some(({ waitingFor }) => waitingFor !== null);
    metrics.set('weir_sink_waiting', { sink: 'clickhouse' }, waits ? 1 : 0);
  }
  if (vectors !== null) {
    exportRedis(vectors, metrics);
    metrics.set('weir_sink_waiting', { sink: 'redis' }, vectors.waitingFor === null ? 0 : 1);
  }
}

function exportTasks(engine: Engine, metrics: Metrics): void {
  for (const task of engine.graph.tasks.flat()) {
    const name = `${task.stage.name}.${task.partition}`;
    const keys = task.views.reduce((sum, view) => sum + view.keys.count, 0);
    const bytes = task.views.reduce((sum, view) => sum + view.bytes, 0);
    metrics.set('weir_task_position', { task: name }, task.n);
    metrics.set('weir_task_keys', { task: name }, keys);
    metrics.set('weir_task_state_bytes', { task: name }, bytes);
    metrics.raiseTo('weir_task_repeats_total', { task: name }, task.repeated);
  }
}

function exportState(engine: Engine, metrics: Metrics): void {
  metrics.set('weir_log_size_bytes', {}, engine.logBytes);
  for (const [view, count] of engine.store.quietUpdates) {
    metrics.raiseTo('weir_quiet_key_updates_total', { view }, count);
  }
  if (engine.snapshot !== null) {
    metrics.set('weir_snapshot_timestamp_seconds', everyTask, engine.snapshot.atMs / 1_000);
  }
}
