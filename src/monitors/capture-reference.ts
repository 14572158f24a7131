import { WeirError } from '../errors.js';
import type { FeatureValue } from '../features/shape.js';
import { binOf } from '../stats/bin-of.js';
import { type Bins, binCount } from '../stats/bins.js';
import { mergeSums } from '../stats/fourier-sums.js';
import { frozenCategories } from '../stats/frozen-categories.js';
import { frozenEdges } from '../stats/frozen-edges.js';
import { binningOf, featuresOfGroup, labelsGroup } from './binning.js';
import {
  type CovariateReference,
  covariateSums,
  covariateWindowMs,
  freezeMap,
} from './covariates.js';
import type { MonitorDefinition } from './definition.js';
import { figureName } from './figure.js';
import { figuresOf } from './figures.js';
import { countedRows, type GatheredPeriod } from './gather.js';
import type { MonitoredFeature } from './monitored-feature.js';
import { isWhollyObserved } from './observed.js';
import {
  type FeatureReference,
  type FigureReference,
  featureReference,
  type LabelledScores,
  type Reference,
  type ReferenceContent,
  type SegmentReference,
  sealReference,
} from './reference.js';
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
  const content: ReferenceContent = {
    monitor: name,
    model,
    modelVersion: options.modelVersion,
    periodMs,
    createdFrom: options.createdFrom,
    fromMs: Math.min(...periods.map((period) => period.periodStartMs)),
    toMs: Math.max(...periods.map((period) => period.periodEndMs)),
    features: captured,
    figures: [],
    covariates: freezeMaps(features, periods),
  };
  // Once the bins are known, the periods are counted as later ones will be.
  const bins = sealReference(content);
  const counted = periods.map((period) => countedPeriod(definition, features, bins, period));
  const covariates = content.covariates.map((one) => summedCovariates(one, features, counted));
  const labelled = labelledScores(definition, features, bins, counted);
  const more = { covariates, ...(labelled === null ? {} : { labelled }) };
  const summed = { ...bins, ...more };
  return sealReference({
    ...content,
    ...more,
    features: captured.map((one) => ({ ...one, segments: segmentsOf(one, features, counted) })),
    figures: figureReferences(definition, features, summed, counted),
  });
}

/** A map of each group's features as one vector, from the periods in which all are observed. */
function freezeMaps(
  features: readonly MonitoredFeature[],
  periods: readonly GatheredPeriod[],
): readonly CovariateReference[] {
  const groups = [...new Set(features.map((feature) => feature.group))];
  return groups.flatMap((group) => {
    const windowMs = covariateWindowMs(features, group);
    const rows = periods.flatMap(({ periodStartMs, groups: gathered }) => {
      const own = gathered.find((one) => one.group === group);
      const isWhole = own && isWhollyObserved({ windowMs }, periodStartMs, own.observedFromMs);
      return isWhole ? (own.rows ?? []) : [];
    });
    return freezeMap(features, group, rows) ?? [];
  });
}

function summedCovariates(
  known: CovariateReference,
  features: readonly MonitoredFeature[],
  periods: readonly GatheredPeriod[],
): CovariateReference {
  const windowMs = covariateWindowMs(features, known.group);
  const total = { count: 0, sums: new Float64Array(known.sums.length) };
  for (const { periodStartMs, groups } of periods) {
    const own = groups.find((one) => one.group === known.group);
    if (own === undefined) continue;
    if (!isWhollyObserved({ windowMs }, periodStartMs, own.observedFromMs)) continue;
    mergeSums(total, covariateSums(known, own));
  }
  return { ...known, count: total.count, sums: [...total.sums] };
}

function countedPeriod(
  definition: MonitorDefinition,
  features: readonly MonitoredFeature[],
  reference: Reference,
  period: GatheredPeriod,
): GatheredPeriod {
  const groups = period.groups.map((group) => {
    const binning = binningOf(reference, features, group.group, definition);
    return group.rows === null || binning === null ? group : countedRows(group, binning);
  });
  return { ...period, groups };
}

/** Scores with their labels, over the periods in which both were wholly observed. */
function labelledScores(
  { horizonMs }: MonitorDefinition,
  features: readonly MonitoredFeature[],
  reference: Reference,
  periods: readonly GatheredPeriod[],
): LabelledScores | null {
  const score = featuresOfGroup(features, labelsGroup).find(({ name }) => name === 'score');
  if (score === undefined || featureReference(reference, score) === undefined) return null;
  const windowMs = score.windowMs + (horizonMs ?? 0);
  const found = periods.flatMap(({ periodStartMs, groups }) => {
    const own = groups.find(({ group }) => group === labelsGroup);
    if (own === undefined || own.counts === null) return [];
    if (!isWhollyObserved({ windowMs }, periodStartMs, own.observedFromMs)) return [];
    return [own.counts];
  });
  const [first] = found;
  if (first === undefined) return null;
  const sumOf = (at: number): number[] =>
    Array.from(first[at]!, (_, bin) => found.reduce((sum, counts) => sum + counts[at]![bin]!, 0));
  return { negative: sumOf(score.row), positive: sumOf(first.length / 2 + score.row) };
}

/** A feature's counts in each segment, over the periods in which its window was observed. */
function segmentsOf(
  { name }: FeatureReference,
  features: readonly MonitoredFeature[],
  periods: readonly GatheredPeriod[],
): readonly SegmentReference[] {
  const feature = features.find((one) => one.name === name)!;
  const sums = new Map<string, number[]>();
  for (const { periodStartMs, groups } of periods) {
    const group = groups.find((one) => one.group === feature.group);
    if (group === undefined) continue;
    if (!isWhollyObserved(feature, periodStartMs, group.observedFromMs)) continue;
    for (const { segment, counts } of group.segments) {
      const own = [...counts[feature.row]!];
      sums.set(segment, sums.get(segment)?.map((sum, bin) => sum + own[bin]!) ?? own);
    }
  }
  const sorted = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([segment, counts]) => ({ segment, counts }));
}

/** Each figure's values over the periods, for what varies from period to period by itself. */
function figureReferences(
  definition: MonitorDefinition,
  features: readonly MonitoredFeature[],
  reference: Reference,
  periods: readonly GatheredPeriod[],
): readonly FigureReference[] {
  const known = new Map<string, { values: number[]; n: number }>();
  for (const period of periods) {
    for (const figure of figuresOf({ definition, features, reference, isPart: true }, period)) {
      if (figure.value === null) continue;
      const name = figureName(figure);
      const own = known.get(name) ?? { values: [], n: 0 };
      own.values.push(figure.value);
      own.n += figure.n;
      known.set(name, own);
    }
  }
  return [...known].map(([name, { values, n }]) => ({ name, values, n }));
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
      segments: [],
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

function binsOf(feature: MonitoredFeature, samples: readonly Sample[]): Bins {
  const values = samples.map((sample) => sample.value);
  if (feature.values === 'categorical') return frozenCategories(values);
  return frozenEdges(values.map((value) => (typeof value === 'number' ? value : null)));
}
