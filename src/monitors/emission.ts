import type { Check } from './check.js';
import type { Trigger } from './signal.js';
import type { TrainingRows } from './training-rows.js';

/** What the reference of an episode was. */
export interface ReferenceWindow {
  readonly id: string;
  readonly hash: string;
  readonly fromMs: number;
  readonly toMs: number;
}

interface EpisodeRecord {
  /** `model/version/number`. */
  readonly episodeId: string;
  readonly episode: number;
  readonly monitor: string;
  readonly model: string;
  readonly modelVersion: string;
  /** When it was decided: the end of the period that decided it. */
  readonly timeMs: number;
  /** Null where the model had none by then. */
  readonly reference: ReferenceWindow | null;
  readonly evidence: readonly Check[];
}

/** An episode opened or closed. */
export interface DriftAlert extends EpisodeRecord {
  readonly kind: 'alert';
  readonly phase: 'opened' | 'closed';
  readonly reason: 'drift' | 'recovered' | 'model-replaced';
  readonly openedMs: number;
  readonly closedMs: number | null;
  /** Features of the episode: those that opened it, strongest first, then those that joined it. */
  readonly features: readonly string[];
  readonly triggers: readonly Trigger[];
}

/** Retraining is due: once per episode. */
export interface RetrainingEvent extends EpisodeRecord {
  readonly kind: 'retraining';
  readonly triggers: readonly Trigger[];
  readonly strategy: 'sliding-window';
  readonly trainingMonths: number;
  readonly trainingRows: TrainingRows;
}

export type Emission = DriftAlert | RetrainingEvent;
