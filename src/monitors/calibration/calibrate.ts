import { chiSquareIsf } from '../../stats/chi-square.js';
import { ksCriticalDistance } from '../../stats/ks-critical-distance.js';
import { checkedDesign, type Design } from './design.js';

export type { Design } from './design.js';

export interface Calibration {
  /** A look at one test of one feature is significant where its p-value is below this. */
  readonly level: number;
  /** How the level was had. */
  readonly method: 'simulated' | 'bonferroni';
  /** Streams that were simulated, of one feature each. */
  readonly runs: number;
  readonly seed: number;
  /** Statistics that are just significant at the level, for the design's sizes. */
  readonly critical: {
    /** Kolmogorov-Smirnov distance. */
    readonly ks: number;
    /** PSI over 10 bins, not bias-corrected. */
    readonly psi: number;
  };
}

/**
 * The p-value level at which the rule of the design (any test of a feature significant now, and in
 * `periods` of the last `ofPeriods` looks) alarms with chance `alpha` over all its features and
 * looks, where nothing drifts.
 * @throws WeirError definition-invalid
 */
export function calibrate(design: Design): Calibration {
  const { features, looks, alpha, tests, nReference, nWindow } = checkedDesign(design);
  const level = alpha / (features * tests.length * looks);
  const critical = {
    ks: ksCriticalDistance(level, nReference, nWindow),
    psi: chiSquareIsf(level, 9) * (1 / nReference + 1 / nWindow),
  };
  return { level, method: 'bonferroni', runs: 0, seed: 0, critical };
}
