import { binningOf, binningWithout, type NextBinning } from '../monitors/binning.js';
import type { Reference } from '../monitors/reference.js';
import {
  dueSwitch,
  type KeptSwitch,
  keepReference,
  keepSwitches,
  type ReferenceSwitch,
  resumeReference,
  resumeSwitches,
  withSwitch,
} from '../monitors/reference-switch.js';
import type { Monitored } from './monitor-plan.js';

/** What counts are made against where there is no reference: entities alone are counted. */
const noReference = 'none';

/** Another reference for a monitor's samplers, as the policy tells it to their logs. */
export interface ToldSwitch {
  readonly monitor: string;
  /** Its place among all that the policy tells: one at or before the last taken is a repeat. */
  readonly place: number;
  /** Version of the model that the processes were started with: of another one it is not meant. */
  readonly configured: string;
  /** Periods that start then or later are counted against it, if no sampler has opened them. */
  readonly fromMs: number | null;
  readonly reference: Reference;
}

/** What the samplers of one task count a monitor's periods against. */
export interface HeldReference {
  readonly monitored: Monitored;
  reference: Reference | null;
  /** What takes its place, ascending. */
  switches: readonly ReferenceSwitch[];
  /** Place of the last switch that was taken. */
  toldUpTo: number;
}

/** As a task's snapshot has it. */
export interface KeptReference {
  readonly configured: string;
  readonly toldUpTo: number;
  readonly reference: string | null;
  readonly switches: readonly KeptSwitch[];
}

export function holdReference(monitored: Monitored): HeldReference {
  return { monitored, reference: monitored.reference, switches: [], toldUpTo: -1 };
}

/**
 * Takes a switch; false where it is a repeat or not meant.
 * @param nextMs start of the first period that no sampler of the task has opened
 */
export function takeSwitch(held: HeldReference, told: ToldSwitch, nextMs: number): boolean {
  const { monitored } = held;
  if (told.monitor !== monitored.plan.definition.name) return false;
  if (told.configured !== monitored.modelVersion || told.place <= held.toldUpTo) return false;
  held.toldUpTo = told.place;
  const fromMs = Math.max(nextMs, told.fromMs ?? Number.NEGATIVE_INFINITY);
  const { reference } = told;
  if (!Number.isFinite(fromMs)) {
    held.reference = reference; // nothing was sampled yet
    held.switches = [];
    return true;
  }
  held.switches = withSwitch(held.switches, { fromMs, reference });
  return true;
}

/** Forgets what no open or later period is counted against. */
export function settle(held: HeldReference, closedUpToMs: number): void {
  const due = dueSwitch(held.switches, closedUpToMs);
  if (due === null) return;
  held.switches = due.later;
  held.reference = due.reference;
}

/** The bins of the reference that is held, and of those that take its place. */
export function heldBinnings(held: HeldReference, group: string) {
  const { features, definition } = held.monitored.plan;
  const binning =
    binningOf(held.reference, features, group, definition) ??
    binningWithout(noReference, features, group, definition);
  const next = held.switches.map(({ fromMs, reference }): NextBinning => {
    return { fromMs, binning: binningOf(reference, features, group, definition)! };
  });
  return { binning, next };
}

export function keepHeld(held: HeldReference): KeptReference {
  const { monitored, reference, switches, toldUpTo } = held;
  return {
    configured: monitored.modelVersion,
    toldUpTo,
    // The one that the process is started with is there again.
    reference: reference === monitored.reference ? null : keepReference(reference),
    switches: keepSwitches(switches),
  };
}

/** Goes on with what was in use, unless the processes are started with another version by now. */
export function resumeHeld(held: HeldReference, kept: KeptReference | undefined): void {
  if (kept?.configured !== held.monitored.modelVersion) return;
  held.toldUpTo = kept.toldUpTo;
  if (kept.reference !== null) held.reference = resumeReference(kept.reference);
  held.switches = resumeSwitches(kept.switches);
}
