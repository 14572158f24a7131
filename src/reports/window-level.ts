import { calibrate } from '../monitors/calibration/calibrate.js';
import type { Design, SlidingTest, ValueLaw } from '../monitors/calibration/design.js';
import { lawOf } from '../monitors/calibration/value-law.js';
import { openedBy } from './episode-tracker.js';
import type { FrozenColumn } from './frozen-column.js';
import type { MonitorSettings } from './monitor-settings.js';
import type { TestName } from './report.js';

/**
 * The simulated test whose null law and behaviour from window to window a test shares: distances
 * over bins are chi-square in the limit, as PSI is, and some are significant where KS is.
 */
const like: Readonly<Record<TestName, SlidingTest>> = {
  psi: 'psi',
  ks: 'ks',
  'rank-sum': 'rank-sum',
  chi2: 'psi',
  js: 'psi',
  hellinger: 'psi',
  tv: 'ks',
  wasserstein: 'ks',
  nulls: 'psi',
  mmd: 'psi',
};

const usual: ReadonlySet<TestName> = new Set(['psi', 'ks', 'rank-sum', 'chi2', 'nulls']);

/** Tests of windows: any of them opens an episode. */
export function watchedTests({ tests }: Pick<MonitorSettings, 'tests'>): ReadonlySet<TestName> {
  return tests === null ? usual : new Set(tests);
}

export type Sizes = Pick<
  Design,
  'features' | 'nReference' | 'nWindow' | 'slide' | 'alpha' | 'looks'
>;

/**
 * The level of each test at which any of `tests` opens an episode with chance `alpha` over all
 * features and `looks` windows where nothing drifts, by the rule that opens one: for columns of a
 * law of values, by default of any.
 */
export function windowLevel(
  sizes: Sizes,
  tests: ReadonlySet<TestName>,
  law: ValueLaw = 'any',
): number {
  const simulated = [...new Set([...tests].map((test) => like[test]))];
  return calibrate({ ...sizes, ...openedBy, tests: simulated, law }).level;
}

/** The law that the level of a column is for; of a point mass all tests are of the same numbers. */
export function columnLaw(column: FrozenColumn): ValueLaw {
  const law = lawOf(column.counts);
  const isOther = column.type === 'category' || hasMissing(column);
  return law === 'point-mass' && isOther ? 'any' : law;
}

/**
 * What counts as a feature: a column, once more where the share of its nulls may change, and all
 * columns together where that is asked for.
 */
export function featuresOf(columns: readonly FrozenColumn[], tests: ReadonlySet<TestName>): number {
  let features = columns.length + Number(tests.has('mmd'));
  if (tests.has('nulls')) features += columns.filter(hasMissing).length;
  return Math.max(1, features);
}

const hasMissing = ({ counts, firstMissing }: FrozenColumn): boolean =>
  counts.subarray(firstMissing).some((count) => count > 0);

/**
 * Windows that the promise is for, unless it is said: 1,000, and more the fewer features there are.
 * 50 features and 1,000 windows meet the goals of delay, so fewer need not alarm any earlier.
 */
export function looksByDefault(features: number): number {
  return Math.ceil(1000 * Math.max(1, 50 / features));
}
