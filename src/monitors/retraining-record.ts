import type { RetrainingEvent } from './emission.js';
import {
  type EvidenceRecord,
  evidenceRecord,
  type ReferenceRecord,
  referenceRecord,
} from './evidence-record.js';
import { type TriggerRecord, triggerRecord } from './trigger-record.js';

/** A retraining event as schemas/retraining-events.avsc has it. */
export interface RetrainingRecord {
  readonly event_id: string;
  readonly episode_id: string;
  readonly episode: number;
  readonly monitor: string;
  readonly model: string;
  readonly model_version: string;
  readonly time: string;
  readonly reason: string;
  readonly triggers: readonly TriggerRecord[];
  readonly reference: ReferenceRecord | null;
  readonly evidence: readonly EvidenceRecord[];
  readonly strategy: 'sliding_window';
  readonly training_months: number;
  readonly training_from: string;
  readonly training_to: string;
  readonly training_query: string;
}

/** The record of a retraining event, for the topic and for files; its id is the episode's. */
export function toRetrainingRecord(event: RetrainingEvent): RetrainingRecord {
  const { fromMs, toMs, query } = event.trainingRows;
  return {
    event_id: event.episodeId,
    episode_id: event.episodeId,
    episode: event.episode,
    monitor: event.monitor,
    model: event.model,
    model_version: event.modelVersion,
    time: new Date(event.timeMs).toISOString(),
    reason: event.triggers.map(reasonOf).join('; '),
    triggers: event.triggers.map(triggerRecord),
    reference: event.reference === null ? null : referenceRecord(event.reference),
    evidence: event.evidence.map(evidenceRecord),
    strategy: 'sliding_window',
    training_months: event.trainingMonths,
    training_from: new Date(fromMs).toISOString(),
    training_to: new Date(toMs).toISOString(),
    training_query: query,
  };
}

function reasonOf(trigger: RetrainingEvent['triggers'][number]): string {
  const { value, threshold } = trigger;
  switch (trigger.kind) {
    case 'psi':
      return `corrected PSI of ${trigger.feature} is ${value.toFixed(3)}, above ${threshold}`;
    case 'feature-share':
      return `${(100 * value).toFixed(0)} % of the features drift, above ${100 * threshold} %`;
    default:
      return trigger satisfies never;
  }
}
