import { isMuted } from './apply-command.js';
import type { Check } from './check.js';
import { type DriftAlert, type Emission, episodeId } from './emission.js';
import { closedAlert, ended } from './ended.js';
import { type OpenEpisode, openOf, type PolicyState, withOpen } from './policy-state.js';
import type { Now, PolicyStep } from './policy-step.js';
import { rankFeatures } from './ranking.js';
import { retrainingEvent, withRetraining } from './retraining-event.js';
import { byStrength, driftingShare, type Signal, type SignalLevel, signalName } from './signal.js';
import { adviceFor } from './strategy.js';
import { namedBy, nameOf, type Trigger, thingOf } from './trigger.js';
import { hasWorsened } from './worsening.js';

type Kind = OpenEpisode['kind'];

/** Opens an episode of the kind if signals call for one, unless it is to be cool. */
export function enter(now: Now, state: PolicyState, kind: Kind): PolicyStep {
  const entering = enteringOf(now, state, kind);
  if (entering.length === 0) return { state, emissions: [] };
  const { periodEndMs } = now.input;
  const last = state.ended[kind];
  if (last !== null && periodEndMs <= last.coolingUntilMs) {
    return { state: { ...state, suppressed: state.suppressed + 1 }, emissions: [] };
  }
  const notice = openOf(state, 'notice');
  // What was noticed while windows still went over is the same change.
  if (kind === 'drift' && notice !== null && !isSettled(now, notice)) {
    const promoted = { ...notice, kind, signals: [], notices: notice.signals };
    return worsen(now, state, joined(promoted, entering), entering);
  }
  const notices = kind === 'drift' ? unnoticed(now, state) : [];
  const number = state.episodes + 1;
  const opening: OpenEpisode = {
    id: episodeId(now.definition.name, state.modelVersion, number),
    number,
    kind,
    sinceMs: sinceOf(now, state, entering),
    openedMs: periodEndMs,
    signals: entering.map(({ name }) => name),
    notices: notices.map(({ name }) => name),
    features: featuresOf([...entering, ...notices], evidenceOf(state, entering)),
    retraining: false,
    worsened: 0,
    told: toldNow(now),
    acknowledged: null,
  };
  return tell(now, { ...state, episodes: number }, opening, [...entering, ...notices], 'opened');
}

/** What an open episode comes to: it worsens, closes, or goes on in silence. */
export function stay(now: Now, state: PolicyState, open: OpenEpisode): PolicyStep {
  const joining = [
    ...enteringOf(now, state, open.kind).filter(({ name }) => !open.signals.includes(name)),
    ...(open.kind === 'drift' && !isSettled(now, open) ? unnoticed(now, state) : []),
  ].filter(({ name }) => !open.notices.includes(name));
  const episode = joined(open, joining);
  const closing = closingOf(now, state, episode);
  if (closing !== null) return close(now, state, episode, closing);
  const calls = episode.retraining ? [] : joining.filter(({ retrains }) => retrains);
  const { worsenAlerts } = now.definition.policy;
  const isWorse = episode.worsened < worsenAlerts && hasWorsened(now, episode);
  if (isWorse || calls.length > 0) return worsen(now, state, episode, joining);
  return { state: withOpen(state, episode), emissions: [] };
}

/** Signals of a kind that are high now and in k of the last n periods, strongest first. */
function enteringOf(now: Now, state: PolicyState, kind: Kind): readonly Signal[] {
  const drift = openOf(state, 'drift');
  const fromMs = state.ended[kind]?.atMs ?? Number.NEGATIVE_INFINITY;
  return now.signals
    .filter((signal) => signal.kind === kind && holds(now, state, signal.name, 'high', fromMs))
    .filter(({ name }) => kind === 'drift' || !drift?.notices.includes(name))
    .sort(byStrength);
}

/** Notices that stand in no episode of their own. */
function unnoticed(now: Now, state: PolicyState): readonly Signal[] {
  const own = openOf(state, 'notice')?.signals ?? [];
  return enteringOf(now, state, 'notice').filter(({ name }) => !own.includes(name));
}

/** Whether the signal is at `level` now and in k of the last n periods. */
function holds(
  { definition, input }: Now,
  state: PolicyState,
  name: string,
  level: SignalLevel,
  fromMs: number,
): boolean {
  const { periods, ofPeriods } = definition.policy;
  const oldestMs = oldestOf(input, ofPeriods);
  const counted = state.recent.filter(
    ({ periodStartMs }) => periodStartMs >= oldestMs && periodStartMs >= fromMs,
  );
  const count = counted.filter(({ levels }) => levels[name] === level).length;
  return counted.at(-1)?.levels[name] === level && count >= periods;
}

/** Start of the first of the last n periods. */
function oldestOf({ periodStartMs, periodEndMs }: Now['input'], ofPeriods: number): number {
  return periodStartMs - (ofPeriods - 1) * (periodEndMs - periodStartMs);
}

/** Whether every window lies wholly after the opening. */
function isSettled({ input }: Now, { openedMs }: OpenEpisode): boolean {
  return input.periodStartMs - (input.longestWindowMs ?? 0) >= openedMs;
}

function joined(open: OpenEpisode, joining: readonly Signal[]): OpenEpisode {
  const strengths = { ...open.told.strengths };
  for (const { name, strength } of joining) if (strength !== null) strengths[name] = strength;
  const names = (notice: boolean): readonly string[] =>
    joining
      .filter(({ kind }) => (open.kind === 'drift' && kind === 'notice') === notice)
      .map(({ name }) => name);
  return {
    ...open,
    signals: [...new Set([...open.signals, ...names(false)])],
    notices: [...new Set([...open.notices, ...names(true)])],
    features: [...new Set([...open.features, ...featuresOf(joining, [])])],
    told: { ...open.told, strengths },
  };
}

/** Muted signals hold nothing open; null while another does. */
function closingOf(now: Now, state: PolicyState, open: OpenEpisode) {
  const { periodEndMs, checks } = now.input;
  const heard = new Set(now.signals.map(({ name }) => name));
  const silent = new Set(
    checks
      .filter((check) => isMuted(state.mutes, thingOf(check), periodEndMs))
      .map((check) => signalName(check)),
  );
  const holding = open.signals.filter((name) => !silent.has(name) || heard.has(name));
  if (holding.length === 0) return 'muted' as const;
  const never = Number.NEGATIVE_INFINITY;
  const isOver = holding.every((name) => holds(now, state, name, 'low', never));
  return isOver && (open.kind === 'notice' || isSettled(now, open)) ? 'recovered' : null;
}

function close(
  now: Now,
  state: PolicyState,
  episode: OpenEpisode,
  reason: 'recovered' | 'muted',
): PolicyStep {
  const { definition, input } = now;
  const { periodStartMs, periodEndMs, checks, reference } = input;
  const names = new Set(episode.signals);
  const closing = {
    atMs: periodEndMs,
    reason,
    reference,
    evidence: checks.filter((check) => names.has(signalName(check))),
  };
  const coolDownMs = definition.policy.coolDownPeriods * (periodEndMs - periodStartMs);
  return {
    state: ended(state, episode, closing, {
      atMs: periodEndMs,
      coolingUntilMs: periodEndMs + coolDownMs,
    }),
    emissions: [closedAlert(definition, state, episode, closing)],
  };
}

/** Tells that an open episode is worse, or that retraining is due by it now. */
function worsen(
  now: Now,
  state: PolicyState,
  episode: OpenEpisode,
  joining: readonly Signal[],
): PolicyStep {
  const high = now.signals.filter(
    ({ name, level }) => level === 'high' && episode.signals.includes(name),
  );
  const telling = [...new Set([...joining, ...high])].sort(byStrength);
  const worsened = episode.worsened + 1;
  return tell(now, state, { ...episode, worsened, told: toldNow(now) }, telling, 'worsened');
}

/** The alert, and the retraining event where the signals call for it and none was emitted. */
function tell(
  now: Now,
  state: PolicyState,
  open: OpenEpisode,
  telling: readonly Signal[],
  phase: 'opened' | 'worsened',
): PolicyStep {
  const triggers = telling.flatMap(({ trigger }) => trigger ?? []);
  const evidence = evidenceOf(state, telling);
  const calling = telling.filter(({ retrains }) => retrains);
  const isDue = !open.retraining && calling.length > 0;
  const episode = { ...open, retraining: open.retraining || isDue };
  const { input, definition } = now;
  const alert: DriftAlert = {
    kind: 'alert',
    phase,
    reason: phase === 'opened' ? 'drift' : 'worsened',
    worsening: episode.worsened,
    episodeId: episode.id,
    episode: episode.number,
    episodeKind: episode.kind,
    monitor: definition.name,
    model: state.model,
    modelVersion: state.modelVersion,
    timeMs: input.periodEndMs,
    sinceMs: episode.sinceMs,
    openedMs: episode.openedMs,
    closedMs: null,
    features: episode.features,
    triggers,
    reference: input.reference,
    evidence,
    changes: (input.changes ?? []).filter(({ feature }) => episode.features.includes(feature)),
    ranking: rankFeatures(evidence, input.importance ?? null),
    retraining: episode.retraining,
  };
  const next = withOpen(state, episode);
  if (!isDue) return { state: next, emissions: [alert] };
  const event = retrainingEvent(now, state, {
    id: episode.id,
    number: episode.number,
    kind: episode.kind,
    triggers: calling.flatMap(({ trigger }) => trigger ?? []),
    evidence,
    advice: adviceFor(
      calling,
      episode.features,
      state.recent,
      state.past,
      (feature) => input.windowsMs?.[feature] ?? 0,
    ),
  });
  const emissions: readonly Emission[] = [alert, event];
  return { state: withRetraining(next, event), emissions };
}

function toldNow({ signals }: Now): OpenEpisode['told'] {
  const strengths: Record<string, number> = {};
  for (const { name, strength } of signals) if (strength !== null) strengths[name] = strength;
  return { strengths, share: driftingShare(signals) };
}

/** Start of the first of the last n periods in which one of them was high. */
function sinceOf(now: Now, state: PolicyState, signals: readonly Signal[]): number {
  const { ofPeriods } = now.definition.policy;
  const oldestMs = oldestOf(now.input, ofPeriods);
  const first = state.recent.find(
    ({ periodStartMs, levels }) =>
      periodStartMs >= oldestMs && signals.some(({ name }) => levels[name] === 'high'),
  );
  return first?.periodStartMs ?? now.input.periodStartMs;
}

/** The checks of the recent periods that found the drift the signals name, oldest first. */
function evidenceOf(state: PolicyState, signals: readonly Signal[]): readonly Check[] {
  const drifts = state.recent.flatMap((period) => period.drifts);
  if (signals.some(({ trigger }) => trigger?.kind === 'feature-share')) return drifts;
  const names = new Set(signals.map(({ name }) => name));
  return drifts.filter((check) => names.has(signalName(check)));
}

/** The features that signals are about, then those of the evidence. */
function featuresOf(signals: readonly Signal[], evidence: readonly Check[]): readonly string[] {
  const named = signals.flatMap(({ trigger }) => nameIn(trigger) ?? []);
  return [...new Set([...named, ...evidence.map(nameOf)])];
}

function nameIn(trigger: Trigger | null): string | null {
  return trigger === null ? null : namedBy(trigger);
}
