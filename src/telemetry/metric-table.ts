export interface MetricKind {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly unit: string;
  /** One sentence: what it tells. */
  readonly help: string;
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly buckets?: readonly number[];
}

const shortSeconds = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const;

/** Every metric Weir exports; docs/metrics.md lists the same rows, and a test compares them. */
export const metricTable = {
  weir_build_info: {
    type: 'gauge',
    labels: ['version', 'node', 'pipeline'],
    unit: '1',
    help: 'Always 1; its labels name the running versions and the pipeline.',
  },
  weir_records_in_total: {
    type: 'counter',
    labels: ['topic'],
    unit: 'records',
    help: 'Source records read; equals the sum of weir_records_total over its verdicts.',
  },
  weir_records_total: {
    type: 'counter',
    labels: ['topic', 'verdict'],
    unit: 'records',
    help: 'Source records by verdict: used, late, invalid (future stamps included), duplicate, filtered.',
  },
  weir_dead_letters_total: {
    type: 'counter',
    labels: ['topic', 'reason'],
    unit: 'records',
    help: 'Records set aside with the reason: invalid, future, late.',
  },
  weir_events_per_second: {
    type: 'gauge',
    labels: [],
    unit: 'records/s',
    help: 'Source records taken per second, as the page shows it.',
  },
  weir_catching_up: {
    type: 'gauge',
    labels: [],
    unit: '0 or 1',
    help: '1 while history is replayed before going live.',
  },
  weir_watermark_timestamp_seconds: {
    type: 'gauge',
    labels: [],
    unit: 's since 1970',
    help: 'Event time up to which windows are complete, over all event sources; 0 before the first event.',
  },
  weir_watermark_lag_seconds: {
    type: 'gauge',
    labels: [],
    unit: 's',
    help: 'The clock less the watermark.',
  },
  weir_log_size_bytes: {
    type: 'gauge',
    labels: [],
    unit: 'bytes',
    help: 'Bytes the retained log segments take on disk.',
  },
  weir_task_position: {
    type: 'gauge',
    labels: ['task'],
    unit: 'records',
    help: 'Data records the task has taken in its epoch.',
  },
  weir_task_keys: {
    type: 'gauge',
    labels: ['task'],
    unit: 'keys',
    help: 'Keys whose state the task holds.',
  },
  weir_task_state_bytes: {
    type: 'gauge',
    labels: ['task'],
    unit: 'bytes',
    help: 'Bytes of keyed state the task holds in memory.',
  },
  weir_quiet_key_updates_total: {
    type: 'counter',
    labels: ['view'],
    unit: 'vectors',
    help: 'Vectors emitted again because time passed, not because an event came.',
  },
  weir_snapshot_seconds: {
    type: 'histogram',
    labels: [],
    unit: 's',
    help: 'Time to write a snapshot, sinks flushed first.',
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  weir_snapshot_size_bytes: {
    type: 'gauge',
    labels: [],
    unit: 'bytes',
    help: 'Size of the last snapshot.',
  },
  weir_snapshot_timestamp_seconds: {
    type: 'gauge',
    labels: [],
    unit: 's since 1970',
    help: 'When the last snapshot was finished; 0 before the first.',
  },
  weir_sink_rows_total: {
    type: 'counter',
    labels: ['sink', 'table'],
    unit: 'rows',
    help: 'Rows a sink has acknowledged.',
  },
  weir_sink_refused_total: {
    type: 'counter',
    labels: ['sink', 'table'],
    unit: 'rows',
    help: 'Rows a sink refused: an older position, or a row it could not take.',
  },
  weir_sink_retries_total: {
    type: 'counter',
    labels: ['sink'],
    unit: 'attempts',
    help: 'Writes tried again because the sink was down.',
  },
  weir_entities: {
    type: 'gauge',
    labels: ['view'],
    unit: 'entities',
    help: 'Entities the online store holds a vector of.',
  },
  weir_scores_total: {
    type: 'counter',
    labels: ['model', 'outcome'],
    unit: 'scores',
    help: 'Scores written, by outcome: scored, failed (the model was not there or gave no answer).',
  },
  weir_score_latency_seconds: {
    type: 'histogram',
    labels: ['model'],
    unit: 's',
    help: 'From an event being taken to its score being written.',
    buckets: shortSeconds,
  },
  weir_drift_psi: {
    type: 'gauge',
    labels: ['model', 'feature'],
    unit: '1',
    help: 'Bias-corrected PSI of the last evaluated period.',
  },
  weir_drift_evaluations_total: {
    type: 'counter',
    labels: ['model', 'answer'],
    unit: 'evaluations',
    help: 'Evaluated feature periods by answer: stable, drift, insufficient-data, no-reference.',
  },
  weir_drift_alerts_total: {
    type: 'counter',
    labels: ['model'],
    unit: 'alerts',
    help: 'Drift alerts raised.',
  },
  weir_retraining_events_total: {
    type: 'counter',
    labels: ['model'],
    unit: 'events',
    help: 'Retraining events emitted, one per episode.',
  },
  weir_http_requests_total: {
    type: 'counter',
    labels: ['method', 'route', 'status'],
    unit: 'requests',
    help: 'HTTP requests answered; route is the pattern, never the path asked for.',
  },
  weir_http_request_seconds: {
    type: 'histogram',
    labels: ['route'],
    unit: 's',
    help: 'Time from a request to its answer, streams left out.',
    buckets: shortSeconds,
  },
  weir_stream_clients: {
    type: 'gauge',
    labels: [],
    unit: 'clients',
    help: 'Clients connected to /stream.',
  },
  weir_stream_messages_total: {
    type: 'counter',
    labels: ['event'],
    unit: 'messages',
    help: 'Messages sent to stream clients.',
  },
  weir_stream_skipped_total: {
    type: 'counter',
    labels: ['event'],
    unit: 'messages',
    help: 'Updates a stream client was not sent because they came faster than its allowance.',
  },
  weir_stream_dropped_clients_total: {
    type: 'counter',
    labels: [],
    unit: 'clients',
    help: 'Stream clients disconnected because they read too slowly.',
  },
  weir_process_cpu_seconds_total: {
    type: 'counter',
    labels: ['mode'],
    unit: 's',
    help: 'Processor time used, in mode user and system.',
  },
  weir_process_resident_memory_bytes: {
    type: 'gauge',
    labels: [],
    unit: 'bytes',
    help: 'Memory the process holds.',
  },
  weir_process_heap_bytes: {
    type: 'gauge',
    labels: [],
    unit: 'bytes',
    help: 'JavaScript heap in use.',
  },
  weir_process_start_timestamp_seconds: {
    type: 'gauge',
    labels: [],
    unit: 's since 1970',
    help: 'When the process started.',
  },
  weir_event_loop_delay_seconds: {
    type: 'gauge',
    labels: ['quantile'],
    unit: 's',
    help: 'How late timers ran since the last scrape, quantiles 0.5 and 0.99.',
  },
} as const satisfies Record<`weir_${string}`, MetricKind>;

export type MetricTable = typeof metricTable;
