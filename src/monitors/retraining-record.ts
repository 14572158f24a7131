import type { RetrainingEvent } from './emission.js';
import {
  type EvidenceRecord,
  evidenceRecord,
  type ReferenceRecord,
  referenceRecord,
} from './evidence-record.js';
import { reasonOf } from './trigger.js';
import { type TriggerRecord, triggerRecord } from './trigger-record.js';

const strategies = {
  'sliding-window': 'sliding_window',
  weighted: 'weighted',
  full: 'full',
} as const satisfies Record<RetrainingEvent['strategy'], string>;

/** A retraining event as schemas/retraining-events.avsc has it. */
export interface RetrainingRecord {
  readonly event_id: string;
  readonly episode_id: string;
  readonly episode: number;
  readonly episode_kind: string;
  readonly monitor: string;
  readonly model: string;
  readonly model_version: string;
  readonly time: string;
  readonly reason: string;
  readonly triggers: readonly TriggerRecord[];
  readonly reference: ReferenceRecord | null;
  readonly evidence: readonly EvidenceRecord[];
  readonly strategy: (typeof strategies)[keyof typeof strategies];
  readonly strategy_reason: string;
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
    episode_kind: event.episodeKind,
    monitor: event.monitor,
    model: event.model,
    model_version: event.modelVersion,
    time: new Date(event.timeMs).toISOString(),
    reason: event.triggers.map(reasonOf).join('; '),
    triggers: event.triggers.map(triggerRecord),
    reference: event.reference === null ? null : referenceRecord(event.reference),
    evidence: event.evidence.map(evidenceRecord),
    strategy: strategies[event.strategy],
    strategy_reason: event.strategyReason,
    training_months: event.trainingMonths,
    training_from: new Date(fromMs).toISOString(),
    training_to: new Date(toMs).toISOString(),
    training_query: query,
  };
}
