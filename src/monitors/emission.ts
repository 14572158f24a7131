import type { Check } from './check.js';
import type { FeatureChange } from './feature-change.js';
import type { ClosingReason, EpisodeKind } from './policy-state.js';
import type { RankedFeature } from './ranking.js';
import type { Advice } from './strategy.js';
import type { TrainingRows } from './training-rows.js';
import type { Trigger } from './trigger.js';

/** What the reference of an episode was. */
export interface ReferenceWindow {
  readonly id: string;
  readonly hash: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What is told of a reference. */
export function windowOf({ id, hash, fromMs, toMs }: ReferenceWindow): ReferenceWindow {
  return { id, hash, fromMs, toMs };
}

interface EpisodeRecord {
  /** As `episodeId`. */
  readonly episodeId: string;
  readonly episode: number;
  readonly episodeKind: EpisodeKind;
  readonly monitor: string;
  readonly model: string;
  readonly modelVersion: string;
  /** When it was decided: the end of the period that decided it. */
  readonly timeMs: number;
  /** Null where the model had none by then. */
  readonly reference: ReferenceWindow | null;
  readonly evidence: readonly Check[];
}

/** An episode opened, worsened or closed. */
export interface DriftAlert extends EpisodeRecord {
  readonly kind: 'alert';
  readonly phase: 'opened' | 'worsened' | 'closed';
  readonly reason: 'drift' | 'worsened' | ClosingReason;
  /** Which alert of its phase: 1, 2, … where it worsened, else 0. */
  readonly worsening: number;
  /** Start of the first period that counted for it. */
  readonly sinceMs: number;
  readonly openedMs: number;
  readonly closedMs: number | null;
  /** Features of the episode: those that opened it, strongest first, then those that joined it. */
  readonly features: readonly string[];
  readonly triggers: readonly Trigger[];
  /** How the distributions of its features changed. */
  readonly changes: readonly FeatureChange[];
  /** Its features by their effect on the score. */
  readonly ranking: readonly RankedFeature[];
  /** Whether a retraining event was emitted for the episode. */
  readonly retraining: boolean;
}

/** Retraining is due: once per episode. */
export interface RetrainingEvent extends EpisodeRecord {
  readonly kind: 'retraining';
  readonly triggers: readonly Trigger[];
  readonly strategy: Advice['strategy'];
  /** By which rule the strategy is advised, in one sentence. */
  readonly strategyReason: string;
  readonly trainingMonths: number;
  readonly trainingRows: TrainingRows;
}

export type Emission = DriftAlert | RetrainingEvent;

/** Names an episode among all: two monitors may watch one model. */
export function episodeId(monitor: string, modelVersion: string, number: number): string {
  return `${monitor}/${modelVersion}/${number}`;
}

/** Id of an alert: the same when it is told again. */
export function alertId({ episodeId, phase, worsening }: DriftAlert): string {
  return worsening === 0 ? `${episodeId}/${phase}` : `${episodeId}/${phase}-${worsening}`;
}

/** Id of an emission among all: alerts and retraining events share their episode's. */
export function emissionId(emission: Emission): string {
  return emission.kind === 'alert' ? alertId(emission) : `${emission.episodeId}/retraining`;
}
