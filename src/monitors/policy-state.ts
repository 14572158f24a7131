import type { Check } from './check.js';
import type { ErrorStream } from './error-stream.js';
import type { SignalLevel } from './signal.js';

/**
 * `drift`: the model's data, scores or labels; `notice`: what alerts only (quality, business);
 * `schedule` and `labels` are retraining events that open and close at once.
 */
export type EpisodeKind = 'drift' | 'notice' | 'schedule' | 'labels';

/** What a period said. */
export interface JudgedPeriod {
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  /** By signal. */
  readonly levels: Readonly<Record<string, SignalLevel>>;
  /** By signal, where it is known: the effect over its threshold, so that 1 is just drift. */
  readonly strengths: Readonly<Record<string, number>>;
  /** The checks that found drift, as long as the rule "k of n periods" needs them. */
  readonly drifts: readonly Check[];
}

/** Somebody looked at it. */
export interface Acknowledgement {
  readonly who: string;
  readonly note: string;
  readonly atMs: number;
}

export interface OpenEpisode {
  readonly id: string;
  readonly number: number;
  readonly kind: 'drift' | 'notice';
  /** Start of the first period that counted for it. */
  readonly sinceMs: number;
  readonly openedMs: number;
  /** Names of the signals that must be low before it closes, in the order in which they joined. */
  readonly signals: readonly string[];
  /** Notices that came with it: they open nothing of their own while it lasts. */
  readonly notices: readonly string[];
  /** What drifted in it, in the order in which it joined, strongest first. */
  readonly features: readonly string[];
  /** Whether its retraining event was emitted. */
  readonly retraining: boolean;
  /** Alerts that it has worsened. */
  readonly worsened: number;
  /** What the last alert told: strengths by signal, and the share of features. */
  readonly told: { readonly strengths: Readonly<Record<string, number>>; readonly share: number };
  readonly acknowledged: Acknowledgement | null;
}

export type ClosingReason = 'recovered' | 'model-replaced' | 'muted';

/** An episode that is over. */
export interface PastEpisode {
  readonly id: string;
  readonly number: number;
  readonly kind: EpisodeKind;
  readonly sinceMs: number;
  readonly openedMs: number;
  readonly closedMs: number;
  readonly reason: ClosingReason | 'emitted';
  readonly features: readonly string[];
  readonly worsened: number;
  readonly acknowledged: Acknowledgement | null;
}

/** `in-use`: a model of another version has taken the place of the one it was due for. */
export type RetrainingStatus = 'due' | 'acknowledged' | 'in-progress' | 'done' | 'in-use';

/** How far the retraining of an event is. */
export interface Retraining {
  /** Id of the event, which is that of its episode. */
  readonly id: string;
  readonly kind: EpisodeKind;
  readonly modelVersion: string;
  readonly dueMs: number;
  readonly status: RetrainingStatus;
  readonly who: string;
  readonly note: string;
  /** Share that is done; null where nobody said. */
  readonly progress: number | null;
  /** The version that came of it; null before. */
  readonly version: string | null;
  readonly changedMs: number;
}

/** Nothing of it opens an episode before `untilMs`. */
export interface Mute {
  /** A feature's name; null for the whole monitor. */
  readonly feature: string | null;
  readonly untilMs: number;
  readonly reason: string;
  readonly who: string;
  readonly atMs: number;
}

/** Where episodes of a kind ended last. */
export interface Ended {
  readonly atMs: number;
  /** None opens at or before this time. */
  readonly coolingUntilMs: number;
}

/** Where the policy of one model stands; plain JSON, bounded. */
export interface PolicyState {
  readonly model: string;
  readonly modelVersion: string;
  /** Episodes of the model, over all its versions: a version that comes back repeats no id. */
  readonly episodes: number;
  /** At most one of each kind. */
  readonly open: readonly OpenEpisode[];
  readonly recent: readonly JudgedPeriod[];
  readonly ended: { readonly drift: Ended | null; readonly notice: Ended | null };
  /** Newest first. */
  readonly past: readonly PastEpisode[];
  /** Newest first. */
  readonly retrainings: readonly Retraining[];
  readonly mutes: readonly Mute[];
  /** End of the last period judged; what ends at or before it is a repeat. */
  readonly judgedUpToMs: number | null;
  /** Place in the log of the last command taken; one at or before it is a repeat. */
  readonly commandsUpTo: number;
  /** Labelled samples since the last retraining event. */
  readonly labelled: number;
  /** Periods that would have opened an episode but for the cool-down. */
  readonly suppressed: number;
  /** The model's errors as labels mature; left out before the first, and by former versions. */
  readonly errors?: ErrorStream;
}

/** Periods whose strengths are kept, to tell an abrupt change from a gradual one. */
export const periodsKept = 30;
export const pastKept = 50;
export const mutesMax = 200;

/** The state of a model that has not been judged yet. */
export function initialPolicy(model: string, modelVersion: string): PolicyState {
  return {
    model,
    modelVersion,
    episodes: 0,
    open: [],
    recent: [],
    ended: { drift: null, notice: null },
    past: [],
    retrainings: [],
    mutes: [],
    judgedUpToMs: null,
    commandsUpTo: -1,
    labelled: 0,
    suppressed: 0,
  };
}

export function openOf(state: PolicyState, kind: 'drift' | 'notice'): OpenEpisode | null {
  return state.open.find((one) => one.kind === kind) ?? null;
}

/** The state with this episode in the place of its former self. */
export function withOpen(state: PolicyState, episode: OpenEpisode): PolicyState {
  return { ...state, open: [...state.open.filter((one) => one.id !== episode.id), episode] };
}
