import type { MonitorSettings } from './monitor-settings.js';
import type { TestName } from './report.js';

/** Tests that share a p-value: `tv` is significant where `psi` is, `wasserstein` where `ks` is. */
const ownP: readonly (readonly TestName[])[] = [
  ['psi', 'tv'],
  ['ks', 'chi2', 'wasserstein'],
  ['js'],
  ['hellinger'],
  ['nulls'],
];

/**
 * The level of each test over whole files: alpha over all p-values (Bonferroni), five a column
 * unless `tests` leaves some out, and one for `mmd`.
 */
export function wholeFileLevel(
  { alpha, tests }: Pick<MonitorSettings, 'alpha' | 'tests'>,
  columns: number,
): number {
  const ofColumn = ownP.filter((names) => tests === null || names.some((n) => tests.includes(n)));
  const joint = tests?.includes('mmd') ? 1 : 0;
  return alpha / Math.max(1, ofColumn.length * columns + joint);
}
