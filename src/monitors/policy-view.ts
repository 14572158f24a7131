import type { OpenEpisode, PastEpisode, PolicyState } from './policy-state.js';

/** A monitor with where its policy stands. */
export interface PolicyView {
  readonly monitor: string;
  readonly state: PolicyState;
  /** What a mute can be of. */
  readonly mutable: readonly string[];
}

/** An episode as people look at it. */
export interface EpisodeView {
  readonly id: string;
  readonly monitor: string;
  readonly model: string;
  readonly kind: string;
  readonly status: 'open' | 'closed';
  readonly since: string;
  readonly opened_at: string;
  readonly closed_at: string | null;
  readonly reason: string | null;
  readonly features: readonly string[];
  readonly worsened: number;
  readonly acknowledged: {
    readonly who: string;
    readonly note: string;
    readonly at: string;
  } | null;
  readonly retraining: RetrainingView | null;
}

export interface RetrainingView {
  readonly id: string;
  readonly monitor: string;
  readonly model: string;
  readonly model_version: string;
  readonly kind: string;
  readonly due_at: string;
  readonly status: string;
  readonly who: string;
  readonly note: string;
  readonly progress: number | null;
  readonly version: string | null;
  readonly changed_at: string;
}

export interface MuteView {
  readonly monitor: string;
  /** Null for the whole monitor. */
  readonly feature: string | null;
  readonly until: string;
  readonly reason: string;
  readonly who: string;
  readonly at: string;
}

const text = (timeMs: number): string => new Date(timeMs).toISOString();

/** Open ones first, then newest first. */
export function episodesOf(policies: readonly PolicyView[]): readonly EpisodeView[] {
  const views = policies.flatMap((policy) => [
    ...policy.state.open.map((open) => episodeView(policy, open)),
    ...policy.state.past.map((past) => episodeView(policy, past)),
  ]);
  const rank = (one: EpisodeView) => `${one.status === 'open' ? 1 : 0}${one.opened_at}`;
  return views.sort((a, b) => (rank(a) < rank(b) ? 1 : rank(a) > rank(b) ? -1 : 0));
}

function episodeView(policy: PolicyView, one: OpenEpisode | PastEpisode): EpisodeView {
  const { acknowledged } = one;
  return {
    id: one.id,
    monitor: policy.monitor,
    model: policy.state.model,
    kind: one.kind,
    status: 'closedMs' in one ? 'closed' : 'open',
    since: text(one.sinceMs),
    opened_at: text(one.openedMs),
    closed_at: 'closedMs' in one ? text(one.closedMs) : null,
    reason: 'reason' in one ? one.reason : null,
    features: one.features,
    worsened: one.worsened,
    acknowledged:
      acknowledged === null
        ? null
        : { who: acknowledged.who, note: acknowledged.note, at: text(acknowledged.atMs) },
    retraining: retrainingsOf([policy]).find(({ id }) => id === one.id) ?? null,
  };
}

/** Newest first within a monitor. */
export function retrainingsOf(policies: readonly PolicyView[]): readonly RetrainingView[] {
  return policies.flatMap(({ monitor, state }) =>
    state.retrainings.map((one) => ({
      id: one.id,
      monitor,
      model: state.model,
      model_version: one.modelVersion,
      kind: one.kind,
      due_at: text(one.dueMs),
      status: one.status,
      who: one.who,
      note: one.note,
      progress: one.progress,
      version: one.version,
      changed_at: text(one.changedMs),
    })),
  );
}

export function mutesOf(policies: readonly PolicyView[]): readonly MuteView[] {
  return policies.flatMap(({ monitor, state }) =>
    state.mutes.map(({ feature, untilMs, reason, who, atMs }) => {
      return { monitor, feature, until: text(untilMs), reason, who, at: text(atMs) };
    }),
  );
}
