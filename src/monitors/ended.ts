import type { Check } from './check.js';
import type { MonitorDefinition } from './definition.js';
import type { DriftAlert, ReferenceWindow } from './emission.js';
import {
  type ClosingReason,
  type Ended,
  type OpenEpisode,
  type PastEpisode,
  type PolicyState,
  pastKept,
} from './policy-state.js';

/** How an episode ends. */
export interface Closing {
  readonly atMs: number;
  readonly reason: ClosingReason;
  readonly reference: ReferenceWindow | null;
  readonly evidence: readonly Check[];
}

/** The state without the episode, which joins what is past. */
export function ended(
  state: PolicyState,
  open: OpenEpisode,
  { atMs, reason }: Closing,
  cooling: Ended,
): PolicyState {
  const { id, number, kind, sinceMs, openedMs, features, worsened, acknowledged } = open;
  const past: PastEpisode = {
    id,
    number,
    kind,
    sinceMs,
    openedMs,
    closedMs: atMs,
    reason,
    features,
    worsened,
    acknowledged,
  };
  return {
    ...state,
    open: state.open.filter((one) => one.id !== id),
    past: [past, ...state.past].slice(0, pastKept),
    ended: { ...state.ended, [kind]: cooling },
  };
}

/** What tells of the end. */
export function closedAlert(
  definition: MonitorDefinition,
  state: PolicyState,
  open: OpenEpisode,
  { atMs, reason, reference, evidence }: Closing,
): DriftAlert {
  return {
    kind: 'alert',
    phase: 'closed',
    reason,
    worsening: 0,
    episodeId: open.id,
    episode: open.number,
    episodeKind: open.kind,
    monitor: definition.name,
    model: state.model,
    modelVersion: state.modelVersion,
    timeMs: atMs,
    sinceMs: open.sinceMs,
    openedMs: open.openedMs,
    closedMs: atMs,
    features: open.features,
    triggers: [],
    reference,
    evidence,
    changes: [],
    ranking: [],
    retraining: open.retraining,
  };
}
