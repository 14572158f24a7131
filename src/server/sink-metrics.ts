import type { OnInsert, WriterState } from '../sinks/clickhouse/block-writer.js';
import type { OutputState } from '../sinks/kafka/output.js';
import type { RedisSinkState } from '../sinks/redis/sink.js';
import type { Metrics } from '../telemetry/metrics.js';

export type SinkName = 'clickhouse' | 'redis' | 'kafka';

/** What sinks tell of each write, for histograms. */
export interface SinkMeters {
  readonly clickhouse: OnInsert;
  /** A call of `rows` vectors was answered after `seconds`. */
  readonly redis: (rows: number, seconds: number) => void;
  /** `count` vectors became readable whose oldest record was taken at `arrivedMs`. */
  readonly readable: (count: number, arrivedMs: number) => void;
  /** A request of `rows` records was acknowledged after `seconds`. */
  readonly kafka: (rows: number, seconds: number) => void;
}

export function sinkMeters(metrics: Metrics): SinkMeters {
  const written = (sink: SinkName) => (rows: number, seconds: number) => {
    metrics.observe('weir_sink_seconds', { sink }, seconds);
    metrics.observe('weir_sink_batch_rows', { sink }, rows);
  };
  const clickhouse = written('clickhouse');
  return {
    clickhouse: (_table, rows, _bytes, seconds) => clickhouse(rows, seconds),
    redis: written('redis'),
    readable: (_count, arrivedMs) =>
      metrics.observe('weir_freshness_seconds', {}, Math.max(0, Date.now() - arrivedMs) / 1e3),
    kafka: written('kafka'),
  };
}

export function exportClickhouse(writers: readonly WriterState[], metrics: Metrics): void {
  const sink = 'clickhouse';
  for (const { table, rows, refused, pending } of writers) {
    metrics.raiseTo('weir_sink_rows_total', { sink, table }, rows);
    metrics.raiseTo('weir_sink_refused_total', { sink, table, reason: 'unfit' }, refused);
    metrics.set('weir_sink_pending_rows', { sink, table }, pending);
  }
  const retries = writers.reduce((sum, one) => sum + one.retries, 0);
  metrics.raiseTo('weir_sink_retries_total', { sink }, retries);
  const oldestMs = Math.max(
    0,
    ...writers.map((one) => (one.pending > 0 ? one.oldestPendingMs : 0)),
  );
  metrics.set('weir_sink_oldest_seconds', { sink }, oldestMs / 1e3);
}

export function exportRedis(state: RedisSinkState, metrics: Metrics): void {
  const sink = 'redis';
  const table = 'vectors';
  metrics.raiseTo('weir_sink_rows_total', { sink, table }, state.written);
  metrics.raiseTo('weir_sink_refused_total', { sink, table, reason: 'older' }, state.refused);
  metrics.raiseTo('weir_sink_refused_total', { sink, table, reason: 'unfit' }, state.rejected);
  metrics.raiseTo('weir_sink_repeats_total', { sink }, state.repeated);
  metrics.raiseTo('weir_sink_coalesced_total', { sink }, state.coalesced);
  metrics.raiseTo('weir_sink_retries_total', { sink }, state.retries);
  metrics.set('weir_sink_pending_rows', { sink, table }, state.pending);
  metrics.set('weir_sink_oldest_seconds', { sink }, state.oldestMs / 1e3);
}

export function exportKafka(state: OutputState, metrics: Metrics): void {
  const sink = 'kafka';
  const table = 'records';
  metrics.raiseTo('weir_sink_rows_total', { sink, table }, state.written);
  metrics.set('weir_sink_pending_rows', { sink, table }, state.pending);
  const oldestMs = state.waitingSinceMs === null ? 0 : Date.now() - state.waitingSinceMs;
  metrics.set('weir_sink_oldest_seconds', { sink }, oldestMs / 1e3);
}
