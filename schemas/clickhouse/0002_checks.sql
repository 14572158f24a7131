CREATE TABLE IF NOT EXISTS checks (
  monitor LowCardinality(String) COMMENT 'Name of the monitor',
  model LowCardinality(String) COMMENT 'Name of the monitored model',
  version LowCardinality(String) COMMENT 'Version of the monitored model',
  feature LowCardinality(String) COMMENT 'Name of the feature, or of the score',
  test LowCardinality(String) COMMENT 'Statistic: psi, ks, chi2 and so on',
  period_start DateTime64(3, 'UTC') COMMENT 'Start of the evaluated period, included, UTC',
  period_end DateTime64(3, 'UTC') COMMENT 'End of the evaluated period, excluded, UTC',
  reference_id LowCardinality(String) COMMENT 'Id of the reference',
  reference_hash LowCardinality(String) COMMENT 'Hash of the reference',
  n_reference UInt64 COMMENT 'Sample size of the reference',
  n_current UInt64 COMMENT 'Sample size of the period',
  statistic Nullable(Float64) COMMENT 'Value of the statistic',
  corrected Nullable(Float64) COMMENT 'Statistic less its bias without drift',
  null_mean Nullable(Float64) COMMENT 'Mean of the statistic without drift',
  critical Nullable(Float64) COMMENT 'Critical value at the chosen level',
  p_value Nullable(Float64) COMMENT 'Chance of a value at least this large without drift',
  effect Nullable(Float64) COMMENT 'Effect size that the policy compares with its floor',
  method LowCardinality(String) COMMENT 'How the p-value was computed',
  verdict LowCardinality(String) COMMENT 'Outcome of this evaluation: ok, warning, drift or insufficient-data',
  written_at DateTime64(3, 'UTC') COMMENT 'When the row was written, UTC; it is kept for 30 days from then'
)
ENGINE = ReplacingMergeTree(written_at)
PARTITION BY toYYYYMM(period_end)
ORDER BY (monitor, model, version, feature, test, period_end, reference_id)
TTL toDateTime(written_at, 'UTC') + INTERVAL 30 DAY DELETE
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row per evaluation of a drift check; read with FINAL';
