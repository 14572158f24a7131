import { WeirError } from '../errors.js';
import type { ClosedPeriod } from './closed-period.js';
import { type PlainPeriod, periodOf, plainPeriod } from './closed-period-json.js';
import type { Gathering } from './gather.js';

/** A gathering's state as plain JSON. */
export interface GatheringSnapshot {
  readonly sources: readonly {
    readonly group: string;
    readonly closedUpToMs: number | null;
    readonly observedFromMs: number | null;
  }[];
  readonly pending: readonly (readonly [number, readonly (PlainPeriod | null)[]])[];
}

/** What the samplers have delivered and is not complete yet. */
export function snapshotGathering(gathering: Gathering): GatheringSnapshot {
  return {
    sources: gathering.sources.map(({ group, closedUpToMs, observedFromMs }) => ({
      group,
      closedUpToMs: Number.isFinite(closedUpToMs) ? closedUpToMs : null,
      observedFromMs: Number.isFinite(observedFromMs) ? observedFromMs : null,
    })),
    pending: [...gathering.pending].map(plainPending),
  };
}

/** By start: the periods of each source, as JSON has them. */
export type PlainPending = GatheringSnapshot['pending'][number];

export function plainPending(one: readonly [number, readonly (ClosedPeriod | null)[]]) {
  const [start, slots] = one;
  return [start, slots.map((period) => period && plainPeriod(period))] as const;
}

export function restorePending({ pending }: Gathering, [start, slots]: PlainPending): void {
  pending.set(
    start,
    slots.map((one) => one && periodOf(one)),
  );
}

/**
 * Puts a snapshot into a fresh gathering of the same samplers.
 * @throws WeirError definition-changed where they are not the same
 */
export function restoreGathering(gathering: Gathering, snapshot: GatheringSnapshot): void {
  const expected = gathering.sources.map((source) => source.group).join(', ');
  const found = snapshot.sources.map((source) => source.group).join(', ');
  if (expected !== found) {
    throw new WeirError(
      'definition-changed',
      `the policy's snapshot was expected to be of samplers ${expected}; found ${found}; start with the former definition, or with --reset`,
    );
  }
  gathering.sources.forEach((source, i) => {
    source.closedUpToMs = snapshot.sources[i]?.closedUpToMs ?? Number.NEGATIVE_INFINITY;
    source.observedFromMs = snapshot.sources[i]?.observedFromMs ?? Number.POSITIVE_INFINITY;
  });
  gathering.pending.clear();
  for (const pending of snapshot.pending) restorePending(gathering, pending);
}
