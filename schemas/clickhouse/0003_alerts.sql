CREATE TABLE IF NOT EXISTS alerts (
  id String COMMENT 'Id of the event: model version, episode and what happened',
  monitor LowCardinality(String) COMMENT 'Name of the monitor',
  model LowCardinality(String) COMMENT 'Name of the monitored model',
  version LowCardinality(String) COMMENT 'Version of the monitored model',
  episode UInt64 COMMENT 'Number of the episode of this model version, from 1',
  event LowCardinality(String) COMMENT 'What happened: opened, closed or retraining',
  time DateTime64(3, 'UTC') COMMENT 'Event time at which it happened, UTC',
  opened_at DateTime64(3, 'UTC') COMMENT 'Event time at which the episode was opened, UTC',
  features Array(String) COMMENT 'Names of the drifting features, strongest first',
  reason String COMMENT 'Why, in one sentence',
  evidence String COMMENT 'The checks behind it, as JSON' CODEC(ZSTD(3)),
  written_at DateTime64(3, 'UTC') COMMENT 'When the row was written, UTC; it is kept for 30 days from then'
)
ENGINE = ReplacingMergeTree(written_at)
PARTITION BY toYYYYMM(time)
ORDER BY (model, version, episode, event, id)
TTL toDateTime(written_at, 'UTC') + INTERVAL 30 DAY DELETE
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Episodes of drift: one row for each opening, closing and retraining event; read with FINAL';
