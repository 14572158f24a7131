import { applyCommand, isMuted, isSilent } from './apply-command.js';
import { calendarEvents } from './calendar-events.js';
import type { MonitorDefinition } from './definition.js';
import type { Emission } from './emission.js';
import { closedAlert, ended } from './ended.js';
import { enter, stay } from './episode.js';
import { openOf, type PolicyState, periodsKept, type Retraining } from './policy-state.js';
import type { ChecksInput, Now, PolicyInput, PolicyStep } from './policy-step.js';
import { type SignalLevel, signalsOf } from './signal.js';
import { nameOf } from './trigger.js';

/**
 * One step of the policy, a pure function. A signal opens an episode when it is high now and in k
 * of the last n periods; the episode closes when each of its signals is low now and in k of the
 * last n, and every window lies after its opening: until then windows hold what was before, go over
 * at the pace of their lengths, and what crosses late is the same drift. A period that was judged
 * before changes nothing.
 */
export function judge(
  definition: MonitorDefinition,
  state: PolicyState,
  input: PolicyInput,
): PolicyStep {
  switch (input.kind) {
    case 'checks':
      return judgePeriod(definition, state, input);
    case 'model':
      return replaceModel(definition, state, input.version, input.atMs);
    case 'command':
      return { state: applyCommand(state, input.command, input.position), emissions: [] };
    default:
      return input satisfies never;
  }
}

function judgePeriod(
  definition: MonitorDefinition,
  state: PolicyState,
  input: ChecksInput,
): PolicyStep {
  const { periodEndMs, checks } = input;
  if (state.judgedUpToMs !== null && periodEndMs <= state.judgedUpToMs) {
    return { state, emissions: [] };
  }
  const mutes = state.mutes.filter((mute) => periodEndMs <= mute.untilMs);
  const muted = (feature: string): boolean => isMuted(mutes, feature, periodEndMs);
  const silent = isSilent(mutes, periodEndMs);
  const signals = silent ? [] : signalsOf(checks, definition.policy, muted);
  const now: Now = { definition, input, signals };
  const formerMs = state.judgedUpToMs;
  let step: PolicyStep = { state: remember({ ...state, mutes }, now), emissions: [] };
  for (const kind of silent ? [] : (['drift', 'notice'] as const)) {
    const open = openOf(step.state, kind);
    const next = open === null ? enter(now, step.state, kind) : stay(now, step.state, open);
    step = { state: next.state, emissions: [...step.emissions, ...next.emissions] };
  }
  const timed = calendarEvents(now, step.state, formerMs);
  return { state: timed.state, emissions: [...step.emissions, ...timed.emissions] };
}

/** The period joins what is kept; what no rule needs any more goes. */
function remember(state: PolicyState, { definition, input, signals }: Now): PolicyState {
  const { periodStartMs, periodEndMs, checks } = input;
  const levels: Record<string, SignalLevel> = {};
  const strengths: Record<string, number> = {};
  for (const { name, level, strength } of signals) {
    levels[name] = level;
    if (strength !== null) strengths[name] = Number(strength.toPrecision(4));
  }
  const heard = new Set(signals.map(({ feature }) => feature));
  const drifts = checks.filter((check) => check.verdict === 'drift' && heard.has(nameOf(check)));
  const periodMs = periodEndMs - periodStartMs;
  const oldestMs = periodStartMs - (definition.policy.ofPeriods - 1) * periodMs;
  const recent = state.recent
    .slice(1 - periodsKept)
    .map((one) => (one.periodStartMs >= oldestMs ? one : { ...one, drifts: [] }));
  return {
    ...state,
    judgedUpToMs: periodEndMs,
    recent: [...recent, { periodStartMs, periodEndMs, levels, strengths, drifts }],
  };
}

/** A new version starts anew: the old one's episodes close, and its history ends. */
function replaceModel(
  definition: MonitorDefinition,
  state: PolicyState,
  version: string,
  atMs: number,
): PolicyStep {
  if (version === state.modelVersion) return { state, emissions: [] };
  const emissions: Emission[] = [];
  let next = state;
  for (const open of state.open) {
    const closing = { atMs, reason: 'model-replaced', reference: null, evidence: [] } as const;
    emissions.push(closedAlert(definition, state, open, closing));
    next = ended(next, open, closing, { atMs, coolingUntilMs: atMs });
  }
  const retrainings = next.retrainings.map(
    (one): Retraining =>
      one.modelVersion === version || one.status === 'in-use'
        ? one
        : { ...one, status: 'in-use', version, changedMs: atMs },
  );
  const anew = { recent: [], ended: { drift: null, notice: null }, labelled: 0 };
  const { errors: _, ...rest } = next;
  return { state: { ...rest, ...anew, modelVersion: version, retrainings }, emissions };
}
