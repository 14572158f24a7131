import type { Check } from './check.js';

/** How much each feature weighs in the score, by its name: only ratios matter. */
export type Importance = Readonly<Record<string, number>>;

/** A drifting feature and what its drift may do to the score. */
export interface RankedFeature {
  readonly feature: string;
  /** Bias-corrected PSI. */
  readonly effect: number;
  /** Null where nothing is known of the feature's part in the score. */
  readonly weight: number | null;
  /** What `weight` is. */
  readonly by: 'importance' | 'effect';
}

const rankedMax = 20;

/**
 * Drifting features by effect × weight: the weight is the importance that the model's manifest
 * gives. Features that have none come after those that have one, by their effect alone.
 */
export function rankFeatures(
  drifts: readonly Check[],
  importance: Importance | null,
): readonly RankedFeature[] {
  const effects = new Map<string, number>();
  for (const { subject, feature, segment, effect } of drifts) {
    if (subject !== 'feature' || segment !== '' || effect === null) continue;
    effects.set(feature, Math.max(effect, effects.get(feature) ?? Number.NEGATIVE_INFINITY));
  }
  const ranked = [...effects].map(([feature, effect]): RankedFeature => {
    const weight = importance?.[feature] ?? null;
    return { feature, effect, weight, by: weight === null ? 'effect' : 'importance' };
  });
  return ranked.sort(byScoreEffect).slice(0, rankedMax);
}

function byScoreEffect(a: RankedFeature, b: RankedFeature): number {
  if ((a.weight === null) !== (b.weight === null)) return a.weight === null ? 1 : -1;
  return b.effect * (b.weight ?? 1) - a.effect * (a.weight ?? 1);
}
