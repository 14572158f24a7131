import { isSilent } from './apply-command.js';
import { episodeId, type RetrainingEvent } from './emission.js';
import { type PastEpisode, type PolicyState, pastKept } from './policy-state.js';
import type { Now, PolicyStep } from './policy-step.js';
import { retrainingEvent, withRetraining } from './retraining-event.js';
import { lastScheduled } from './schedule.js';
import { withoutDrift } from './strategy.js';
import type { Trigger } from './trigger.js';

/**
 * The events of the schedule and of the count of labels: episodes that open and close at once. None
 * comes while a retraining is due by an episode that is open, within the cool-down after the last
 * event, while the monitor is muted, or where no model is watched.
 */
export function calendarEvents(now: Now, state: PolicyState, formerMs: number | null): PolicyStep {
  const { input, definition } = now;
  const counted: PolicyState = { ...state, labelled: state.labelled + (input.labelled ?? 0) };
  const trigger = dueTrigger(now, counted, formerMs);
  if (trigger === null) return { state: counted, emissions: [] };
  const { periodStartMs, periodEndMs } = input;
  const coolDownMs = definition.policy.coolDownPeriods * (periodEndMs - periodStartMs);
  const [newest] = state.retrainings;
  const isCooling =
    newest?.modelVersion === state.modelVersion && periodEndMs < newest.dueMs + coolDownMs;
  const isDue = state.open.some((one) => one.retraining);
  if (isCooling || isDue || isSilent(state.mutes, periodEndMs)) {
    return { state: { ...counted, suppressed: counted.suppressed + 1 }, emissions: [] };
  }
  const event = eventOf(now, counted, trigger);
  const past: PastEpisode = {
    id: event.episodeId,
    number: event.episode,
    kind: event.episodeKind,
    sinceMs: periodEndMs,
    openedMs: periodEndMs,
    closedMs: periodEndMs,
    reason: 'emitted',
    features: [],
    worsened: 0,
    acknowledged: null,
  };
  const next = { ...counted, episodes: event.episode, past: [past, ...counted.past] };
  return {
    state: withRetraining({ ...next, past: next.past.slice(0, pastKept) }, event),
    emissions: [event],
  };
}

/** A schedule that waits is not made up for: the next one comes. Labels wait. */
function dueTrigger(
  { definition, input }: Now,
  state: PolicyState,
  formerMs: number | null,
): Trigger | null {
  const { schedule, labelledSamples } = definition.policy;
  if (state.modelVersion === noModel) return null;
  if (labelledSamples > 0 && state.labelled >= labelledSamples) {
    return { kind: 'labels', value: state.labelled, threshold: labelledSamples };
  }
  if (schedule === 'off' || formerMs === null) return null;
  const atMs = lastScheduled(schedule, formerMs, input.periodEndMs);
  return atMs === null ? null : { kind: 'schedule', schedule, atMs };
}

/** The version of a monitor whose model is not there. */
const noModel = 'none';

function eventOf(now: Now, state: PolicyState, trigger: Trigger): RetrainingEvent {
  const number = state.episodes + 1;
  return retrainingEvent(now, state, {
    id: episodeId(now.definition.name, state.modelVersion, number),
    number,
    kind: trigger.kind === 'schedule' ? 'schedule' : 'labels',
    triggers: [trigger],
    evidence: [],
    advice: withoutDrift,
  });
}
