import type { Check } from './check.js';
import type { RetrainingEvent } from './emission.js';
import { type EpisodeKind, type PolicyState, pastKept, type Retraining } from './policy-state.js';
import type { Now } from './policy-step.js';
import type { Advice } from './strategy.js';
import { trainingRows } from './training-rows.js';
import type { Trigger } from './trigger.js';

/** What makes retraining due. */
export interface Due {
  readonly id: string;
  readonly number: number;
  readonly kind: EpisodeKind;
  readonly triggers: readonly Trigger[];
  readonly evidence: readonly Check[];
  readonly advice: Advice;
}

export function retrainingEvent(now: Now, state: PolicyState, due: Due): RetrainingEvent {
  const { definition, input } = now;
  const { trainingMonths } = definition.policy;
  const { strategy, reason } = due.advice;
  return {
    kind: 'retraining',
    episodeId: due.id,
    episode: due.number,
    episodeKind: due.kind,
    monitor: definition.name,
    model: state.model,
    modelVersion: state.modelVersion,
    timeMs: input.periodEndMs,
    reference: input.reference,
    evidence: due.evidence,
    triggers: due.triggers,
    strategy,
    strategyReason: reason,
    trainingMonths,
    trainingRows: trainingRows(definition.training, input.periodEndMs, trainingMonths, strategy),
  };
}

/** The state once the event is emitted: its retraining is due, and labels are counted anew. */
export function withRetraining(state: PolicyState, event: RetrainingEvent): PolicyState {
  const { episodeId: id, episodeKind: kind, modelVersion, timeMs } = event;
  const retraining: Retraining = {
    id,
    kind,
    modelVersion,
    dueMs: timeMs,
    status: 'due',
    who: '',
    note: '',
    progress: null,
    version: null,
    changedMs: timeMs,
  };
  return {
    ...state,
    labelled: 0,
    retrainings: [retraining, ...state.retrainings].slice(0, pastKept),
  };
}
