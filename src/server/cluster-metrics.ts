import type { Cluster } from '../streams/cluster/cluster.js';
import { FeatureLogTask } from '../streams/cluster/feature-log-task.js';
import type { HeldTask } from '../streams/cluster/held-task.js';
import { PolicyLogTask } from '../streams/cluster/policy-log-task.js';
import { ScoresLogTask } from '../streams/cluster/scores-log-task.js';
import { ScoringLogTask } from '../streams/cluster/scoring-log-task.js';
import type { Metrics } from '../telemetry/metrics.js';
import { membershipsOf } from './cluster-readiness.js';
import { type ClusterSinks, type Stall, stallsOf } from './cluster-sinks.js';
import { expectModels, exportDrift } from './model-metrics.js';
import { type ClusterParts, tasksOf } from './running-cluster.js';
import { exportClickhouse, exportKafka, exportRedis, type SinkName } from './sink-metrics.js';

/** Exports what this process's tasks, groups and sinks count, at each scrape. */
export function watchCluster(cluster: Cluster, parts: ClusterParts, metrics: Metrics): void {
  const { pipeline, snapshotEveryMs } = cluster.settings;
  const { sinks, feed } = parts;
  const labels = { version: '0.1.0', node: process.version, pipeline: pipeline.name };
  metrics.set('weir_build_info', labels, 1);
  metrics.set('weir_snapshot_interval_seconds', {}, snapshotEveryMs / 1e3);
  const seenMs = new Map<string, number>();
  let expected = false;
  metrics.onScrape(() => {
    const tasks = tasksOf(cluster);
    const stalls = stallsOf(sinks);
    const watched = feed.monitors !== null && feed.monitors.length > 0;
    if (!expected && watched) expectModels(pipeline.models, metrics);
    expected = watched;
    metrics.raiseTo('weir_ingest_batches_total', {}, cluster.ingest?.batches ?? 0);
    exportGroups(cluster, metrics);
    exportTasks(tasks, stalls, metrics);
    exportFeatures(tasks, metrics);
    exportScoring(tasks, metrics);
    exportPolicy(tasks, metrics);
    exportSnapshots(tasks, seenMs, metrics);
    exportSinks(sinks, stalls, metrics);
    exportDrift(feed.history, metrics);
  });
}

function exportGroups(cluster: Cluster, metrics: Metrics): void {
  for (const { groupId, joined, rebalances } of membershipsOf(cluster)) {
    const group = groupId.slice(groupId.lastIndexOf('.') + 1);
    metrics.set('weir_group_joined', { group }, joined ? 1 : 0);
    metrics.raiseTo('weir_rebalances_total', { group }, rebalances);
  }
}

function exportTasks(tasks: readonly HeldTask[], stalls: readonly Stall[], metrics: Metrics): void {
  const states = new Map<string, { kind: string; state: string; count: number }>();
  for (const { kind, loaded, waiting } of tasks) {
    const state = loaded ? (waiting === '' ? 'running' : 'waiting') : 'restoring';
    const id = `${kind.name} ${state}`;
    const count = (states.get(id)?.count ?? 0) + 1;
    states.set(id, { kind: kind.name, state, count });
  }
  metrics.replace(
    'weir_tasks',
    [...states.values()].map(({ kind, state, count }) => [{ kind, state }, count]),
  );
  const loaded = tasks.filter((held) => held.loaded);
  metrics.replace(
    'weir_task_lag_messages',
    loaded.map(({ name, end, next }) => [{ task: name }, Math.max(0, end - next)]),
  );
  const reason = stalls[0]?.sink ?? 'slow';
  metrics.replace(
    'weir_task_waiting',
    loaded.map(({ name, waiting }) => [
      { task: name, reason: waiting === '' ? 'none' : reason },
      waiting === '' ? 0 : 1,
    ]),
  );
  metrics.replace(
    'weir_task_restore_seconds',
    loaded.map(({ name, restoreSeconds }) => [{ task: name }, restoreSeconds ?? 0]),
  );
  metrics.replace(
    'weir_task_repeats_total',
    loaded.map(({ name, task }) => [{ task: name }, repeatsOf(task)]),
  );
}

function repeatsOf(task: HeldTask['task']): number {
  if (task instanceof FeatureLogTask) return task.settings.task.repeated;
  if (task instanceof ScoringLogTask) return task.state.repeated;
  return task instanceof ScoresLogTask || task instanceof PolicyLogTask ? task.repeated : 0;
}

function exportFeatures(tasks: readonly HeldTask[], metrics: Metrics): void {
  const quiet = new Map<string, number>();
  const own = tasks.flatMap(({ name, task, loaded }) =>
    task instanceof FeatureLogTask && loaded ? [{ name, task }] : [],
  );
  for (const { task } of own) {
    for (const [i, { definition }] of task.settings.task.views.entries())
      quiet.set(definition.name, (quiet.get(definition.name) ?? 0) + task.quietUpdates[i]!);
  }
  metrics.replace(
    'weir_quiet_key_updates_total',
    [...quiet].map(([view, count]) => [{ view }, count]),
  );
  const features = own.map(({ name, task }) => ({ task: name, state: task.settings.task }));
  metrics.replace(
    'weir_task_position',
    features.map(({ task, state }) => [{ task }, state.n]),
  );
  metrics.replace(
    'weir_task_keys',
    features.map(({ task, state }) => [
      { task },
      state.views.reduce((sum, { keys }) => sum + keys.count, 0),
    ]),
  );
  metrics.replace(
    'weir_task_state_bytes',
    features.map(({ task, state }) => [
      { task },
      state.views.reduce((sum, { bytes }) => sum + bytes, 0),
    ]),
  );
}

function exportScoring(tasks: readonly HeldTask[], metrics: Metrics): void {
  const own = tasks.flatMap(({ name, task, loaded }) =>
    task instanceof ScoringLogTask && loaded ? [{ name, state: task.state }] : [],
  );
  metrics.replace(
    'weir_scoring_missing_total',
    own.map(({ name, state }) => [{ task: name }, state.missing]),
  );
  metrics.replace(
    'weir_scoring_pending',
    own.flatMap(({ name, state }) => [
      [{ task: name, half: 'first' }, state.firstsPending] as const,
      [{ task: name, half: 'second' }, state.secondsPending] as const,
    ]),
  );
}

function exportPolicy(tasks: readonly HeldTask[], metrics: Metrics): void {
  const waiting = tasks.flatMap(({ task, loaded }) =>
    task instanceof PolicyLogTask && loaded ? task.periodsWaiting : [],
  );
  metrics.replace(
    'weir_monitor_periods_waiting',
    waiting.map(([monitor, count]) => [{ monitor }, count]),
  );
}

function exportSnapshots(
  tasks: readonly HeldTask[],
  seenMs: Map<string, number>,
  metrics: Metrics,
): void {
  const loaded = tasks.filter((held) => held.loaded);
  metrics.replace(
    'weir_snapshot_timestamp_seconds',
    loaded.map(({ name, snapshot }) => [{ task: name }, (snapshot?.atMs ?? 0) / 1e3]),
  );
  metrics.replace(
    'weir_snapshot_size_bytes',
    loaded.map(({ name, snapshot }) => [{ task: name }, snapshot?.bytes ?? 0]),
  );
  metrics.replace(
    'weir_snapshot_behind_messages',
    loaded.map(({ name, snapshot, next }) => [{ task: name }, next - (snapshot?.next ?? 0)]),
  );
  for (const { name, snapshot, snapshotSeconds } of loaded) {
    if (snapshot === null || snapshotSeconds === null) continue; // it was read, not written
    if (seenMs.get(name) === snapshot.atMs) continue;
    seenMs.set(name, snapshot.atMs);
    metrics.observe('weir_snapshot_seconds', {}, snapshotSeconds);
  }
}

function exportSinks(sinks: ClusterSinks, stalls: readonly Stall[], metrics: Metrics): void {
  const { clickhouse, redis, output } = sinks;
  const waits = (sink: SinkName): void =>
    metrics.set('weir_sink_waiting', { sink }, stalls.some((one) => one.sink === sink) ? 1 : 0);
  if (clickhouse !== null) {
    exportClickhouse(clickhouse.sink.state(), metrics);
    waits('clickhouse');
  }
  if (redis !== null) {
    exportRedis(redis.state(), metrics);
    waits('redis');
  }
  exportKafka(output.state(), metrics);
  waits('kafka');
}
