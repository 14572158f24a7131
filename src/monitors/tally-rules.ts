import type { BusinessFigure } from './business.js';
import type { Expectation } from './expectation.js';
import type { PerformanceSettings } from './performance.js';

/** What a monitor counts of its rows beside the bins of their features. */
export interface TallyRules {
  /** Names of categorical features by whose values rows are told apart too. */
  readonly segments: readonly string[];
  /** Values of such a feature that are a segment of their own; the rest is `other`. */
  readonly segmentsMax: number;
  readonly expectations: readonly Expectation[];
  readonly performance: PerformanceSettings;
  readonly business: readonly BusinessFigure[];
}
