import { WeirError } from '../errors.js';
import type { FeatureValue } from '../features/shape.js';
import { binOf } from '../stats/bin-of.js';
import { type Bins, binCount } from '../stats/bins.js';
import { frozenCategories } from '../stats/frozen-categories.js';
import { frozenEdges } from '../stats/frozen-edges.js';
import type { MonitorDefinition } from './definition.js';
import type { GatheredPeriod } from './gather.js';
import type { MonitoredFeature } from './monitored-feature.js';
import { type FeatureReference, type Reference, sealReference } from './reference.js';
import { seasonAt, seasonsOf } from './season.js';

export interface CaptureOptions {
  readonly modelVersion: string;
  /** What the reference is made from, in words. */
  readonly createdFrom: string;
}

interface Sample {
  readonly value: FeatureValue;
  readonly season: number;
}

/**
 * Freezes a reference from periods that were sampled without one: each feature's bins and counts
 * over the periods in which its window was wholly observed. A feature without such a period is not
 * in the reference.
 * @throws WeirError no-reference where no feature has one
 */
export function captureReference(
  definition: MonitorDefinition,
  features: readonly MonitoredFeature[],
  periods: readonly GatheredPeriod[],
  options: CaptureOptions,
): Reference {
  const { name, model, periodMs } = definition;
  const captured = features.flatMap((feature) => captureFeature(feature, periods, periodMs));
  if (captured.length === 0) {
    throw new WeirError(
      'no-reference',
      `monitor ${name}: expected at least one whole period after a feature's window has filled; found ${periods.length} periods, none of them; capture over a longer time`,
    );
  }
  return sealReference({
    monitor: name,
    model,
    modelVersion: options.modelVersion,
    periodMs,
    createdFrom: options.createdFrom,
    fromMs: Math.min(...periods.map((period) => period.periodStartMs)),
    toMs: Math.max(...periods.map((period) => period.periodEndMs)),
    features: captured,
  });
}

function captureFeature(
  feature: MonitoredFeature,
  periods: readonly GatheredPeriod[],
  periodMs: number,
): readonly FeatureReference[] {
  const samples = samplesOf(feature, periods, periodMs);
  if (samples.length === 0) return [];
  const bins = binsOf(feature, samples);
  const counts = new Array<number>(binCount(bins)).fill(0);
  const seasonCount = feature.kind === 'seasonal' ? seasonsOf(periodMs) : null;
  const seasons = Array.from({ length: seasonCount ?? 0 }, () => counts.slice());
  for (const { value, season } of samples) {
    const bin = binOf(bins, value);
    counts[bin] = counts[bin]! + 1;
    const slice = seasons[season];
    if (slice !== undefined) slice[bin] = slice[bin]! + 1;
  }
  return [
    {
      name: feature.name,
      windowMs: feature.windowMs,
      bins,
      n: samples.length,
      counts,
      seasons: seasonCount === null ? null : seasons,
    },
  ];
}

function samplesOf(
  feature: MonitoredFeature,
  periods: readonly GatheredPeriod[],
  periodMs: number,
): readonly Sample[] {
  return periods.flatMap(({ periodStartMs, groups }) => {
    const group = groups.find((one) => one.group === feature.group);
    const rows = group?.rows ?? null;
    if (group === undefined || rows === null) return [];
    if (!isWhollyObserved(feature, periodStartMs, group.observedFromMs)) return [];
    const season = seasonAt(periodStartMs, periodMs);
    return rows.map((row) => ({ value: row[feature.row] ?? null, season }));
  });
}

/** Whether the feature's window lay wholly after the first vector, for all of the period. */
export function isWhollyObserved(
  feature: MonitoredFeature,
  periodStartMs: number,
  observedFromMs: number,
): boolean {
  return periodStartMs - feature.windowMs >= observedFromMs;
}

function binsOf(feature: MonitoredFeature, samples: readonly Sample[]): Bins {
  const values = samples.map((sample) => sample.value);
  if (feature.values === 'categorical') return frozenCategories(values);
  return frozenEdges(values.map((value) => (typeof value === 'number' ? value : null)));
}
