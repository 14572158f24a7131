import { WeirError } from '../errors.js';
import type { FeatureValue } from '../features/shape.js';
import type { Binning } from './binning.js';
import { seenBy } from './event-counts.js';
import type { SeenEvents } from './repeats.js';
import type { Entity, Sampler } from './sampler.js';
import type { Tallies, Tally } from './tally.js';

interface OpenPeriodSnapshot {
  readonly period: number;
  readonly referenceId: string | null;
  readonly entities: readonly Entity[];
  readonly tallies: PlainTallies | null;
  readonly rows: readonly (readonly FeatureValue[])[] | null;
  readonly events: readonly number[];
  /** Absent where repeats are not looked for. */
  readonly seen?: {
    readonly level: number;
    readonly counts: readonly (readonly [number, number])[];
  };
  readonly newestMs: number | null;
}

interface PlainTally {
  readonly n: number;
  readonly counts: readonly (readonly number[])[];
  readonly sums: readonly number[];
}

interface PlainTallies extends PlainTally {
  readonly segments: readonly (readonly [string, PlainTally])[];
}

function plainTally({ n, counts, sums }: Tally): PlainTally {
  return { n, counts: counts.map((one) => [...one]), sums: [...sums] };
}

function tallyOf({ n, counts, sums }: PlainTally): Tally {
  const arrays = counts.map((one) => Uint32Array.from(one));
  return { n, counts: arrays, sums: Float64Array.from(sums) };
}

function plainTallies(tallies: Tallies): PlainTallies {
  const segments = [...tallies.segments].map(([name, one]) => [name, plainTally(one)] as const);
  return { ...plainTally(tallies), segments };
}

function talliesOf(plain: PlainTallies): Tallies {
  const segments = plain.segments.map(([name, one]) => [name, tallyOf(one)] as const);
  return { ...tallyOf(plain), segments: new Map(segments) };
}

/** What an earlier version wrote has seen nothing. */
function seenOf(plain: OpenPeriodSnapshot['seen']): SeenEvents {
  const { level = 0, counts = [] } = plain ?? {};
  return { level, counts: new Map(counts) };
}

/** A sampler's state as plain JSON. */
export interface SamplerSnapshot {
  readonly group: string;
  readonly features: readonly string[];
  readonly referenceId: string | null;
  /** Null before the first period. */
  readonly closedUpToMs: number | null;
  readonly observedFromMs: number | null;
  readonly missed: number;
  readonly overflow: number;
  readonly open: readonly OpenPeriodSnapshot[];
}

/** The sampler's state, apart from its definition and its reference. */
export function snapshotSampler(sampler: Sampler): SamplerSnapshot {
  const { group, features, binning, missed, overflow } = sampler;
  const open = [...sampler.open.values()].map(
    ({ period, binning: own, entities, tallies, rows, events, seen, newestMs }) => ({
      period,
      referenceId: own?.referenceId ?? null,
      entities: [...entities],
      tallies: tallies === null ? null : plainTallies(tallies),
      rows: rows === null ? null : rows.map((row) => [...row]),
      events: [...events],
      ...(seen === null ? {} : { seen: { level: seen.level, counts: [...seen.counts] } }),
      newestMs: Number.isFinite(newestMs) ? newestMs : null,
    }),
  );
  return {
    group,
    features: features.map((feature) => feature.name),
    referenceId: binning?.referenceId ?? null,
    closedUpToMs: Number.isFinite(sampler.closedUpToMs) ? sampler.closedUpToMs : null,
    observedFromMs: Number.isFinite(sampler.observedFromMs) ? sampler.observedFromMs : null,
    missed,
    overflow,
    open,
  };
}

/**
 * Puts a snapshot into a fresh sampler of the same definition and reference. `former` are the bins
 * of references that open periods may still be counted against.
 * @throws WeirError definition-changed where they are not the same
 */
export function restoreSampler(
  sampler: Sampler,
  snapshot: SamplerSnapshot,
  former: readonly Binning[] = [],
): void {
  const { binning, group } = sampler;
  const names = sampler.features.map((feature) => feature.name);
  const known = [binning, ...former];
  const find = (id: string | null) => known.find((one) => (one?.referenceId ?? null) === id);
  const lost = snapshot.open.find((open) => open.referenceId !== null && !find(open.referenceId));
  const expected = describe(group, names, binning?.referenceId ?? null);
  const found = describe(snapshot.group, snapshot.features, snapshot.referenceId);
  if (expected !== found || lost !== undefined) {
    const what = lost === undefined ? found : `a period counted against ${lost.referenceId}`;
    throw new WeirError(
      'definition-changed',
      `the monitor's snapshot was expected to be of ${expected}; found ${what}; start with the former definition and reference, or with --reset`,
    );
  }
  sampler.closedUpToMs = snapshot.closedUpToMs ?? Number.NEGATIVE_INFINITY;
  sampler.observedFromMs = snapshot.observedFromMs ?? Number.POSITIVE_INFINITY;
  sampler.missed = snapshot.missed;
  sampler.overflow = snapshot.overflow;
  sampler.recent = null;
  sampler.open.clear();
  for (const {
    period,
    referenceId,
    entities,
    tallies,
    rows,
    events,
    seen,
    newestMs,
  } of snapshot.open) {
    sampler.open.set(period, {
      period,
      entities: new Set(entities),
      binning: referenceId === null ? null : (find(referenceId) ?? null),
      tallies: tallies === null ? null : talliesOf(tallies),
      rows: rows === null ? null : rows.map((row) => [...row]),
      events: Float64Array.from(events),
      seen: seenBy(sampler.events) && seenOf(seen),
      newestMs: newestMs ?? Number.NEGATIVE_INFINITY,
    });
  }
}

function describe(group: string, features: readonly string[], referenceId: string | null): string {
  return `${group}: ${features.join(', ')}, counted against ${referenceId ?? 'no reference'}`;
}
