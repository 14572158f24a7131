import type { ClickhouseSink } from '../sinks/clickhouse/sink.js';
import type { Engine } from '../streams/live/engine.js';
import type { Metrics } from '../telemetry/metrics.js';

/** Exports what the engine and its sinks count; plain numbers are handed over at each scrape. */
export function watchRunning(engine: Engine, sink: ClickhouseSink | null, metrics: Metrics): void {
  const { pipeline } = engine.settings;
  metrics.set(
    'weir_build_info',
    { version: '0.1.0', node: process.version, pipeline: pipeline.name },
    1,
  );
  metrics.onScrape(() => {
    exportTasks(engine, metrics);
    exportState(engine, metrics);
    for (const { table, rows, refused } of sink?.state() ?? []) {
      metrics.raiseTo('weir_sink_rows_total', { sink: 'clickhouse', table }, rows);
      metrics.raiseTo('weir_sink_refused_total', { sink: 'clickhouse', table }, refused);
    }
    const retries = (sink?.state() ?? []).reduce((sum, one) => sum + one.retries, 0);
    metrics.raiseTo('weir_sink_retries_total', { sink: 'clickhouse' }, retries);
  });
  engine.listeners.add(({ step, scores }) => {
    for (const score of scores) {
      const outcome = score.score === null ? 'failed' : 'scored';
      metrics.add('weir_scores_total', { model: score.model, outcome });
    }
    for (const check of step.checks) {
      const { model, feature, verdict, corrected, test } = check;
      const answer = verdict === 'ok' || verdict === 'warning' ? 'stable' : verdict;
      metrics.add('weir_drift_evaluations_total', { model, answer });
      if (test === 'psi' && corrected !== null)
        metrics.set('weir_drift_psi', { model, feature }, corrected);
    }
    for (const { kind, model } of step.emissions) {
      metrics.add(kind === 'alert' ? 'weir_drift_alerts_total' : 'weir_retraining_events_total', {
        model,
      });
    }
  });
}

function exportTasks(engine: Engine, metrics: Metrics): void {
  for (const task of engine.graph.tasks.flat()) {
    const name = `${task.stage.name}.${task.partition}`;
    const keys = task.views.reduce((sum, view) => sum + view.keys.count, 0);
    const bytes = task.views.reduce((sum, view) => sum + view.bytes, 0);
    metrics.set('weir_task_position', { task: name }, task.n);
    metrics.set('weir_task_keys', { task: name }, keys);
    metrics.set('weir_task_state_bytes', { task: name }, bytes);
  }
}

function exportState(engine: Engine, metrics: Metrics): void {
  metrics.set('weir_log_size_bytes', { log: 'all' }, engine.logBytes);
  for (const [view, count] of engine.store.quietUpdates) {
    metrics.raiseTo('weir_quiet_key_updates_total', { view }, count);
  }
  if (engine.snapshot !== null) {
    metrics.set('weir_snapshot_timestamp_seconds', {}, engine.snapshot.atMs / 1_000);
  }
}
