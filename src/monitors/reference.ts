import { createHash } from 'node:crypto';
import type { Bins } from '../stats/bins.js';
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
}

/** The frozen state of a period, or of training data, that later periods are held against. */
export interface Reference {
  readonly format: 'weir-reference';
  readonly version: 1;
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
}

/** A reference but for its id and hash. */
export type ReferenceContent = Omit<Reference, 'format' | 'version' | 'id' | 'hash'>;

/** Gives a reference its id and hash, which depend on nothing but its content. */
export function sealReference(content: ReferenceContent): Reference {
  const hash = hashOfContent(content);
  const { monitor, model, modelVersion, periodMs, createdFrom, fromMs, toMs, features } = content;
  return {
    format: 'weir-reference',
    version: 1,
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
  };
}

/** The hash a reference of this content must carry. */
export function hashOfContent(content: ReferenceContent): string {
  const { monitor, model, modelVersion, periodMs, createdFrom, fromMs, toMs } = content;
  const features = content.features.map((feature) => {
    const { name, windowMs, bins, n, counts, seasons } = feature;
    const frozen = bins.kind === 'numeric' ? ['numeric', bins.edges] : ['categorical', bins.values];
    return [name, windowMs, frozen, n, counts, seasons];
  });
  const parts = [monitor, model, modelVersion, periodMs, createdFrom, fromMs, toMs, features];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
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
