import { verdicts } from '../records/batch.js';
import type { Engine } from '../streams/live/engine.js';
import type { Metrics } from '../telemetry/metrics.js';

/** Exports what the engine and its sinks count; plain numbers are handed over at each scrape. */
export function watchRunning(engine: Engine, metrics: Metrics): void {
  const { pipeline } = engine.settings;
  metrics.set(
    'weir_build_info',
    { version: '0.1.0', node: process.version, pipeline: pipeline.name },
    1,
  );
  metrics.onScrape(() => {
    exportTasks(engine, metrics);
    exportState(engine, metrics);
    exportSink(engine, metrics);
    exportDrift(engine, metrics);
    exportDeadLetters(engine, metrics);
  });
  engine.snapshotListeners.add(({ seconds, bytes }) => {
    metrics.observe('weir_snapshot_seconds', {}, seconds ?? 0);
    metrics.set('weir_snapshot_size_bytes', {}, bytes ?? 0);
  });
  engine.listeners.add(({ step, scores, latencyMs }) => {
    for (const { model, score } of scores) {
      metrics.add('weir_scores_total', { model, outcome: score === null ? 'failed' : 'scored' });
      if (latencyMs !== null)
        metrics.observe('weir_score_latency_seconds', { model }, latencyMs / 1_000);
    }
    for (const { model, verdict } of step.checks) {
      const answer = verdict === 'ok' || verdict === 'warning' ? 'stable' : verdict;
      metrics.add('weir_drift_evaluations_total', { model, answer });
    }
    for (const { kind, model } of step.emissions) {
      if (kind === 'alert') metrics.add('weir_drift_alerts_total', { model });
      else metrics.add('weir_retraining_events_total', { model });
    }
  });
}

function exportSink(engine: Engine, metrics: Metrics): void {
  const writers = engine.sink?.state() ?? [];
  for (const { table, rows, refused } of writers) {
    metrics.raiseTo('weir_sink_rows_total', { sink: 'clickhouse', table }, rows);
    metrics.raiseTo('weir_sink_refused_total', { sink: 'clickhouse', table }, refused);
  }
  const retries = writers.reduce((sum, one) => sum + one.retries, 0);
  metrics.raiseTo('weir_sink_retries_total', { sink: 'clickhouse' }, retries);
}

function exportDrift(engine: Engine, metrics: Metrics): void {
  for (const { model, feature, corrected } of engine.history.periods.at(-1)?.checks ?? []) {
    if (corrected !== null) metrics.set('weir_drift_psi', { model, feature }, corrected);
  }
}

function exportDeadLetters(engine: Engine, metrics: Metrics): void {
  for (const { topic } of engine.settings.pipeline.topics) {
    const own = engine.position.cursors.filter((cursor) => cursor.topic === topic);
    for (const reason of ['invalid', 'future', 'late'] as const) {
      const at = verdicts.indexOf(reason);
      const total = own.reduce((sum, cursor) => sum + cursor.counts[at]!, 0);
      metrics.raiseTo('weir_dead_letters_total', { topic, reason }, total);
    }
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
  }
}

function exportState(engine: Engine, metrics: Metrics): void {
  metrics.set('weir_log_size_bytes', {}, engine.logBytes);
  for (const [view, count] of engine.store.quietUpdates) {
    metrics.raiseTo('weir_quiet_key_updates_total', { view }, count);
  }
  if (engine.snapshot !== null) {
    metrics.set('weir_snapshot_timestamp_seconds', {}, engine.snapshot.atMs / 1_000);
  }
}
