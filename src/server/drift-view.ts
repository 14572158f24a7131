import type { Check } from '../monitors/check.js';
import { alertId, type DriftAlert, type RetrainingEvent } from '../monitors/emission.js';
import { toRetrainingRecord } from '../monitors/retraining-record.js';
import type { DriftHistory } from '../streams/live/drift-history.js';
import type {
  DriftAlert as AlertView,
  DriftEvidence,
  DriftHistory as HistoryView,
  RetrainingEvent as RetrainingView,
} from './engine-view.js';

/** The alerts that opened episodes, with the end of those that are over. */
export function alertsOf({ alerts }: DriftHistory): AlertView[] {
  return alerts
    .filter((alert) => alert.phase === 'opened')
    .map((alert) => {
      const closed = alerts.find(
        (one) => one.phase === 'closed' && one.episodeId === alert.episodeId,
      );
      return alertOf(alert, closed?.timeMs ?? null);
    });
}

/** @param endedMs when its episode ended; null while it lasts */
export function alertOf(alert: DriftAlert, endedMs: number | null): AlertView {
  const psi = alert.evidence.filter((check) => check.test === 'psi');
  const [last] = psi.toSorted((a, b) => b.periodEndMs - a.periodEndMs);
  return {
    id: alertId(alert),
    episode: alert.episodeId,
    model: alert.model,
    version: alert.modelVersion,
    timeMs: alert.timeMs,
    periodStartMs: last?.periodStartMs ?? alert.openedMs,
    periodEndMs: last?.periodEndMs ?? alert.timeMs,
    threshold: last?.threshold ?? 0,
    evidence: evidenceOf(alert.evidence),
    endedMs: alert.phase === 'closed' ? alert.timeMs : endedMs,
  };
}

/** The last PSI check of each feature with its KS beside it, worst first. */
function evidenceOf(checks: readonly Check[]): DriftEvidence[] {
  const newest = new Map<string, Check>();
  for (const check of checks) {
    const known = newest.get(check.feature);
    if (check.test === 'psi' && (known === undefined || check.periodEndMs > known.periodEndMs))
      newest.set(check.feature, check);
  }
  return [...newest.values()]
    .map((check) => ({
      feature: check.feature,
      psi: check.corrected ?? 0,
      critical: check.critical ?? 0,
      ks:
        checks.find(
          (one) =>
            one.test === 'ks' &&
            one.feature === check.feature &&
            one.periodEndMs === check.periodEndMs,
        )?.statistic ?? null,
      referenceCount: check.nReference,
      currentCount: check.nCurrent,
    }))
    .sort((a, b) => b.psi - a.psi);
}

export function retrainingOf(event: RetrainingEvent): RetrainingView {
  const record = toRetrainingRecord(event);
  return {
    id: record.event_id,
    episode: record.episode_id,
    model: record.model,
    version: record.model_version,
    timeMs: event.timeMs,
    reason: record.reason,
    strategy:
      event.strategy === 'full'
        ? 'full'
        : `${event.strategy.replace('-', ' ')} of ${event.trainingMonths} months`,
    trainingData: record.training_query,
  };
}

/** What is judged, and against what. */
export interface Judged {
  /** Why there can be nothing to see, with the remedy; empty where there can. */
  readonly note: string;
  /** Why there is nothing to see yet. */
  readonly empty: string;
  /** PSI a feature must pass. */
  readonly threshold: number;
  readonly planted: HistoryView['planted'];
}

/** PSI per feature and period; a period without enough data has none. */
export function driftOf({ periods }: DriftHistory, judged: Judged): HistoryView {
  const names = [
    ...new Set(periods.flatMap((period) => period.checks.map((check) => check.feature))),
  ];
  const of = (feature: string, value: (check: Check) => number | null) =>
    periods.map((period) => {
      const check = period.checks.find((one) => one.feature === feature);
      return check === undefined ||
        check.verdict === 'insufficient-data' ||
        check.verdict === 'no-reference'
        ? null
        : value(check);
    });
  return {
    note: judged.note || (periods.length === 0 ? judged.empty : ''),
    threshold: judged.threshold,
    periods: periods.map(({ startMs, endMs }) => ({ startMs, endMs })),
    series: names.map((feature) => ({
      feature,
      psi: of(feature, (check) => check.corrected),
      critical: of(feature, (check) => check.critical),
    })),
    planted: judged.planted,
  };
}

/** @param reference whether there is one; null where nothing is monitored */
export function noteOf(reference: boolean | null): string {
  if (reference === null) return 'The pipeline has no monitor.';
  return reference
    ? ''
    : "There is no reference to compare with: make one with 'weir reference capture'.";
}
