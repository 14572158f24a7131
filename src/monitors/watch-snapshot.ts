import { WeirError } from '../errors.js';
import type { GatheredPeriod } from './gather.js';
import {
  type GatheringSnapshot,
  restoreGathering,
  snapshotGathering,
} from './gathering-snapshot.js';
import type { PolicyState } from './policy-state.js';
import {
  type KeptSwitch,
  keepReference,
  keepSwitches,
  resumeReference,
  resumeSwitches,
} from './reference-switch.js';
import { createWatch, type Watch, type WatchOptions } from './watch.js';

/** A watch's state as plain JSON. */
export interface WatchSnapshot {
  readonly gathering: GatheringSnapshot;
  /** The text of the reference in use. */
  readonly reference: string | null;
  /** Texts of those that take its place; left out by former versions. */
  readonly switches?: readonly KeptSwitch[];
  /** Kept rows of a capture that is not complete; they hold no counts. */
  readonly captured: readonly GatheredPeriod[];
  readonly policy: PolicyState;
}

export function snapshotWatch(task: Watch): WatchSnapshot {
  return {
    gathering: snapshotGathering(task.gathering),
    reference: keepReference(task.reference),
    switches: keepSwitches(task.switches),
    captured: [...task.captured],
    policy: task.policy,
  };
}

/**
 * A watch as it was when the snapshot was taken; its reference is the snapshot's, whatever the
 * options name.
 * @throws WeirError definition-changed where the snapshot is of other samplers or another model
 */
export function restoreWatch(options: WatchOptions, snapshot: WatchSnapshot): Watch {
  const { model } = options.definition;
  if (snapshot.policy.model !== model) {
    throw new WeirError(
      'definition-changed',
      `the policy's snapshot was expected to be of model ${model}; found ${snapshot.policy.model}; start with the former definition, or with --reset`,
    );
  }
  const task = createWatch({ ...options, reference: resumeReference(snapshot.reference) });
  restoreGathering(task.gathering, snapshot.gathering);
  task.switches = resumeSwitches(snapshot.switches ?? []);
  task.captured = [...snapshot.captured];
  task.policy = snapshot.policy;
  return task;
}
