import type { FeatureValue } from '../features/shape.js';
import { type Binning, binningFor, labelsGroup, type NextBinning } from './binning.js';
import type { ClosedPeriod, Closing } from './closed-period.js';
import { partAt } from './error-parts.js';
import { tallied } from './sampler.js';
import { tallyRows } from './tally.js';

type Key = string | number;

/** A sampled score that waits for its label. */
export interface Sample {
  readonly item: Key;
  readonly timeMs: number;
  /** The values of the group `scores`. */
  readonly row: readonly FeatureValue[];
}

/** What makes scores of the same entity and item positive. */
export interface Outcome {
  readonly item: Key;
  readonly timeMs: number;
}

/**
 * Joins the sampled scores of one task, each entity's first of a period, with what came of them: a
 * label is 1 where an outcome of the same entity and item lies after the score and within the
 * horizon, else 0, known once the watermark has passed the horizon. A period is the one in which
 * labels mature. Nothing depends on the order in which scores and outcomes come.
 */
export interface LabelSampler {
  readonly periodMs: number;
  readonly horizonMs: number;
  /** Places of the rows' values among those given. */
  readonly columns: readonly number[];
  readonly samplesLimit: number;
  readonly outcomesLimit: number;
  binning: Binning | null;
  /** What takes its place, ascending. */
  next: readonly NextBinning[];
  /** By period, by entity. */
  readonly open: Map<number, Map<Key, Sample>>;
  readonly outcomes: Map<Key, Outcome[]>;
  /** By period: all scores whose labels mature in it, sampled or not. */
  readonly scored: Map<number, number>;
  outcomeCount: number;
  closedUpToMs: number;
  observedFromMs: number;
  /** Scores that came for a closed period. */
  missed: number;
  /** Samples and outcomes beyond the limits. */
  overflow: number;
}

export interface LabelSamplerOptions {
  readonly columns: readonly number[];
  readonly periodMs: number;
  readonly horizonMs: number;
  readonly binning: Binning | null;
  /** Samples of one period. */
  readonly samplesLimit?: number;
  readonly outcomesLimit?: number;
}

/** A sampler that has seen nothing. */
export function createLabelSampler(options: LabelSamplerOptions): LabelSampler {
  const { columns, periodMs, horizonMs, binning } = options;
  return {
    periodMs,
    horizonMs,
    columns,
    samplesLimit: options.samplesLimit ?? 200_000,
    outcomesLimit: options.outcomesLimit ?? 1_000_000,
    binning,
    next: [],
    open: new Map(),
    outcomes: new Map(),
    scored: new Map(),
    outcomeCount: 0,
    closedUpToMs: Number.NEGATIVE_INFINITY,
    observedFromMs: Number.POSITIVE_INFINITY,
    missed: 0,
    overflow: 0,
  };
}

/** Whether `observeScore` would keep a score: so that the values of most are never gathered. */
export function wantsScore(sampler: LabelSampler, entity: Key, timeMs: number): boolean {
  const period = Math.floor((timeMs + sampler.horizonMs) / sampler.periodMs);
  return sampler.open.get(period)?.has(entity) !== true;
}

/** Counts a score whose label will be known, whether or not it is kept. */
export function countScore(sampler: LabelSampler, timeMs: number): void {
  const { periodMs, horizonMs, closedUpToMs } = sampler;
  const period = Math.floor((timeMs + horizonMs) / periodMs);
  if (period * periodMs < closedUpToMs) return;
  sampler.scored.set(period, (sampler.scored.get(period) ?? 0) + 1);
}

/** Takes a score: only an entity's first of a period is kept. */
export function observeScore(
  sampler: LabelSampler,
  entity: Key,
  item: Key,
  timeMs: number,
  values: ArrayLike<FeatureValue>,
): void {
  const { periodMs, horizonMs, open } = sampler;
  const period = Math.floor((timeMs + horizonMs) / periodMs);
  let samples = open.get(period);
  if (samples?.has(entity)) return;
  if (period * periodMs < sampler.closedUpToMs) {
    sampler.missed += 1;
    return;
  }
  if (samples === undefined) {
    samples = new Map();
    open.set(period, samples);
  }
  if (timeMs < sampler.observedFromMs) sampler.observedFromMs = timeMs;
  if (samples.size >= sampler.samplesLimit) {
    sampler.overflow += 1;
    return;
  }
  samples.set(entity, {
    item,
    timeMs,
    row: sampler.columns.map((column) => values[column] ?? null),
  });
}

export function observeOutcome(
  sampler: LabelSampler,
  entity: Key,
  item: Key,
  timeMs: number,
): void {
  if (timeMs <= sampler.closedUpToMs - sampler.horizonMs) return; // no open sample is so old
  if (sampler.outcomeCount >= sampler.outcomesLimit) {
    sampler.overflow += 1;
    return;
  }
  const outcomes = sampler.outcomes.get(entity);
  if (outcomes === undefined) sampler.outcomes.set(entity, [{ item, timeMs }]);
  else outcomes.push({ item, timeMs });
  sampler.outcomeCount += 1;
}

/** Closes the periods whose labels have all matured at the watermark. */
export function advanceLabels(sampler: LabelSampler, watermarkMs: number): Closing {
  const { periodMs, open } = sampler;
  const boundaryMs = Math.floor(watermarkMs / periodMs) * periodMs;
  const { closedUpToMs, observedFromMs } = sampler;
  if (!Number.isFinite(boundaryMs) || boundaryMs <= closedUpToMs) {
    return { closedUpToMs, observedFromMs, periods: [] };
  }
  const done = [...open.keys()].filter((period) => (period + 1) * periodMs <= boundaryMs);
  done.sort((a, b) => a - b);
  const periods = done.map((period) => closed(sampler, period));
  for (const period of done) {
    open.delete(period);
    sampler.scored.delete(period);
  }
  sampler.closedUpToMs = boundaryMs;
  forget(sampler);
  return { closedUpToMs: boundaryMs, observedFromMs, periods };
}

function closed(sampler: LabelSampler, period: number): ClosedPeriod {
  const { periodMs, horizonMs } = sampler;
  const binning = binningFor(sampler, period * periodMs);
  const samples = sampler.open.get(period)!;
  const periodEndMs = (period + 1) * periodMs;
  const rows = [...samples].map(([entity, { item, timeMs, row }]) => {
    const isPositive = sampler.outcomes
      .get(entity)
      ?.some((one) => one.item === item && isWithin(one.timeMs - timeMs, horizonMs));
    const part = partAt(timeMs + horizonMs, period * periodMs, periodMs);
    return [...row, isPositive ? 1 : 0, part];
  });
  return {
    group: labelsGroup,
    periodStartMs: period * periodMs,
    periodEndMs,
    n: rows.length,
    referenceId: binning?.referenceId ?? null,
    ...tallied(binning === null ? null : tallyRows(binning, rows, periodEndMs)),
    events: [sampler.scored.get(period) ?? rows.length],
    newestMs: null,
    rows: binning === null ? rows : null,
  };
}

function isWithin(afterMs: number, horizonMs: number): boolean {
  return afterMs > 0 && afterMs <= horizonMs;
}

/** Outcomes that no open or later sample can have. */
function forget(sampler: LabelSampler): void {
  const { outcomes, closedUpToMs, horizonMs } = sampler;
  let count = 0;
  for (const [entity, list] of outcomes) {
    const kept = list.filter((one) => one.timeMs > closedUpToMs - horizonMs);
    if (kept.length === 0) outcomes.delete(entity);
    else if (kept.length < list.length) outcomes.set(entity, kept);
    count += kept.length;
  }
  sampler.outcomeCount = count;
}

/** Its state as plain JSON. */
export interface LabelSamplerSnapshot {
  readonly closedUpToMs: number | null;
  readonly observedFromMs: number | null;
  readonly missed: number;
  readonly overflow: number;
  readonly open: readonly (readonly [number, readonly (readonly [Key, Sample])[]])[];
  readonly outcomes: readonly (readonly [Key, readonly Outcome[]])[];
  /** Left out by an earlier version. */
  readonly scored?: readonly (readonly [number, number])[];
}

export function snapshotLabelSampler(sampler: LabelSampler): LabelSamplerSnapshot {
  const { closedUpToMs, observedFromMs, missed, overflow } = sampler;
  return {
    closedUpToMs: Number.isFinite(closedUpToMs) ? closedUpToMs : null,
    observedFromMs: Number.isFinite(observedFromMs) ? observedFromMs : null,
    missed,
    overflow,
    open: [...sampler.open].map(([period, samples]) => [period, [...samples]]),
    outcomes: [...sampler.outcomes].map(([entity, list]) => [entity, [...list]]),
    scored: [...sampler.scored],
  };
}

/** Puts a snapshot into a fresh sampler of the same definition; bins may be others by now. */
export function restoreLabelSampler(sampler: LabelSampler, kept: LabelSamplerSnapshot): void {
  sampler.closedUpToMs = kept.closedUpToMs ?? Number.NEGATIVE_INFINITY;
  sampler.observedFromMs = kept.observedFromMs ?? Number.POSITIVE_INFINITY;
  sampler.missed = kept.missed;
  sampler.overflow = kept.overflow;
  sampler.open.clear();
  for (const [period, samples] of kept.open) sampler.open.set(period, new Map(samples));
  sampler.scored.clear();
  for (const [period, count] of kept.scored ?? []) sampler.scored.set(period, count);
  sampler.outcomes.clear();
  sampler.outcomeCount = 0;
  for (const [entity, list] of kept.outcomes) {
    sampler.outcomes.set(entity, [...list]);
    sampler.outcomeCount += list.length;
  }
}
