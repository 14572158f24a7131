import { windowOf } from '../../monitors/emission.js';
import {
  type GatheringSnapshot,
  restoreGathering,
  snapshotGathering,
} from '../../monitors/gathering-snapshot.js';
import type { PolicyState } from '../../monitors/policy-state.js';
import type { Reference } from '../../monitors/reference.js';
import type { ReferenceUse } from '../../monitors/reference-fit.js';
import {
  type KeptSwitch,
  keepReference,
  keepSwitches,
  resumeReference,
  resumeSwitches,
} from '../../monitors/reference-switch.js';
import { createWatch, scheduleReference, type Watch } from '../../monitors/watch.js';
import type { Monitored } from '../../operators/monitor-plan.js';

/** One monitor in the policy task. */
export interface Judging {
  readonly monitored: Monitored;
  watch: Watch;
  /** Version of the model that the log has come to. */
  version: string;
  /** Whether it goes on from a snapshot of processes started with the same version. */
  resumed: boolean;
  /** The policy as it was last committed; null before the first. */
  committed: PolicyState | null;
}

/** What a monitor is held against. */
export type ReferenceStanding = Omit<ReferenceUse, 'definition'>;

export interface JudgingSnapshot {
  readonly name: string;
  readonly gathering: GatheringSnapshot;
  readonly policy: PolicyState;
  /** Version that the processes were started with, and that the log had come to by then. */
  readonly configured?: string;
  readonly version?: string;
  /** The text of the reference in use where it is not the one that was loaded at the start. */
  readonly reference?: string | null;
  readonly switches?: readonly KeptSwitch[];
}

/** References are loaded at the start, or come with the log; none is captured from the stream. */
export function judgingOf(monitored: Monitored): Judging {
  const { plan, reference, modelVersion, importance = null } = monitored;
  const { definition, features, sources } = plan;
  const watch = createWatch({
    definition,
    features,
    modelVersion,
    reference,
    sources,
    capturePeriods: null,
    importance,
  });
  return { monitored, watch, version: modelVersion, resumed: false, committed: null };
}

/**
 * Another reference from the next period on. The clock's word in the command says which that is,
 * kept within what the log knows: samplers have opened no period beyond.
 * @returns start of that period; null where no period was closed yet: at once
 */
export function holdAgainst(
  { watch, monitored }: Judging,
  reference: Reference,
  atMs: number,
): number | null {
  const { periodMs } = monitored.plan.definition;
  const closedMs = Math.max(...watch.gathering.sources.map((one) => one.closedUpToMs));
  const openMs = Math.min(Math.max(atMs, closedMs), closedMs + 2 * periodMs - 1);
  const fromMs = Math.floor(openMs / periodMs) * periodMs + periodMs;
  scheduleReference(watch, reference, fromMs);
  return Number.isFinite(fromMs) ? fromMs : null;
}

export function standingOf({ watch, version }: Judging): ReferenceStanding {
  const { reference, switches } = watch;
  return {
    modelVersion: version,
    reference: reference && windowOf(reference),
    switches: switches.map((one) => ({ ...one, reference: windowOf(one.reference) })),
  };
}

export function snapshotJudging(name: string, judging: Judging): JudgingSnapshot {
  const { monitored, version, watch } = judging;
  const { gathering, policy, reference, switches } = watch;
  const isOwn = reference === null || reference === monitored.reference;
  return {
    name,
    gathering: snapshotGathering(gathering),
    policy,
    configured: monitored.modelVersion,
    version,
    reference: isOwn ? null : keepReference(reference),
    switches: keepSwitches(switches),
  };
}

/** Goes on with what was in use, unless the processes are started with another version by now. */
export function restoreJudging(one: Judging, kept: JudgingSnapshot): void {
  const fresh = judgingOf(one.monitored);
  one.watch = fresh.watch;
  one.version = fresh.version;
  restoreGathering(one.watch.gathering, kept.gathering);
  one.watch.policy = kept.policy;
  one.resumed = kept.configured === one.monitored.modelVersion;
  if (!one.resumed) return;
  one.version = kept.version ?? one.version;
  const { reference = null, switches = [] } = kept;
  const { options, policy, gathering } = one.watch;
  if (reference !== null) {
    const watch = createWatch({ ...options, reference: resumeReference(reference) });
    one.watch = { ...watch, gathering, policy };
  }
  one.watch.switches = resumeSwitches(switches);
}
