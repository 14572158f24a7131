import type { OpenEpisode } from './policy-state.js';
import type { Now } from './policy-step.js';
import { shareAmong } from './signal.js';

/**
 * Whether an episode is worse than its last alert told: an effect that still counts as drift has
 * grown by the factor, or the share of features that drift in it by the step. Each alert moves both
 * marks up, so that the number of alerts grows with the logarithm of the effect.
 */
export function hasWorsened(
  { definition, signals }: Now,
  { told, signals: own, kind }: OpenEpisode,
): boolean {
  const { worsenFactor, worsenShare } = definition.policy;
  const grown = signals.some(({ name, level, strength }) => {
    const before = told.strengths[name];
    if (level !== 'high' || strength === null || before === undefined) return false;
    return own.includes(name) && strength >= worsenFactor * before;
  });
  const step = shareAmong(signals, own) - told.share;
  return grown || (kind === 'drift' && step >= worsenShare - 1e-12);
}
