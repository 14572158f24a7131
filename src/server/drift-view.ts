import { changeText, nextStepOf } from '../monitors/alert-text.js';
import type { Check } from '../monitors/check.js';
import { alertId, type DriftAlert, type RetrainingEvent } from '../monitors/emission.js';
import { toRetrainingRecord } from '../monitors/retraining-record.js';
import { thingOf } from '../monitors/trigger.js';
import type { DriftHistory } from '../streams/live/drift-history.js';
import type {
  DriftAlert as AlertView,
  DriftEvidence,
  DriftHistory as HistoryView,
  RetrainingEvent as RetrainingView,
} from './engine-view.js';

/** The alerts that opened episodes, with what was told of each last. */
export function alertsOf({ alerts }: DriftHistory): AlertView[] {
  return alerts
    .filter((alert) => alert.phase === 'opened')
    .map((alert) =>
      alertOf(
        alert,
        alerts.filter((one) => one.episodeId === alert.episodeId),
      ),
    );
}

/** @param told all alerts of its episode, newest first */
export function alertOf(alert: DriftAlert, told: readonly DriftAlert[] = [alert]): AlertView {
  const [last] = alert.evidence.toSorted((a, b) => b.periodEndMs - a.periodEndMs);
  const newest = told[0] ?? alert;
  const { changes } = told.find(({ phase }) => phase !== 'closed') ?? alert;
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
    changes: changes.map(changeText),
    nextStep: nextStepOf(newest),
    endedMs: newest.phase === 'closed' ? newest.timeMs : null,
  };
}

/**
 * The newest check of each thing that drifted, worst first: its PSI with the KS distance beside it,
 * or where that is not what found it the strongest other test.
 */
function evidenceOf(checks: readonly Check[]): DriftEvidence[] {
  const byName = new Map<string, Check[]>();
  for (const check of checks) {
    const name = [check.subject, check.feature, check.segment].join('/');
    byName.set(name, [...(byName.get(name) ?? []), check]);
  }
  return [...byName.values()]
    .map((own) => {
      const newestMs = Math.max(...own.map((check) => check.periodEndMs));
      return own.filter((check) => check.periodEndMs === newestMs);
    })
    .sort((a, b) => strengthOf(strongest(b)) - strengthOf(strongest(a)))
    .map(oneEvidence);
}

function strongest(own: readonly Check[]): Check {
  const psi = own.find((check) => check.test === 'psi');
  return psi ?? own.reduce((most, check) => (strengthOf(check) > strengthOf(most) ? check : most));
}

function strengthOf({ effect, threshold }: Check): number {
  return (effect ?? 0) / Math.max(threshold, Number.EPSILON);
}

function oneEvidence(own: readonly Check[]): DriftEvidence {
  const check = strongest(own);
  const { segment } = check;
  const thing = thingOf(check);
  return {
    subject: check.subject,
    feature: segment === '' ? thing : `${thing} where ${segment}`,
    test: check.test,
    statistic: check.statistic ?? 0,
    usual: check.nullMean,
    psi: check.test === 'psi' ? check.corrected : null,
    critical: check.critical,
    ks: own.find((one) => one.test === 'ks')?.statistic ?? null,
    referenceCount: check.nReference,
    currentCount: check.nCurrent,
  };
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
