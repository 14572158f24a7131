import type { Command } from './command.js';
import {
  type Acknowledgement,
  type Mute,
  mutesMax,
  type PolicyState,
  type Retraining,
  type RetrainingStatus,
} from './policy-state.js';

/**
 * The state after a command. One that names what is not there, or that was taken before, changes
 * nothing; whoever takes commands from outside looks first.
 * @param position its place in the log: larger than that of all before it
 */
export function applyCommand(state: PolicyState, command: Command, position: number): PolicyState {
  if (position <= state.commandsUpTo) return state;
  const next = { ...state, commandsUpTo: position };
  switch (command.kind) {
    case 'acknowledge':
      return acknowledge(next, command);
    case 'mute': {
      const { feature, untilMs, reason, who, atMs } = command;
      const mute: Mute = { feature, untilMs, reason, who, atMs };
      return { ...next, mutes: [mute, ...without(next, feature)].slice(0, mutesMax) };
    }
    case 'unmute':
      return { ...next, mutes: without(next, command.feature) };
    case 'retraining':
      return { ...next, retrainings: next.retrainings.map((one) => advanced(one, command)) };
    case 'use-reference':
    case 'use-model':
      return next; // the watch takes it up
    default:
      return command satisfies never;
  }
}

/** Whether a feature is muted at a time of the log. */
export function isMuted(mutes: readonly Mute[], feature: string, atMs: number): boolean {
  return mutes.some(
    (mute) => atMs <= mute.untilMs && (mute.feature === null || mute.feature === feature),
  );
}

/** Whether the whole monitor is muted. */
export function isSilent(mutes: readonly Mute[], atMs: number): boolean {
  return mutes.some((mute) => atMs <= mute.untilMs && mute.feature === null);
}

function without({ mutes }: PolicyState, feature: string | null): readonly Mute[] {
  return mutes.filter((one) => one.feature !== feature);
}

function acknowledge(
  state: PolicyState,
  { episode, who, note, atMs }: Extract<Command, { readonly kind: 'acknowledge' }>,
): PolicyState {
  const acknowledged: Acknowledgement = { who, note, atMs };
  const mark = <One extends { readonly id: string }>(one: One): One =>
    one.id === episode ? { ...one, acknowledged } : one;
  return { ...state, open: state.open.map(mark), past: state.past.map(mark) };
}

/** How far a retraining comes, in this order; `in-use` is of the policy's own finding. */
const order = ['due', 'acknowledged', 'in-progress', 'done', 'in-use'] as const;

/** Whether a status may follow: the same again, or a later one. */
export function mayFollow(former: RetrainingStatus, next: RetrainingStatus): boolean {
  return former !== 'in-use' && order.indexOf(next) >= order.indexOf(former);
}

/** Nothing goes back: what is in use stays so, and a trainer's late word changes nothing. */
function advanced(
  one: Retraining,
  command: Extract<Command, { readonly kind: 'retraining' }>,
): Retraining {
  const { event, status, who, note, progress, version, atMs } = command;
  if (one.id !== event || !mayFollow(one.status, status)) return one;
  return {
    ...one,
    status,
    who,
    note,
    progress: status === 'done' ? 1 : (progress ?? one.progress),
    version: version ?? one.version,
    changedMs: atMs,
  };
}
