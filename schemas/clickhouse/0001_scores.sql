CREATE TABLE IF NOT EXISTS scores (
  request_id String COMMENT 'Id of the request; topic/partition/offset of the event where there was none',
  key String COMMENT 'Key of the scored entity, as text',
  model LowCardinality(String) COMMENT 'Name of the model',
  version LowCardinality(String) COMMENT 'Version of the model',
  arm LowCardinality(String) COMMENT 'Arm of the comparison: champion or challenger',
  score Nullable(Float64) COMMENT 'Output of the model; null where no model was there to score',
  time DateTime64(3, 'UTC') COMMENT 'Time of the scored event, UTC' CODEC(Delta, ZSTD),
  epoch UInt64 COMMENT 'Epoch of the scoring log',
  position UInt64 COMMENT 'Position of the event in the scoring log of its epoch' CODEC(Delta, ZSTD),
  inputs Map(LowCardinality(String), Nullable(Float64)) COMMENT 'Numeric inputs by name, as given to the model; null where not known',
  text_inputs Map(LowCardinality(String), String) COMMENT 'Other inputs by name: texts as they are, lists as JSON'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (model, version, time, request_id, key, arm, epoch, position)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Scores with the inputs they were made from; read with FINAL';
