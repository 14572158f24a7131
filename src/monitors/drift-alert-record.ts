import type { DriftAlert } from './emission.js';
import {
  type EvidenceRecord,
  evidenceRecord,
  type ReferenceRecord,
  referenceRecord,
} from './evidence-record.js';
import { type TriggerRecord, triggerRecord } from './trigger-record.js';

/** A drift alert as schemas/drift-alerts.avsc has it. */
export interface DriftAlertRecord {
  readonly alert_id: string;
  readonly episode_id: string;
  readonly episode: number;
  readonly phase: 'opened' | 'closed';
  readonly reason: 'drift' | 'recovered' | 'model_replaced';
  readonly monitor: string;
  readonly model: string;
  readonly model_version: string;
  readonly time: string;
  readonly opened_at: string;
  readonly closed_at: string | null;
  readonly features: readonly string[];
  readonly summary: string;
  readonly next_step: string;
  readonly triggers: readonly TriggerRecord[];
  readonly reference: ReferenceRecord | null;
  readonly evidence: readonly EvidenceRecord[];
}

/** The record of an alert, for the topic and for files. */
export function toAlertRecord(alert: DriftAlert): DriftAlertRecord {
  return {
    alert_id: `${alert.episodeId}/${alert.phase}`,
    episode_id: alert.episodeId,
    episode: alert.episode,
    phase: alert.phase,
    reason: alert.reason === 'model-replaced' ? 'model_replaced' : alert.reason,
    monitor: alert.monitor,
    model: alert.model,
    model_version: alert.modelVersion,
    time: new Date(alert.timeMs).toISOString(),
    opened_at: new Date(alert.openedMs).toISOString(),
    closed_at: alert.closedMs === null ? null : new Date(alert.closedMs).toISOString(),
    features: [...alert.features],
    summary: summaryOf(alert),
    next_step: nextStepOf(alert),
    triggers: alert.triggers.map(triggerRecord),
    reference: alert.reference === null ? null : referenceRecord(alert.reference),
    evidence: alert.evidence.map(evidenceRecord),
  };
}

function summaryOf(alert: DriftAlert): string {
  const who = `model ${alert.model} ${alert.modelVersion}`;
  const since = new Date(alert.openedMs).toISOString();
  const names = alert.features.join(', ');
  if (alert.reason === 'model-replaced') {
    return `${who} was replaced; its drift episode since ${since} (${names}) is over`;
  }
  if (alert.reason === 'recovered') return `${who}: ${names} drifted since ${since} and recovered`;
  const largest = alert.evidence.reduce((most, check) => Math.max(most, check.effect ?? 0), 0);
  return `${who}: ${names} drifted; corrected PSI up to ${largest.toFixed(3)}`;
}

function nextStepOf(alert: DriftAlert): string {
  if (alert.phase === 'closed') return 'Nothing to do.';
  return `Look at what changed in ${alert.features.join(', ')}; if the change is to stay, retrain with the rows that retraining event ${alert.episodeId} names.`;
}
