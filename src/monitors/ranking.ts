import type { Check } from './check.js';

/** How much each feature weighs in the score: larger is more, only ratios matter. */
export interface Importance {
  readonly by: 'importance' | 'correlation';
  /** By the feature's name. */
  readonly weights: Readonly<Record<string, number>>;
}

/** A drifting feature and what its drift may do to the score. */
export interface RankedFeature {
  readonly feature: string;
  /** Bias-corrected PSI. */
  readonly effect: number;
  /** Null where nothing is known of the feature's part in the score. */
  readonly weight: number | null;
  /** What `weight` is. */
  readonly by: Importance['by'] | 'effect';
}

const rankedMax = 20;

/**
 * Drifting features by effect × weight: the weight is the importance that the model's manifest
 * gives, else the size of the correlation with the score in the reference. Where a feature has
 * none it comes after those that have one, by its effect alone.
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
    const weight = importance?.weights[feature] ?? null;
    return { feature, effect, weight, by: weight === null ? 'effect' : importance!.by };
  });
  return ranked.sort(byScoreEffect).slice(0, rankedMax);
}

function byScoreEffect(a: RankedFeature, b: RankedFeature): number {
  if ((a.weight === null) !== (b.weight === null)) return a.weight === null ? 1 : -1;
  return b.effect * (b.weight ?? 1) - a.effect * (a.weight ?? 1);
}
