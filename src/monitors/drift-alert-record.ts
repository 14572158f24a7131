import { changeText, nextStepOf, summaryOf } from './alert-text.js';
import { alertId, type DriftAlert } from './emission.js';
import {
  type EvidenceRecord,
  evidenceRecord,
  type ReferenceRecord,
  referenceRecord,
} from './evidence-record.js';
import type { FeatureChange, Moved } from './feature-change.js';
import type { RankedFeature } from './ranking.js';
import { type TriggerRecord, triggerRecord } from './trigger-record.js';

/** How a feature changed, as the schema has it. */
export interface ChangeRecord {
  readonly feature: string;
  readonly text: string;
  readonly null_before: number;
  readonly null_after: number;
  readonly moved: readonly Moved[];
}

/** A drift alert as schemas/drift-alerts.avsc has it. */
export interface DriftAlertRecord {
  readonly alert_id: string;
  readonly episode_id: string;
  readonly episode: number;
  readonly episode_kind: string;
  readonly phase: DriftAlert['phase'];
  readonly reason: 'drift' | 'worsened' | 'recovered' | 'model_replaced' | 'muted';
  readonly monitor: string;
  readonly model: string;
  readonly model_version: string;
  readonly time: string;
  readonly since: string;
  readonly opened_at: string;
  readonly closed_at: string | null;
  readonly features: readonly string[];
  readonly summary: string;
  readonly next_step: string;
  readonly retraining: boolean;
  readonly triggers: readonly TriggerRecord[];
  readonly ranking: readonly RankedFeature[];
  readonly changes: readonly ChangeRecord[];
  readonly reference: ReferenceRecord | null;
  readonly evidence: readonly EvidenceRecord[];
}

/** The record of an alert, for the topic, for webhooks and for files. */
export function toAlertRecord(alert: DriftAlert): DriftAlertRecord {
  return {
    alert_id: alertId(alert),
    episode_id: alert.episodeId,
    episode: alert.episode,
    episode_kind: alert.episodeKind,
    phase: alert.phase,
    reason: alert.reason === 'model-replaced' ? 'model_replaced' : alert.reason,
    monitor: alert.monitor,
    model: alert.model,
    model_version: alert.modelVersion,
    time: new Date(alert.timeMs).toISOString(),
    since: new Date(alert.sinceMs).toISOString(),
    opened_at: new Date(alert.openedMs).toISOString(),
    closed_at: alert.closedMs === null ? null : new Date(alert.closedMs).toISOString(),
    features: [...alert.features],
    summary: summaryOf(alert),
    next_step: nextStepOf(alert),
    retraining: alert.retraining,
    triggers: alert.triggers.map(triggerRecord),
    ranking: [...alert.ranking],
    changes: alert.changes.map(changeRecord),
    reference: alert.reference === null ? null : referenceRecord(alert.reference),
    evidence: alert.evidence.map(evidenceRecord),
  };
}

function changeRecord(change: FeatureChange): ChangeRecord {
  const { feature, nulls, strange, moved } = change;
  const isStrange = strange.before !== strange.after;
  return {
    feature,
    text: changeText(change),
    null_before: nulls.before,
    null_after: nulls.after,
    moved: isStrange ? [...moved, strange] : [...moved],
  };
}
