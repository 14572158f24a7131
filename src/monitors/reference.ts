import { createHash } from 'node:crypto';
import type { Bins } from '../stats/bins.js';
import type { CovariateReference } from './covariates.js';
import type { MonitoredFeature } from './monitored-feature.js';

/** What a reference holds of one feature. */
export interface FeatureReference {
  readonly name: string;
  /** How far back the feature looked, ms; the same name with another window is another feature. */
  readonly windowMs: number;
  readonly bins: Bins;
  /** Samples counted: one per entity and wholly observed period. */
  readonly n: number;
  /** Per bin. */
  readonly counts: readonly number[];
  /** Of a seasonal feature, counts per weekday (from Monday) or part of the day, UTC; else null. */
  readonly seasons: readonly (readonly number[])[] | null;
  /** The counts of each segment, by its name. */
  readonly segments: readonly SegmentReference[];
}

export interface SegmentReference {
  readonly segment: string;
  readonly counts: readonly number[];
}

/** A figure in each of the reference's periods that have it: how much it varies by itself. */
export interface FigureReference {
  /** As `figureName`. */
  readonly name: string;
  readonly values: readonly number[];
  /** Samples behind all of them. */
  readonly n: number;
}

/** The reference's labelled scores by the score's frozen bins: what calibrates an estimate. */
export interface LabelledScores {
  readonly negative: readonly number[];
  readonly positive: readonly number[];
}

/** The frozen state of a period, or of training data, that later periods are held against. */
export interface Reference {
  readonly format: 'weir-reference';
  /** 1 has neither figures nor segments. */
  readonly version: 1 | 2;
  /** `ref-` and the first 12 digits of the hash. */
  readonly id: string;
  /** SHA-256 of everything but `id` and `hash`. */
  readonly hash: string;
  readonly monitor: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly periodMs: number;
  /** What it was made from, in words. */
  readonly createdFrom: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly features: readonly FeatureReference[];
  readonly figures: readonly FigureReference[];
  readonly covariates: readonly CovariateReference[];
  /** Left out where there are none, and by former versions. */
  readonly labelled?: LabelledScores;
}

/** A reference but for its id and hash. */
export type ReferenceContent = Omit<Reference, 'format' | 'version' | 'id' | 'hash'>;

/** Gives a reference its id and hash, which depend on nothing but its content. */
export function sealReference(content: ReferenceContent): Reference {
  const hash = hashOfContent(content);
  const { monitor, model, modelVersion, periodMs, createdFrom, fromMs, toMs } = content;
  const { features, figures, covariates, labelled } = content;
  return {
    format: 'weir-reference',
    version: 2,
    id: `ref-${hash.slice(0, 12)}`,
    hash,
    monitor,
    model,
    modelVersion,
    periodMs,
    createdFrom,
    fromMs,
    toMs,
    features,
    figures,
    covariates,
    ...(labelled === undefined ? {} : { labelled }),
  };
}

/** The hash a reference of this content must carry. */
export function hashOfContent(
  content: ReferenceContent,
  version: Reference['version'] = 2,
): string {
  const { monitor, model, modelVersion, periodMs, createdFrom, fromMs, toMs } = content;
  const features = content.features.map((feature) => {
    const { name, windowMs, bins, n, counts, seasons, segments } = feature;
    const frozen = bins.kind === 'numeric' ? ['numeric', bins.edges] : ['categorical', bins.values];
    const parts = segments.map((one) => [one.segment, one.counts]);
    const own = [name, windowMs, frozen, n, counts, seasons];
    return version === 1 ? own : [...own, parts];
  });
  const figures = content.figures.map((one) => [one.name, one.values, one.n]);
  const parts = [monitor, model, modelVersion, periodMs, createdFrom, fromMs, toMs, features];
  const covariates = content.covariates.map((one) => {
    const { group, map, count, sums } = one;
    return [group, one.features, map.means, map.bandwidth, map.frequencies, count, sums];
  });
  const { labelled } = content;
  const scores = labelled === undefined ? [] : [[labelled.negative, labelled.positive]];
  const all = version === 1 ? parts : [...parts, figures, covariates, ...scores];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}

/** What the reference holds of a feature; undefined where it has none, or over another window. */
export function featureReference(
  reference: Reference,
  feature: MonitoredFeature,
): FeatureReference | undefined {
  return reference.features.find(
    (one) =>
      one.name === feature.name &&
      one.windowMs === feature.windowMs &&
      one.bins.kind === feature.values,
  );
}
