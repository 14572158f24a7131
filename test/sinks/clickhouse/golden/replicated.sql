CREATE DATABASE IF NOT EXISTS `weir`;

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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')
PARTITION BY toYYYYMM(time)
ORDER BY (model, version, time, request_id, key, arm, epoch, position)
SETTINGS replicated_deduplication_window = 1000
COMMENT 'Scores with the inputs they were made from; read with FINAL';

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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', written_at)
PARTITION BY toYYYYMM(period_end)
ORDER BY (monitor, model, version, feature, test, period_end, reference_id)
TTL toDateTime(written_at, 'UTC') + INTERVAL 30 DAY DELETE
SETTINGS replicated_deduplication_window = 1000
COMMENT 'One row per evaluation of a drift check; read with FINAL';

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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', written_at)
PARTITION BY toYYYYMM(time)
ORDER BY (model, version, episode, event, id)
TTL toDateTime(written_at, 'UTC') + INTERVAL 30 DAY DELETE
SETTINGS replicated_deduplication_window = 1000
COMMENT 'Episodes of drift: one row for each opening, closing and retraining event; read with FINAL';

CREATE TABLE IF NOT EXISTS dead_letters (
  topic LowCardinality(String) COMMENT 'Topic of the record',
  partition Int32 COMMENT 'Partition of the record',
  offset UInt64 COMMENT 'Offset of the record in its partition' CODEC(Delta, ZSTD),
  reason LowCardinality(String) COMMENT 'Verdict: invalid, future or late; refused where a table did not take its row',
  detail String COMMENT 'What was expected and what was found',
  raw String COMMENT 'The record as it came' CODEC(ZSTD(3)),
  written_at DateTime64(3, 'UTC') COMMENT 'When the row was written, UTC'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', written_at)
ORDER BY (topic, partition, offset, reason)
SETTINGS replicated_deduplication_window = 1000
COMMENT 'Records that were not used, with the reason; read with FINAL';

CREATE OR REPLACE VIEW current_scores AS
SELECT * EXCEPT (newest)
FROM (
  SELECT *, max(epoch) OVER (PARTITION BY model, version, time, request_id, key, arm) AS newest
  FROM scores FINAL
)
WHERE epoch = newest
COMMENT 'Scores of the newest epoch that has the scored event: after a rebuild each stands once';

CREATE OR REPLACE VIEW score_distribution_daily AS
SELECT
  toDate(time, 'UTC') AS day,
  model,
  version,
  arm,
  countIf(isNotNull(score)) AS scored,
  countIf(isNull(score)) AS failed,
  avg(score) AS mean,
  stddevPop(score) AS deviation,
  quantileExact(0.05)(score) AS p05,
  quantileExact(0.25)(score) AS p25,
  quantileExact(0.5)(score) AS p50,
  quantileExact(0.75)(score) AS p75,
  quantileExact(0.95)(score) AS p95
FROM current_scores
GROUP BY day, model, version, arm
ORDER BY day, model, version, arm
COMMENT 'Per day (UTC), model version and arm: how many scores, and how they are distributed';

CREATE OR REPLACE VIEW drift_daily AS
SELECT
  toDate(period_end - INTERVAL 1 MILLISECOND, 'UTC') AS day,
  monitor,
  model,
  version,
  count() AS checks,
  countIf(verdict = 'ok') AS ok,
  countIf(verdict = 'warning') AS warnings,
  countIf(verdict = 'drift') AS drifts,
  countIf(verdict NOT IN ('ok', 'warning', 'drift')) AS without_answer,
  arraySort(groupUniqArrayIf(toString(feature), verdict = 'drift')) AS drifting,
  argMax(toString(feature), effect) AS largest,
  max(effect) AS largest_effect
FROM (SELECT * FROM checks FINAL)
GROUP BY day, monitor, model, version
ORDER BY day, monitor, model, version
COMMENT 'Per last day (UTC) of the evaluated period: checks by verdict, and the feature that moved most';

CREATE OR REPLACE VIEW drift_episodes AS
SELECT
  monitor,
  model,
  version,
  episode,
  min(if(event = 'opened', time, NULL)) AS opened,
  max(if(event = 'closed', time, NULL)) AS closed,
  max(if(event = 'retraining', time, NULL)) AS retraining,
  argMaxIf(features, time, event = 'opened') AS drifting,
  argMaxIf(reason, time, event = 'opened') AS why
FROM (SELECT * FROM alerts FINAL)
GROUP BY monitor, model, version, episode
ORDER BY monitor, model, version, episode
COMMENT 'One row per episode of drift: when it was opened and closed (null while open), and why';

CREATE OR REPLACE VIEW dead_letter_summary AS
SELECT
  topic,
  reason,
  count() AS letters,
  uniqExact(partition) AS partitions,
  min(written_at) AS first_written,
  max(written_at) AS last_written,
  argMax(detail, tuple(partition, offset)) AS example,
  argMax(tuple(partition, offset), tuple(partition, offset)) AS example_at
FROM (SELECT * FROM dead_letters FINAL)
GROUP BY topic, reason
ORDER BY topic, reason
COMMENT 'Per topic and reason: how many records were not used, and one of them';

CREATE TABLE IF NOT EXISTS `vectors_user` (
  `key` String COMMENT 'Key of the entity, as text',
  `as_of` DateTime64(3, 'UTC') COMMENT 'Largest event time the key had seen, the event included, UTC' CODEC(Delta, ZSTD),
  `position` UInt64 COMMENT 'Position in the epoch: data records that the task\'s log held before the event' CODEC(Delta, ZSTD),
  `definition` LowCardinality(String) COMMENT 'Hash of the view definition, 16 hex digits',
  `topic` LowCardinality(String) COMMENT 'Topic of the source record',
  `partition` Int32 COMMENT 'Partition of the source record',
  `offset` UInt64 COMMENT 'Offset of the source record in its partition' CODEC(Delta, ZSTD),
  `time` DateTime64(3, 'UTC') COMMENT 'Time of the event, UTC' CODEC(Delta, ZSTD),
  `epoch` UInt64 COMMENT 'Epoch of the log; a new one begins when the log is made anew',
  `sequence` UInt64 COMMENT 'Number of the source record among all that ingest took in the epoch, from 0' CODEC(Delta, ZSTD),
  `mean_rating` Nullable(Float64) COMMENT 'mean of the user\'s ratings',
  `clicks_24h` Nullable(Int64) COMMENT 'count over 24 h',
  `device` LowCardinality(Nullable(String)) COMMENT 'last device',
  `last_activity` Nullable(DateTime64(3, 'UTC')) COMMENT 'largest event time',
  `busy_hours` Array(Int64) COMMENT 'counts per hour',
  `categories` Array(Tuple(String, Int64)) COMMENT 'most frequent values'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', epoch)
PARTITION BY toYYYYMM(time)
ORDER BY (`key`, `time`, `topic`, `partition`, `offset`)
SETTINGS replicated_deduplication_window = 1000
COMMENT 'Vectors of view user before each event, one row per event; read with FINAL';

CREATE TABLE IF NOT EXISTS `events_interactions` (
  `topic` LowCardinality(String) COMMENT 'Topic of the source record',
  `partition` Int32 COMMENT 'Partition of the source record',
  `offset` UInt64 COMMENT 'Offset of the source record in its partition' CODEC(Delta, ZSTD),
  `time` DateTime64(3, 'UTC') COMMENT 'Time of the event, UTC' CODEC(Delta, ZSTD),
  `epoch` UInt64 COMMENT 'Epoch of the log; a new one begins when the log is made anew',
  `sequence` UInt64 COMMENT 'Number of the source record among all that ingest took in the epoch, from 0' CODEC(Delta, ZSTD),
  `user_id` String COMMENT 'Field user_id of the record',
  `place_id` Nullable(String) COMMENT 'Field place_id of the record',
  `event_type` LowCardinality(Nullable(String)) COMMENT 'Field event_type of the record, as a rule one of view, click',
  `rating` Nullable(Float64) COMMENT 'Field rating of the record, 1 to 5; null where absent',
  `search_query` Nullable(String) COMMENT 'Field context.search_query of the record; null where absent',
  `raw` String COMMENT 'The record as it came' CODEC(ZSTD(3))
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', epoch)
PARTITION BY toYYYYMM(time)
ORDER BY (`user_id`, `partition`, `offset`)
SETTINGS replicated_deduplication_window = 1000
COMMENT 'Used records of topic interactions (the others are in dead_letters); read with FINAL';

CREATE TABLE IF NOT EXISTS `events_city_context` (
  `topic` LowCardinality(String) COMMENT 'Topic of the source record',
  `partition` Int32 COMMENT 'Partition of the source record',
  `offset` UInt64 COMMENT 'Offset of the source record in its partition' CODEC(Delta, ZSTD),
  `time` DateTime64(3, 'UTC') COMMENT 'Time of the event, UTC' CODEC(Delta, ZSTD),
  `epoch` UInt64 COMMENT 'Epoch of the log; a new one begins when the log is made anew',
  `sequence` UInt64 COMMENT 'Number of the source record among all that ingest took in the epoch, from 0' CODEC(Delta, ZSTD),
  `temperature` Nullable(Float64) COMMENT 'Field temperature of the record; null where absent',
  `active` Array(String) COMMENT 'Field active of the record; empty where absent',
  `cleared` Array(LowCardinality(String)) COMMENT 'Fields that the update clears: sent as null, not just absent',
  `raw` String COMMENT 'The record as it came' CODEC(ZSTD(3))
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', epoch)
PARTITION BY toYYYYMM(time)
ORDER BY (`partition`, `offset`)
SETTINGS replicated_deduplication_window = 1000
COMMENT 'Used records of topic city-context (the others are in dead_letters); read with FINAL';

ALTER TABLE `vectors_user` ADD COLUMN IF NOT EXISTS `visits` Nullable(Int64);

CREATE OR REPLACE VIEW `latest_user` AS
SELECT key,
  tupleElement(last, 1) AS `as_of`,
  tupleElement(last, 2) AS `position`,
  tupleElement(last, 3) AS `definition`,
  tupleElement(last, 4) AS `topic`,
  tupleElement(last, 5) AS `partition`,
  tupleElement(last, 6) AS `offset`,
  tupleElement(last, 7) AS `time`,
  tupleElement(last, 8) AS `epoch`,
  tupleElement(last, 9) AS `sequence`,
  tupleElement(last, 10) AS `mean_rating`,
  tupleElement(last, 11) AS `clicks_24h`,
  tupleElement(last, 12) AS `device`,
  tupleElement(last, 13) AS `last_activity`,
  tupleElement(last, 14) AS `busy_hours`,
  tupleElement(last, 15) AS `categories`
FROM (
  SELECT key, argMax(tuple(`as_of`, `position`, `definition`, `topic`, `partition`, `offset`, `time`, `epoch`, `sequence`, `mean_rating`, `clicks_24h`, `device`, `last_activity`, `busy_hours`, `categories`), tuple(epoch, position)) AS last
  FROM `vectors_user` GROUP BY key
) AS each
COMMENT 'One row per user_id: its vector of view user before its last event';

CREATE OR REPLACE VIEW `freshness_user` AS
SELECT
  tupleElement(known, 1) AS feature,
  count() AS keys,
  countIf(tupleElement(known, 2)) AS known_keys,
  max(as_of) AS newest_as_of,
  quantileExact(0.5)(behind) AS median_behind_seconds,
  quantileExact(0.95)(behind) AS p95_behind_seconds
FROM (
  SELECT
    as_of,
    intDiv(toUnixTimestamp64Milli(max(as_of) OVER ()) - toUnixTimestamp64Milli(as_of), 1000) AS behind,
    arrayJoin([tuple('mean_rating', isNotNull(`mean_rating`)), tuple('clicks_24h', isNotNull(`clicks_24h`)), tuple('device', isNotNull(`device`)), tuple('last_activity', isNotNull(`last_activity`)), tuple('busy_hours', notEmpty(`busy_hours`)), tuple('categories', notEmpty(`categories`))]) AS known
  FROM `latest_user`
)
GROUP BY feature ORDER BY feature
COMMENT 'One row per feature of view user: keys that know it, and how far the last events of keys lie behind the newest';

CREATE OR REPLACE VIEW `training_user` AS
SELECT *
FROM (SELECT * FROM `vectors_user` FINAL) AS v
INNER JOIN (
  SELECT ifNull(`user_id`, '') AS key, topic, partition, offset, `user_id` AS `event_user_id`, `place_id` AS `event_place_id`, `event_type` AS `event_event_type`, `rating` AS `event_rating`, `search_query` AS `event_search_query`
  FROM `events_interactions` FINAL
) AS e USING (key, topic, partition, offset)
COMMENT 'One row per event of interactions: the vector of view user as it was before the event, and the event as event_ columns';

CREATE OR REPLACE VIEW `funnel_interactions` AS
SELECT
  day,
  tupleElement(entry, 1) AS step,
  tupleElement(entry, 2) AS event,
  countIf(reached >= tupleElement(entry, 1)) AS keys
FROM (
  SELECT
    toDate(time, 'UTC') AS day,
    windowFunnel(86400000)(toUInt64(toUnixTimestamp64Milli(time)), ifNull(`event_type` = 'view', 0), ifNull(`event_type` = 'click', 0)) AS reached,
    arrayJoin([tuple(1, 'view'), tuple(2, 'click')]) AS entry
  FROM (SELECT time, `event_type`, `user_id` AS k FROM `events_interactions` FINAL)
  GROUP BY day, k
)
GROUP BY day, step, event ORDER BY day, step
COMMENT 'Per day (UTC) and step: how many user_id got so far within the day, by view, click';

CREATE OR REPLACE VIEW `click_through_interactions` AS
SELECT
  toDate(time, 'UTC') AS day,
  map('user_id', CAST(ifNull(`user_id`, ''), 'String'), 'place_id', CAST(ifNull(`place_id`, ''), 'String'), 'event_type', CAST(ifNull(`event_type`, ''), 'String'), 'search_query', CAST(ifNull(`search_query`, ''), 'String'))[{field:String}] AS segment,
  countIf(`event_type` = 'view') AS views,
  countIf(`event_type` = 'click') AS clicks,
  if(views = 0, NULL, clicks / views) AS click_through
FROM `events_interactions` FINAL
GROUP BY day, segment ORDER BY day, segment
COMMENT 'Clicks by views per day (UTC) and segment: SELECT * FROM click_through_interactions(field = ...), any text field';

CREATE OR REPLACE VIEW `accounts` AS
SELECT
  topic,
  sum(used) AS used,
  sum(invalid) AS invalid,
  sum(future) AS future,
  sum(late) AS late,
  sum(refused) AS refused
FROM (
  SELECT topic, count() AS used, 0 AS invalid, 0 AS future, 0 AS late, 0 AS refused FROM `events_interactions` FINAL GROUP BY topic
  UNION ALL
  SELECT topic, count() AS used, 0 AS invalid, 0 AS future, 0 AS late, 0 AS refused FROM `events_city_context` FINAL GROUP BY topic
  UNION ALL
  SELECT topic, 0, countIf(reason = 'invalid'), countIf(reason = 'future'), countIf(reason = 'late'),
    countIf(reason = 'refused')
  FROM dead_letters FINAL GROUP BY topic
)
GROUP BY topic ORDER BY topic
COMMENT 'Per topic: used records and dead letters by reason; duplicates and filtered records are only counted by the engine';
