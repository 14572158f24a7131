import type { ColumnType } from './column-type.js';
import type { MonitorSettings } from './monitor-settings.js';
import { type TestName, testNames } from './report.js';

const ofAll = ['psi', 'js', 'hellinger', 'tv', 'nulls'] as const;
const ofCategories: readonly TestName[] = [...ofAll, 'chi2'];

/** The tests of a column of a kind, in the order of `testNames`. */
function suited(type: ColumnType, window: number | null): readonly TestName[] {
  const ofNumbers: readonly TestName[] = [...ofAll, 'ks', 'wasserstein'];
  const known = type === 'category' ? ofCategories : ofNumbers;
  return testNames.filter(
    (name) =>
      known.includes(name) || (name === 'rank-sum' && type !== 'category' && window !== null),
  );
}

/** Why none of the tests that were asked for is made of a column; null where one is. */
export function unsuited(
  { tests, window }: Pick<MonitorSettings, 'tests' | 'window'>,
  type: ColumnType,
): string | null {
  const own = tests?.filter((name) => name !== 'mmd') ?? [];
  if (own.length === 0) return null;
  const known = suited(type, window);
  if (own.some((name) => known.includes(name))) return null;
  const what = type === 'category' ? 'a category' : 'a number';
  return `expected a test of ${what} in --tests (${known.join(', ')}); found ${own.join(', ')}`;
}

/** The test that is named where a column is told to be untested. */
export function namedTest({ tests }: Pick<MonitorSettings, 'tests'>): TestName {
  return tests?.[0] ?? 'psi';
}
