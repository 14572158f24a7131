import type { Row } from '../features/fields.js';
import type { FeatureValue } from '../features/shape.js';
import { type Binning, binningFor, type NextBinning } from './binning.js';
import type { BusinessFigure } from './business.js';
import type { ClosedPeriod, Closing } from './closed-period.js';
import { closedSums, compileEvents, type EventCounts, seeEvent, seenBy } from './event-counts.js';
import type { Expectation } from './expectation.js';
import type { MonitoredFeature } from './monitored-feature.js';
import type { SeenEvents } from './repeats.js';
import { addRow, emptyTallies, type Tallies, tallyRows } from './tally.js';

/** The task's own identity of an entity: its index or its key, always the same form. */
export type Entity = string | number;

/** A period that still takes vectors: counts where there is a reference, else the values. */
export interface OpenPeriod {
  readonly period: number;
  readonly entities: Set<Entity>;
  binning: Binning | null;
  tallies: Tallies | null;
  rows: FeatureValue[][] | null;
  /** Sums over all events, as `EventCounts` has them. */
  readonly events: Float64Array;
  /** Null where repeats are not looked for. */
  readonly seen: SeenEvents | null;
  /** Time of the newest sample, ms. */
  newestMs: number;
}

/** Samples the vectors of one group in one task: once per entity and epoch-aligned period. */
export interface Sampler {
  readonly group: string;
  /** Features of the group, in the order of the counts. */
  readonly features: readonly MonitoredFeature[];
  readonly periodMs: number;
  /** What is counted over all events of the group; null for nothing. */
  readonly events: EventCounts | null;
  /** Bounds of an open period; entities beyond them are not sampled, but counted in `overflow`. */
  readonly entitiesLimit: number;
  readonly rowsLimit: number;
  binning: Binning | null;
  /** What takes its place, ascending. */
  next: readonly NextBinning[];
  readonly open: Map<number, OpenPeriod>;
  /** The period last written to: most vectors come for it. */
  recent: OpenPeriod | null;
  /** Periods that end here or before are closed. */
  closedUpToMs: number;
  /** Earliest vector sampled; a window is wholly observed from here on. */
  observedFromMs: number;
  /** Vectors that came for a closed period. */
  missed: number;
  overflow: number;
}

export interface SamplerOptions {
  readonly group: string;
  readonly features: readonly MonitoredFeature[];
  readonly periodMs: number;
  readonly binning: Binning | null;
  readonly business?: readonly BusinessFigure[];
  readonly expectations?: readonly Expectation[];
  readonly entitiesLimit?: number;
  readonly rowsLimit?: number;
}

/** A sampler that has seen nothing. */
export function createSampler(options: SamplerOptions): Sampler {
  const { group, features, periodMs, binning } = options;
  return {
    group,
    features: features.filter((feature) => feature.group === group),
    periodMs,
    events: compileEvents(options.business ?? [], options.expectations ?? [], group),
    entitiesLimit: options.entitiesLimit ?? 2_000_000,
    rowsLimit: options.rowsLimit ?? 200_000,
    binning,
    next: [],
    open: new Map(),
    recent: null,
    closedUpToMs: Number.NEGATIVE_INFINITY,
    observedFromMs: Number.POSITIVE_INFINITY,
    missed: 0,
    overflow: 0,
  };
}

/** Whether `observe` would count a vector: so that the values of most are never gathered. */
export function wants(sampler: Sampler, entity: Entity, timeMs: number): boolean {
  const period = Math.floor(timeMs / sampler.periodMs);
  const { recent } = sampler;
  return recent === null || recent.period !== period || !recent.entities.has(entity);
}

/**
 * Takes one *before* vector in log order; only an entity's first in a period counts.
 * `timeMs` is what the vector is as of; `values` are read at the features' columns.
 */
export function observe(
  sampler: Sampler,
  entity: Entity,
  timeMs: number,
  values: ArrayLike<FeatureValue>,
): void {
  const open = openAt(sampler, timeMs);
  if (open === null || open.entities.has(entity)) return;
  // Of sampled vectors only, so that skipping what is not wanted changes nothing.
  if (timeMs < sampler.observedFromMs) sampler.observedFromMs = timeMs;
  take(sampler, open, entity, timeMs, values);
}

/** Counts any event in its period. */
export function countEvent(sampler: Sampler, timeMs: number, row: Row): void {
  const { events } = sampler;
  if (events === null) return;
  const open = openAt(sampler, timeMs);
  if (open === null) return;
  events.count(open.events, row);
  if (open.seen !== null) seeEvent(events, open.seen, timeMs, row);
}

/** The period of a time; null, and counted, where it is closed. */
function openAt(sampler: Sampler, timeMs: number): OpenPeriod | null {
  const period = Math.floor(timeMs / sampler.periodMs);
  const { recent } = sampler;
  if (recent !== null && recent.period === period) return recent;
  if (timeMs < sampler.closedUpToMs) {
    sampler.missed += 1;
    return null;
  }
  const open = sampler.open.get(period) ?? openPeriod(sampler, period);
  sampler.recent = open;
  return open;
}

function openPeriod(sampler: Sampler, period: number): OpenPeriod {
  const { events } = sampler;
  const binning = binningFor(sampler, period * sampler.periodMs);
  const open: OpenPeriod = {
    period,
    entities: new Set(),
    binning,
    tallies: binning === null ? null : emptyTallies(binning),
    rows: binning === null ? [] : null,
    events: new Float64Array(events?.width ?? 0),
    seen: seenBy(events),
    newestMs: Number.NEGATIVE_INFINITY,
  };
  sampler.open.set(period, open);
  return open;
}

function take(
  sampler: Sampler,
  open: OpenPeriod,
  entity: Entity,
  timeMs: number,
  values: ArrayLike<FeatureValue>,
): void {
  const limit = open.rows === null ? sampler.entitiesLimit : sampler.rowsLimit;
  if (open.entities.size >= limit) {
    sampler.overflow += 1;
    return;
  }
  open.entities.add(entity);
  if (timeMs > open.newestMs) open.newestMs = timeMs;
  const row = sampler.features.map((feature) => values[feature.column] ?? null);
  if (open.rows !== null) open.rows.push(row);
  else addRow(open.tallies!, open.binning!, row, (open.period + 1) * sampler.periodMs);
}

/**
 * Counts against `binning` from now on, and against those of `next` from their periods on. Values
 * kept while there was no reference are counted at once; a period counted against another reference
 * stays with it to its end.
 */
export function useBinning(
  sampler: Sampler,
  binning: Binning,
  next: readonly NextBinning[] = [],
): void {
  sampler.binning = binning;
  sampler.next = next;
  for (const open of sampler.open.values()) {
    if (open.rows === null) continue;
    open.tallies = tallyRows(binning, open.rows, (open.period + 1) * sampler.periodMs);
    open.binning = binning;
    open.rows = null;
  }
}

/** Closes the periods that end at the watermark or before, if it is finite; says how far it has. */
export function advance(sampler: Sampler, watermarkMs: number): Closing {
  const { periodMs } = sampler;
  const boundaryMs = Math.floor(watermarkMs / periodMs) * periodMs;
  const moves = Number.isFinite(boundaryMs) && boundaryMs > sampler.closedUpToMs;
  if (!moves) return closing(sampler, []);
  sampler.closedUpToMs = boundaryMs;
  sampler.recent = null;
  const done = [...sampler.open.values()].filter((o) => (o.period + 1) * periodMs <= boundaryMs);
  done.sort((a, b) => a.period - b.period);
  for (const { period } of done) sampler.open.delete(period);
  return closing(
    sampler,
    done.map((open) => closed(sampler, open)),
  );
}

function closing(sampler: Sampler, periods: readonly ClosedPeriod[]): Closing {
  const { closedUpToMs, observedFromMs } = sampler;
  return { closedUpToMs, observedFromMs, periods };
}

function closed(sampler: Sampler, open: OpenPeriod): ClosedPeriod {
  const periodStartMs = open.period * sampler.periodMs;
  return {
    group: sampler.group,
    periodStartMs,
    periodEndMs: periodStartMs + sampler.periodMs,
    n: open.entities.size,
    referenceId: open.binning?.referenceId ?? null,
    ...tallied(open.tallies),
    events: closedSums(sampler.events, open.events, open.seen),
    newestMs: Number.isFinite(open.newestMs) ? open.newestMs : null,
    rows: open.rows,
  };
}

/** What a closed period says of its tallies; segments by name. */
export function tallied(tallies: Tallies | null) {
  if (tallies === null) return { counts: null, sums: [], segments: [] };
  const { counts, sums, segments } = tallies;
  const named = [...segments].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    counts,
    sums: [...sums],
    segments: named.map(([segment, one]) => ({
      segment,
      n: one.n,
      counts: one.counts,
      sums: [...one.sums],
    })),
  };
}
