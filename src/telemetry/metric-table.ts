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
    labels: ['topic', 'partition'],
    unit: 'records',
    help: 'Source records taken; equals the sum of weir_records_total over its verdicts.',
  },
  weir_records_total: {
    type: 'counter',
    labels: ['topic', 'partition', 'verdict'],
    unit: 'records',
    help: 'Source records by verdict: used, late, invalid (future stamps included), duplicate, filtered.',
  },
  weir_dead_letters_total: {
    type: 'counter',
    labels: ['topic', 'partition', 'reason'],
    unit: 'records',
    help: 'Records set aside with the reason: invalid, future, late.',
  },
  weir_source_lag_records: {
    type: 'gauge',
    labels: ['topic', 'partition'],
    unit: 'records',
    help: 'Records between a source partition that this process reads and its end in Kafka.',
  },
  weir_ingest_batches_total: {
    type: 'counter',
    labels: [],
    unit: 'batches',
    help: 'Batches appended to the logs in Kafka; records taken per batch is the batch size.',
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
    labels: ['topic'],
    unit: 's since 1970',
    help: 'Event time up to which windows of a topic are complete in all tasks of this process.',
  },
  weir_watermark_lag_seconds: {
    type: 'gauge',
    labels: ['topic'],
    unit: 's',
    help: 'The clock less the watermark.',
  },
  weir_watermark_holder: {
    type: 'gauge',
    labels: ['topic', 'partition'],
    unit: '1',
    help: 'Always 1; its labels name the source partition that holds the watermark of a topic.',
  },
  weir_group_joined: {
    type: 'gauge',
    labels: ['group'],
    unit: '0 or 1',
    help: 'Whether Kafka counts this process as a member: ingest, features, monitors.',
  },
  weir_rebalances_total: {
    type: 'counter',
    labels: ['group'],
    unit: 'rebalances',
    help: 'Times the partitions of a consumer group were shared anew with this process in it.',
  },
  weir_fenced_transactions_total: {
    type: 'counter',
    labels: [],
    unit: 'transactions',
    help: 'Transactions refused because another process had taken the task over.',
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
  weir_tasks: {
    type: 'gauge',
    labels: ['kind', 'state'],
    unit: 'tasks',
    help: 'Tasks that this process holds, by state: restoring, waiting, running.',
  },
  weir_task_lag_messages: {
    type: 'gauge',
    labels: ['task'],
    unit: 'messages',
    help: 'Messages between the task and the end of its log in Kafka.',
  },
  weir_task_waiting: {
    type: 'gauge',
    labels: ['task', 'reason'],
    unit: '0 or 1',
    help: '1 while the task takes nothing, by reason: clickhouse, redis, kafka, slow, else none.',
  },
  weir_task_restore_seconds: {
    type: 'gauge',
    labels: ['task'],
    unit: 's',
    help: 'Time it took to load the newest snapshot when the task came to this process.',
  },
  weir_task_repeats_total: {
    type: 'counter',
    labels: ['task'],
    unit: 'records',
    help: 'Records that came again and were dropped, as after a crash of ingest.',
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
    labels: ['task'],
    unit: 'bytes',
    help: 'Size of the last snapshot; task is all where one snapshot holds every task.',
  },
  weir_snapshot_timestamp_seconds: {
    type: 'gauge',
    labels: ['task'],
    unit: 's since 1970',
    help: 'When the last snapshot was finished; 0 before the first.',
  },
  weir_snapshot_behind_messages: {
    type: 'gauge',
    labels: ['task'],
    unit: 'messages',
    help: 'Messages taken since the last snapshot: what a restart would read again.',
  },
  weir_snapshot_interval_seconds: {
    type: 'gauge',
    labels: [],
    unit: 's',
    help: 'How often snapshots are due, by the settings.',
  },
  weir_sink_rows_total: {
    type: 'counter',
    labels: ['sink', 'table'],
    unit: 'rows',
    help: 'Rows a sink has acknowledged.',
  },
  weir_sink_refused_total: {
    type: 'counter',
    labels: ['sink', 'table', 'reason'],
    unit: 'rows',
    help: 'Rows a sink refused: older (a newer position is there) or unfit (it can never be taken).',
  },
  weir_sink_repeats_total: {
    type: 'counter',
    labels: ['sink'],
    unit: 'rows',
    help: 'Rows that were there already, as after a recovery.',
  },
  weir_sink_coalesced_total: {
    type: 'counter',
    labels: ['sink'],
    unit: 'rows',
    help: 'Vectors replaced by a newer one of their key before they were sent.',
  },
  weir_sink_retries_total: {
    type: 'counter',
    labels: ['sink'],
    unit: 'attempts',
    help: 'Writes tried again because the sink was down.',
  },
  weir_sink_pending_rows: {
    type: 'gauge',
    labels: ['sink', 'table'],
    unit: 'rows',
    help: 'Rows taken and not yet acknowledged.',
  },
  weir_sink_oldest_seconds: {
    type: 'gauge',
    labels: ['sink'],
    unit: 's',
    help: 'How long the oldest of them has waited; 0 where there is none.',
  },
  weir_sink_waiting: {
    type: 'gauge',
    labels: ['sink'],
    unit: '0 or 1',
    help: '1 while the sink takes nothing: it is down, hangs or refuses; /ready says which and why.',
  },
  weir_sink_seconds: {
    type: 'histogram',
    labels: ['sink'],
    unit: 's',
    help: 'Time from a write being sent to the sink acknowledging it.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
  },
  weir_sink_batch_rows: {
    type: 'histogram',
    labels: ['sink'],
    unit: 'rows',
    help: 'Rows that were sent together.',
    buckets: [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000],
  },
  weir_freshness_seconds: {
    type: 'histogram',
    labels: [],
    unit: 's',
    help: 'From a record being taken from Kafka to its vector being readable in Redis; a group of vectors written together counts once, by its oldest record.',
    buckets: [0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10, 60],
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
  weir_scoring_missing_total: {
    type: 'counter',
    labels: ['task'],
    unit: 'events',
    help: 'Events scored without the vectors of the other view: they did not come in time.',
  },
  weir_scoring_pending: {
    type: 'gauge',
    labels: ['task', 'half'],
    unit: 'events',
    help: 'Halves of events that wait for the other: first, second.',
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
  weir_webhook_posts_total: {
    type: 'counter',
    labels: ['outcome'],
    unit: 'posts',
    help: 'Webhooks by outcome: delivered, failed (tried again), given-up.',
  },
  weir_webhook_pending: {
    type: 'gauge',
    labels: [],
    unit: 'messages',
    help: 'Alerts and retraining events that wait for the webhook to take them.',
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
    labels: ['percentile'],
    unit: 's',
    help: 'How late timers ran since the last scrape, percentiles 50 and 99.',
  },
} as const satisfies Record<`weir_${string}`, MetricKind>;

export type MetricTable = typeof metricTable;
