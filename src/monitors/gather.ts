import { assert } from '../errors.js';
import type { Binning } from './binning.js';
import type { ClosedPeriod, Closing } from './closed-period.js';
import { tallied } from './sampler.js';
import { mergeTally, type Tallies, type Tally, tallyRows } from './tally.js';

/** One sampler as the policy task sees it: group by group, within a group in partition order. */
export interface GatheredSource {
  readonly group: string;
  closedUpToMs: number;
  observedFromMs: number;
}

/** Adds up what the samplers deliver, and hands on a period once all have delivered it. */
export interface Gathering {
  readonly sources: readonly GatheredSource[];
  readonly periodMs: number;
  /**
   * By start of the period: what each source delivered; of a group that is whole, its sum in the
   * place of its first. So what waits for another group, as features for scores that are read late,
   * is one tally a group and period, however many partitions there are.
   */
  readonly pending: Map<number, (ClosedPeriod | null)[]>;
}

/** All groups of one period, merged over the partitions. */
export interface GatheredPeriod {
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  readonly groups: readonly GatheredGroup[];
  /** Groups whose partitions were not all counted against the same reference. */
  readonly apart?: readonly string[];
}

export interface GatheredGroup extends ClosedPeriod {
  /** Earliest vector of the group in any partition, ms. */
  readonly observedFromMs: number;
}

/** A gathering of `sources`: the group of each sampler, in partition order. */
export function createGathering(sources: readonly string[], periodMs: number): Gathering {
  return {
    sources: sources.map((group) => ({
      group,
      closedUpToMs: Number.NEGATIVE_INFINITY,
      observedFromMs: Number.POSITIVE_INFINITY,
    })),
    periodMs,
    pending: new Map(),
  };
}

/** One that goes on by itself; what was delivered is never changed, only replaced. */
export function copyGathering({ sources, periodMs, pending }: Gathering): Gathering {
  const kept = [...pending].map(([start, slots]) => [start, slots.slice()] as const);
  return { sources: sources.map((one) => ({ ...one })), periodMs, pending: new Map(kept) };
}

/**
 * Takes what source number `index` delivered; returns the periods that are now complete, oldest
 * first. Partitions are added in their order. Values kept while there was no reference are counted
 * with `binnings` (by group) where it has one by now.
 */
export function gather(
  gathering: Gathering,
  index: number,
  delivered: Closing,
  binnings: ReadonlyMap<string, Binning>,
): readonly GatheredPeriod[] {
  const { sources, pending } = gathering;
  const source = sources[index];
  assert(source !== undefined, `expected a source below ${sources.length}; found ${index}`);
  const formerMs = closedBy(sources, source.group);
  source.closedUpToMs = delivered.closedUpToMs;
  source.observedFromMs = delivered.observedFromMs;
  for (const period of delivered.periods) {
    const slots = pending.get(period.periodStartMs) ?? sources.map(() => null);
    slots[index] = period;
    pending.set(period.periodStartMs, slots);
  }
  if (closedBy(sources, source.group) > formerMs) addUpGroup(gathering, source.group);
  const upToMs = Math.min(...sources.map((s) => s.closedUpToMs));
  const observed = (group: string): number =>
    Math.min(
      ...sources.map((s) => (s.group === group ? s.observedFromMs : Number.POSITIVE_INFINITY)),
    );
  const complete = [...pending.keys()].filter((start) => start + gathering.periodMs <= upToMs);
  complete.sort((a, b) => a - b);
  return complete.map((periodStartMs) => {
    const slots = pending.get(periodStartMs)!;
    pending.delete(periodStartMs);
    const names = [...new Set(sources.map((s) => s.group))];
    const apart = names.filter((group) => isApart(partsOf(slots, group)));
    const groups = names.flatMap((group) => {
      const parts = partsOf(slots, group);
      if (parts.length === 0 || apart.includes(group)) return [];
      return [{ ...mergeParts(parts, binnings.get(group)), observedFromMs: observed(group) }];
    });
    const periodEndMs = periodStartMs + gathering.periodMs;
    return { periodStartMs, periodEndMs, groups, ...(apart.length === 0 ? {} : { apart }) };
  });
}

/** Up to where all sources of a group have delivered. */
function closedBy(sources: readonly GatheredSource[], group: string): number {
  return Math.min(
    ...sources.map((s) => (s.group === group ? s.closedUpToMs : Number.POSITIVE_INFINITY)),
  );
}

/** Adds up the periods that all sources of a group have delivered, where they can be. */
function addUpGroup({ sources, pending, periodMs }: Gathering, group: string): void {
  const own = sources.flatMap((source, i) => (source.group === group ? i : []));
  const upToMs = closedBy(sources, group);
  for (const [start, slots] of pending) {
    const parts = partsOf(slots, group);
    const isCounted = parts.every(({ counts }) => counts !== null);
    if (start + periodMs > upToMs || parts.length < 2 || !isCounted || isApart(parts)) continue;
    for (const i of own) slots[i] = null;
    slots[own[0]!] = mergeParts(parts, undefined);
  }
}

function partsOf(slots: readonly (ClosedPeriod | null)[], group: string): readonly ClosedPeriod[] {
  return slots.filter((slot) => slot?.group === group) as ClosedPeriod[]; // none is null
}

/** Counts against different bins cannot be added up. */
function isApart(parts: readonly ClosedPeriod[]): boolean {
  const counted = parts.filter(({ counts }) => counts !== null);
  return counted.some(({ referenceId }) => referenceId !== counted[0]!.referenceId);
}

function mergeParts(parts: readonly ClosedPeriod[], binning: Binning | undefined): ClosedPeriod {
  const { group, periodStartMs, periodEndMs } = parts[0]!;
  const n = parts.reduce((sum, part) => sum + part.n, 0);
  const newest = parts.flatMap((part) => part.newestMs ?? []);
  const newestMs = newest.length === 0 ? null : Math.max(...newest);
  const events = addUp(parts.map((part) => part.events));
  const place = { group, periodStartMs, periodEndMs, n, events, newestMs };
  if (binning === undefined && parts.every((part) => part.counts === null)) {
    const rows = parts.flatMap((part) => part.rows ?? []);
    return { ...place, referenceId: null, ...tallied(null), rows };
  }
  const counted = parts.map((part) => countedPart(part, binning));
  const { referenceId } = counted[0]!;
  assert(
    counted.every((part) => part.referenceId === referenceId),
    `period ${periodStartMs} of ${group}: expected counts against one reference`,
  );
  const [first, ...rest] = counted.map((part) => talliesOf(part));
  for (const other of rest) mergeTallies(first!, other);
  return { ...place, referenceId, ...tallied(first!), rows: null };
}

/** The part's tallies as they are, or of its rows. */
function countedPart(part: ClosedPeriod, binning: Binning | undefined): ClosedPeriod {
  if (part.counts !== null) return part;
  assert(
    binning !== undefined,
    `rows of ${part.group}: expected a reference to count them against`,
  );
  return countedRows(part, binning);
}

/** A period whose rows are counted. */
export function countedRows<Period extends ClosedPeriod>(part: Period, binning: Binning): Period {
  const tallies = tallyRows(binning, part.rows ?? [], part.periodEndMs);
  return { ...part, referenceId: binning.referenceId, ...tallied(tallies), rows: null };
}

/** Copies that can be added to. */
function talliesOf({ n, counts, sums, segments }: ClosedPeriod): Tallies {
  const copy = (of: Pick<ClosedPeriod, 'n' | 'counts' | 'sums'>): Tally => ({
    n: of.n,
    counts: (of.counts ?? []).map((one) => one.slice()),
    sums: Float64Array.from(of.sums),
  });
  const named = segments.map((one): [string, Tally] => [one.segment, copy(one)]);
  return { ...copy({ n, counts, sums }), segments: new Map(named) };
}

function mergeTallies(into: Tallies, other: Tallies): void {
  mergeTally(into, other);
  for (const [segment, tally] of other.segments) {
    const own = into.segments.get(segment);
    if (own === undefined) into.segments.set(segment, tally);
    else mergeTally(own, tally);
  }
}

function addUp(lists: readonly (readonly number[])[]): readonly number[] {
  const [first = []] = lists;
  return first.map((_, i) => lists.reduce((sum, list) => sum + (list[i] ?? 0), 0));
}
