import type { EpisodeView, MuteView, RetrainingView } from '../monitors/policy-view.js';

/** Open and past episodes and mutes, a line each. */
export function episodesText({
  episodes,
  mutes,
}: {
  readonly episodes: readonly EpisodeView[];
  readonly mutes: readonly MuteView[];
}): string {
  const lines = episodes.map((one) => {
    const state = one.status === 'open' ? 'OPEN' : `closed (${one.reason})`;
    const ack = one.acknowledged === null ? '' : `  ack ${one.acknowledged.who}`;
    const retraining = one.retraining === null ? '' : `  retraining ${one.retraining.status}`;
    const features = one.features.join(', ') || one.kind;
    return `${one.id}  ${state}  since ${one.since}  ${features}${retraining}${ack}`;
  });
  const muted = mutes.map(({ monitor, feature, until, reason, who }) => {
    return `muted  ${monitor}${feature === null ? '' : ` ${feature}`}  until ${until}  ${who}: ${reason}`;
  });
  return [...lines, ...muted].join('\n') || 'no episodes, nothing muted';
}

/** An episode with what its alerts told last; neither where it raised none. */
export interface ToldEpisode extends EpisodeView {
  readonly changes: readonly string[];
  readonly next_step: string;
}

/** All that is known of one. */
export function episodeText(one: ToldEpisode): string {
  const rows: readonly (readonly [string, string | null])[] = [
    ['episode', one.id],
    ['kind', one.kind],
    ['monitor', `${one.monitor} of model ${one.model}`],
    ['status', one.status === 'open' ? 'open' : `closed: ${one.reason}`],
    ['since', one.since],
    ['opened', one.opened_at],
    ['closed', one.closed_at],
    ['features', one.features.join(', ')],
    ['changed', one.changes.join(`\n${' '.repeat(14)}`)],
    ['worsened', String(one.worsened)],
    ['acknowledged', ackText(one.acknowledged)],
    ['retraining', one.retraining === null ? 'not called for' : retrainingText(one.retraining)],
    ['next', one.next_step],
  ];
  return rows
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name.padEnd(14)}${value}`)
    .join('\n');
}

function ackText(acknowledged: EpisodeView['acknowledged']): string | null {
  if (acknowledged === null) return null;
  const { who, at, note } = acknowledged;
  return `${who} at ${at}${note === '' ? '' : `: ${note}`}`;
}

/** How far a retraining is. */
export function retrainingText(one: RetrainingView): string {
  const progress = one.progress === null ? '' : ` ${Math.round(100 * one.progress)} %`;
  const version = one.version === null ? '' : ` version ${one.version}`;
  const who = one.who === '' ? '' : ` (${one.who}${one.note === '' ? '' : `: ${one.note}`})`;
  return `${one.status}${progress}${version}${who}`;
}

/** Retraining events with where they stand, a line each. */
export function retrainingsText(list: readonly RetrainingView[]): string {
  const lines = list.map((one) => {
    const { id, kind, model, model_version: version, due_at: due } = one;
    return `${id}  ${kind}  ${model} ${version}  due ${due}  ${retrainingText(one)}`;
  });
  return lines.join('\n') || 'no retraining events';
}
