import { windowOf } from '../../monitors/emission.js';
import { copyGathering } from '../../monitors/gather.js';
import {
  type GatheringSnapshot,
  type PlainPending,
  plainPending,
  restoreGathering,
  restorePending,
  snapshotGathering,
} from '../../monitors/gathering-snapshot.js';
import type { PolicyState } from '../../monitors/policy-state.js';
import type { Importance } from '../../monitors/ranking.js';
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

interface JudgingSnapshot {
  readonly name: string;
  /** Its pending periods stand apart; with it in what former versions of Weir wrote. */
  readonly gathering: GatheringSnapshot;
  readonly policy: PolicyState;
  /** Version that the processes were started with, and that the log had come to by then. */
  readonly configured?: string;
  readonly version?: string;
  /** The text of the reference in use where it is not the one that was loaded at the start. */
  readonly reference?: string | null;
  readonly switches?: readonly KeptSwitch[];
  /** Of the version in use; left out by former versions of Weir. */
  readonly importance?: Importance | null;
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

/** What takes back all that it hears from now on. */
export function undoOf(one: Judging): () => void {
  const { version } = one;
  const watch: Watch = { ...one.watch, gathering: copyGathering(one.watch.gathering) };
  return () => {
    one.watch = watch;
    one.version = version;
    one.resumed = true;
  };
}

/**
 * The state of all monitors as lines of JSON: where each stands, then each period that is not
 * whole yet, so that no line grows with how many there are.
 */
export function dumpJudgings(judgings: ReadonlyMap<string, Judging>): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  const add = (line: unknown) => lines.push(encoder.encode(`${JSON.stringify(line)}\n`));
  add([...judgings].map(([name, one]) => snapshotJudging(name, one)));
  for (const [name, { watch }] of judgings) {
    for (const one of watch.gathering.pending) add([name, ...plainPending(one)]);
  }
  return lines;
}

/** Goes on with what was in use; monitors that are there no more are passed over. */
export function restoreJudgings(judgings: ReadonlyMap<string, Judging>, bytes: Uint8Array): void {
  let isFirst = true;
  for (const line of linesIn(bytes)) {
    if (isFirst) {
      const snapshot: readonly JudgingSnapshot[] = JSON.parse(line);
      for (const kept of snapshot) {
        const one = judgings.get(kept.name);
        if (one !== undefined) restoreJudging(one, kept);
      }
      isFirst = false;
      continue;
    }
    const [name, ...pending]: readonly [string, ...PlainPending] = JSON.parse(line);
    const one = judgings.get(name);
    if (one !== undefined) restorePending(one.watch.gathering, pending);
  }
}

function* linesIn(bytes: Uint8Array): Generator<string> {
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(newline, at);
    const to = end < 0 ? bytes.length : end;
    yield decoder.decode(bytes.subarray(at, to));
    at = to + 1;
  }
}

const newline = 10;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function snapshotJudging(name: string, judging: Judging): JudgingSnapshot {
  const { monitored, version, watch } = judging;
  const { gathering, policy, reference, switches } = watch;
  const isOwn = reference === null || reference === monitored.reference;
  return {
    name,
    gathering: snapshotGathering({ ...gathering, pending: new Map() }),
    policy,
    configured: monitored.modelVersion,
    version,
    reference: isOwn ? null : keepReference(reference),
    switches: keepSwitches(switches),
    importance: watch.options.importance ?? null,
  };
}

/** Goes on with what was in use, unless the processes are started with another version by now. */
function restoreJudging(one: Judging, kept: JudgingSnapshot): void {
  const fresh = judgingOf(one.monitored);
  one.watch = fresh.watch;
  one.version = fresh.version;
  restoreGathering(one.watch.gathering, kept.gathering);
  one.watch.policy = kept.policy;
  one.resumed = kept.configured === one.monitored.modelVersion;
  if (!one.resumed) return;
  one.version = kept.version ?? one.version;
  const { reference = null, switches = [], importance } = kept;
  if (importance !== undefined) {
    one.watch = { ...one.watch, options: { ...one.watch.options, importance } };
  }
  const { options, policy, gathering } = one.watch;
  if (reference !== null) {
    const watch = createWatch({ ...options, reference: resumeReference(reference) });
    one.watch = { ...watch, gathering, policy };
  }
  one.watch.switches = resumeSwitches(switches);
}
