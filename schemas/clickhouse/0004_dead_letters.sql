CREATE TABLE IF NOT EXISTS dead_letters (
  topic LowCardinality(String) COMMENT 'Topic of the record',
  partition Int32 COMMENT 'Partition of the record',
  offset UInt64 COMMENT 'Offset of the record in its partition' CODEC(Delta, ZSTD),
  reason LowCardinality(String) COMMENT 'Verdict: invalid, future or late; refused where a table did not take its row',
  detail String COMMENT 'What was expected and what was found',
  raw String COMMENT 'The record as it came' CODEC(ZSTD(3)),
  written_at DateTime64(3, 'UTC') COMMENT 'When the row was written, UTC'
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY (topic, partition, offset, reason)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Records that were not used, with the reason; read with FINAL';
