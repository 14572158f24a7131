import type { Check } from './check.js';
import type { PolicySettings } from './policy-settings.js';

/**
 * Why retraining is due. Later kinds (performance, labels, schedule) join this union; the policy
 * knows signals only.
 */
export type Trigger =
  /** The bias-corrected PSI of a feature or the score is above its threshold, and significant. */
  | {
      readonly kind: 'psi';
      readonly feature: string;
      readonly value: number;
      readonly threshold: number;
    }
  /** The share of the tested features that drift is above its threshold. */
  | { readonly kind: 'feature-share'; readonly value: number; readonly threshold: number };

/** `high` calls for an episode, `low` for its end; `between` and `unknown` for neither. */
export type SignalLevel = 'high' | 'between' | 'low' | 'unknown';

/** What one period says about one thing that can open an episode. */
export interface Signal {
  /** Its name from period to period. */
  readonly name: string;
  readonly level: SignalLevel;
  /** Null where the level is unknown. */
  readonly trigger: Trigger | null;
}

/** The signals of one period's checks: one per feature, then the share of features. */
export function signalsOf(checks: readonly Check[], policy: PolicySettings): readonly Signal[] {
  const byFeature = new Map<string, Check[]>();
  for (const check of checks) {
    byFeature.set(check.feature, [...(byFeature.get(check.feature) ?? []), check]);
  }
  const features = [...byFeature].map(([feature, own]) => featureSignal(feature, own, policy));
  return [...features, shareSignal(features, policy)];
}

function featureSignal(feature: string, own: readonly Check[], policy: PolicySettings): Signal {
  const name = `psi:${feature}`;
  const value = own.find((check) => check.effect !== null)?.effect ?? null;
  if (value === null) return { name, level: 'unknown', trigger: null };
  const drifts = own.some((check) => check.verdict === 'drift');
  const level = drifts ? 'high' : value < policy.leaveEffect ? 'low' : 'between';
  return { name, level, trigger: { kind: 'psi', feature, value, threshold: policy.driftEffect } };
}

/** Low is at most half the threshold: the lower level of the hysteresis. */
function shareSignal(features: readonly Signal[], policy: PolicySettings): Signal {
  const name = 'feature-share';
  const known = features.filter((signal) => signal.level !== 'unknown');
  if (known.length === 0) return { name, level: 'unknown', trigger: null };
  const value = known.filter((signal) => signal.level === 'high').length / known.length;
  const threshold = policy.featureShare;
  const level = value > threshold ? 'high' : value <= threshold / 2 ? 'low' : 'between';
  return { name, level, trigger: { kind: 'feature-share', value, threshold } };
}
