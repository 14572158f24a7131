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
