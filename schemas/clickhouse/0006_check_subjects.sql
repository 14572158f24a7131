-- Rows written before have an empty subject: they are about features and the score.
ALTER TABLE checks
  ADD COLUMN IF NOT EXISTS subject LowCardinality(String) COMMENT 'What it is about: feature, score, target, covariates, concept, performance, business or quality' AFTER version,
  ADD COLUMN IF NOT EXISTS segment LowCardinality(String) COMMENT 'Part of the data as column=value; empty for all of it' AFTER feature,
  ADD COLUMN IF NOT EXISTS level Nullable(Float64) COMMENT 'Level of this one test: the chance of a false alarm over features, tests and looks' AFTER p_value,
  ADD COLUMN IF NOT EXISTS threshold Nullable(Float64) COMMENT 'Effect that must be exceeded for drift' AFTER effect,
  ADD COLUMN IF NOT EXISTS leave Nullable(Float64) COMMENT 'Effect below which it has recovered' AFTER threshold,
  ADD COLUMN IF NOT EXISTS detail String COMMENT 'Why nothing could be said, and what to do' AFTER verdict,
  COMMENT COLUMN verdict 'Outcome of this evaluation: ok, warning, drift, insufficient-data or no-reference',
  MODIFY ORDER BY (monitor, model, version, feature, test, period_end, reference_id, subject, segment);

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
  argMaxIf(toString(feature), effect, test = 'psi' AND segment = '') AS largest,
  maxIf(effect, test = 'psi' AND segment = '') AS largest_effect
FROM (SELECT * FROM checks FINAL)
GROUP BY day, monitor, model, version
ORDER BY day, monitor, model, version
COMMENT 'Per last day (UTC) of the evaluated period: checks by verdict, and the feature whose distribution moved most';
