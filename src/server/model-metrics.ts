import type { Check } from '../monitors/check.js';
import type { Emission } from '../monitors/emission.js';
import type { Score } from '../records/score.js';
import type { DriftHistory } from '../streams/live/drift-history.js';
import type { Metrics } from '../telemetry/metrics.js';

/** Models exist before their first score: what never comes can be told of. */
export function expectModels(models: readonly { readonly name: string }[], metrics: Metrics): void {
  for (const { name } of models) {
    metrics.add('weir_scores_total', { model: name, outcome: 'scored' }, 0);
    metrics.add('weir_drift_alerts_total', { model: name }, 0);
    metrics.add('weir_retraining_events_total', { model: name }, 0);
  }
}

export function countScores(scores: readonly Score[], metrics: Metrics): void {
  for (const { model, score } of scores)
    metrics.add('weir_scores_total', { model, outcome: score === null ? 'failed' : 'scored' });
}

/** Counts what periods said; the end of an episode is no alert. */
export function countJudged(
  checks: readonly Check[],
  emissions: readonly Emission[],
  metrics: Metrics,
): void {
  for (const { model, verdict } of checks) {
    const answer = verdict === 'ok' || verdict === 'warning' ? 'stable' : verdict;
    metrics.add('weir_drift_evaluations_total', { model, answer });
  }
  for (const emission of emissions) {
    const { kind, model } = emission;
    if (kind === 'retraining') metrics.add('weir_retraining_events_total', { model });
    else if (emission.phase !== 'closed') metrics.add('weir_drift_alerts_total', { model });
  }
}

/** PSI of the last evaluated period. */
export function exportDrift({ periods }: DriftHistory, metrics: Metrics): void {
  for (const { model, feature, corrected } of periods.at(-1)?.checks ?? []) {
    if (corrected !== null) metrics.set('weir_drift_psi', { model, feature }, corrected);
  }
}
