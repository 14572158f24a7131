import { cellKind } from '../datasets/cell.js';
import { type CollectedColumn, categoryOf, finiteValues } from '../datasets/collected-column.js';
import {
  binaryTest,
  type GroupsTest,
  groupsTest,
  rareBelow,
} from '../monitors/calibration/evidence.js';
import { categoryApart } from '../stats/category-apart.js';
import { chiSquareIsf, chiSquareSf } from '../stats/chi-square.js';
import { chiSquareHomogeneity } from '../stats/chi-square-homogeneity.js';
import { ksCriticalDistance } from '../stats/ks-critical-distance.js';
import { ksTwoSample } from '../stats/ks-two-sample.js';
import { addValue, createMoments, sampleVariance } from '../stats/moments.js';
import { psi } from '../stats/psi.js';
import { type Counts, total } from '../stats/shares.js';
import { totalVariation } from '../stats/total-variation.js';
import { wasserstein } from '../stats/wasserstein.js';
import {
  divergenceTest,
  type Figures,
  insufficient,
  judged,
  type Sizes,
  tooFewForBins,
  variationTest,
  wassersteinJudged,
} from './comparison.js';
import { countSorted, decileBins } from './decile-bins.js';
import { nullsTest } from './nulls-test.js';
import { verdictOf } from './verdict.js';

const rowsMin = 1;
/** Degrees of freedom from which on a sum over all categories drowns one of them. */
export const manyCategories = 10;

/** A numeric column, once sorted. */
export interface NumberSide {
  /** Finite values, ascending. */
  readonly sorted: Float64Array;
  readonly rows: number;
}

export function numberSide(column: CollectedColumn): NumberSide {
  return { sorted: finiteValues(column).sort(), rows: column.values.length };
}

/** Every test of a numeric column over whole files, exact. */
export function numericTests(
  { sorted: first, rows: nReference }: NumberSide,
  { sorted: second, rows: nCurrent }: NumberSide,
  level: number,
): readonly Figures[] {
  const sizes = { nReference: first.length, nCurrent: second.length };
  const missing = { reference: nReference - first.length, current: nCurrent - second.length };
  const nulls = nullsTest(sizes, missing, level);
  if (Math.min(first.length, second.length) < rowsMin) {
    const side = first.length < rowsMin ? 'the reference' : 'the input';
    const detail = `expected numbers, found ${Math.min(first.length, second.length)} in ${side}`;
    const names = ['psi', 'ks', 'js', 'hellinger', 'tv', 'wasserstein'] as const;
    return [...names.map((name) => insufficient(name, sizes, detail)), ...nulls];
  }
  const bins = decileBins(first);
  const reference = withMissing(countSorted(bins, first), missing.reference);
  const current = withMissing(countSorted(bins, second), missing.current);
  const ks = ksTest(first, second, level);
  const [psiFigures, ...distances] = binTests(reference, current, level);
  return [psiFigures, ks, ...distances, wassersteinTest(first, second, ks, level), ...nulls];
}

/** Every test of a categorical column over whole files, exact. */
export function categoricalTests(
  reference: CollectedColumn,
  current: CollectedColumn,
  level: number,
): readonly Figures[] {
  const { first: r, second: c } = sharedCounts(frequencies(reference), frequencies(current));
  const sizes = { nReference: total(r), nCurrent: total(c) };
  const missing = {
    reference: reference.values.length - sizes.nReference,
    current: current.values.length - sizes.nCurrent,
  };
  const nulls = nullsTest(sizes, missing, level);
  if (sizes.nReference < rowsMin || sizes.nCurrent < rowsMin) {
    const detail = `expected values on each side, found ${sizes.nReference} and ${sizes.nCurrent}`;
    const names = ['psi', 'chi2', 'js', 'hellinger', 'tv'] as const;
    return [...names.map((name) => insufficient(name, sizes, detail)), ...nulls];
  }
  const [psiFigures, ...distances] = binTests(
    withMissing(r, missing.reference),
    withMissing(c, missing.current),
    level,
  );
  return [psiFigures, chiSquareTest(r, c, level), ...distances, ...nulls];
}

/**
 * Counts of the categories of both sides, the most frequent of both together first, equal ones by
 * their text. Rare ones are pooled in this order, so it must not depend on the side: with those of
 * the input alone at the end a pool would hold one side only, and always look like drift.
 */
function sharedCounts(first: ReadonlyMap<string, number>, second: ReadonlyMap<string, number>) {
  const all = [...new Set([...first.keys(), ...second.keys()])].map((category) => ({
    category,
    r: first.get(category) ?? 0,
    c: second.get(category) ?? 0,
  }));
  all.sort((a, b) => b.r + b.c - (a.r + a.c) || (a.category < b.category ? -1 : 1));
  return {
    first: Float64Array.from(all, ({ r }) => r),
    second: Float64Array.from(all, ({ c }) => c),
  };
}

function withMissing(counts: Float64Array, missing: number): Float64Array {
  const all = new Float64Array(counts.length + 1);
  all.set(counts);
  all[counts.length] = missing;
  return all;
}

/** How often each category comes. */
export function frequencies({ kinds, values, texts }: CollectedColumn): Map<string, number> {
  const byValue = new Map<string, number>();
  const byCode = new Map<number, number>();
  for (let i = 0; i < kinds.length; i++) {
    const kind = kinds[i]!;
    if (kind === cellKind.text) {
      const code = values[i]!;
      byCode.set(code, (byCode.get(code) ?? 0) + 1);
      continue;
    }
    const category = categoryOf(kind, values[i]!, texts);
    if (category !== null) byValue.set(category, (byValue.get(category) ?? 0) + 1);
  }
  for (const [code, count] of byCode) {
    const category = categoryOf(cellKind.text, code, texts)!; // a text is a category
    byValue.set(category, (byValue.get(category) ?? 0) + count);
  }
  return byValue;
}

/** The tests of counts in bins, PSI first; it tells where total variation is significant. */
function binTests(reference: Counts, current: Counts, level: number): [Figures, ...Figures[]] {
  const other = groupsTest(reference, current);
  const psiFigures = psiTest(reference, current, other, level);
  return [
    psiFigures,
    divergenceTest('js', reference, current, level, 1, other),
    divergenceTest('hellinger', reference, current, level, 1, other),
    variationTest(reference, current, psiFigures, level),
  ];
}

interface RareTest extends GroupsTest {
  readonly status: 'ok' | 'insufficient-data';
  readonly df: number;
}

/**
 * The test that is significant in place of Pearson's where fewer than 80 rows of a category are
 * expected in the smaller file: a G-test, small categories pooled; else null.
 */
function rareTest(reference: Counts, current: Counts): RareTest | null {
  const least = rareBelow(total(reference), total(current));
  for (let i = 0; i < reference.length; i++) {
    const both = reference[i]! + current[i]!;
    if (both > 0 && both < least) {
      const found = chiSquareHomogeneity(reference, current, 'log-likelihood');
      return { ...found, ...binaryTest(reference, current) };
    }
  }
  return null;
}

function psiTest(
  reference: Counts,
  current: Counts,
  other: GroupsTest | null,
  level: number,
): Figures {
  const found = psi(reference, current, { alpha: level });
  const sizes = { nReference: found.referenceCount, nCurrent: found.currentCount };
  const pValue = found.groups < 2 ? 1 : (other?.pValue ?? found.pValue);
  const figures = judged('psi', sizes, {
    statistic: found.value,
    pValue,
    method: `${other?.method ?? 'chi2'}, ${found.groups} bins`,
    effect: found.corrected,
    critical: other === null ? found.critical : null,
    verdict: verdictOf('psi', pValue < level, found.corrected),
  });
  return tooFewForBins(figures, found.groups);
}

function ksTest(first: Float64Array, second: Float64Array, level: number): Figures {
  const sizes = { nReference: first.length, nCurrent: second.length };
  const { statistic, pValue, method } = ksTwoSample(first, second);
  if (!canTell(sizes, level)) {
    const detail = `expected enough rows for p below ${level.toPrecision(2)}, found ${sizes.nReference} and ${sizes.nCurrent}`;
    return insufficient('ks', sizes, detail);
  }
  return judged('ks', sizes, {
    statistic,
    pValue,
    method,
    effect: statistic,
    critical: ksCriticalDistance(level, first.length, second.length),
    verdict: verdictOf('ks', pValue < level, statistic),
  });
}

/** Whether samples that lie wholly apart would be significant. */
function canTell({ nReference, nCurrent }: Sizes, level: number): boolean {
  if (Math.min(nReference, nCurrent) > 100) return true;
  const apart = new Float64Array(nCurrent).fill(1);
  return ksTwoSample(new Float64Array(nReference), apart).pValue < level;
}

/** The effect is the distance in standard deviations of the reference. */
function wassersteinTest(
  first: Float64Array,
  second: Float64Array,
  by: Figures,
  level: number,
): Figures {
  const sizes = { nReference: first.length, nCurrent: second.length };
  if (by.verdict === 'insufficient-data') return insufficient('wasserstein', sizes, by.detail);
  const statistic = wasserstein(first, second) ?? 0;
  const deviation = deviationOf(first);
  const method = 'significance by ks';
  return wassersteinJudged(sizes, { statistic, deviation, method }, by, level);
}

/** Sample standard deviation, of any size of the values: squares are taken of their shares. */
function deviationOf(sorted: Float64Array): number {
  const largest = Math.max(Math.abs(sorted[0]!), Math.abs(sorted.at(-1)!));
  if (largest === 0) return 0;
  const moments = createMoments();
  for (const value of sorted) addValue(moments, value / largest);
  return Math.sqrt(sampleVariance(moments) ?? 0) * largest;
}

/**
 * Pearson's chi-square of the table of both sides, as scipy's `chi2_contingency` with its defaults:
 * Yates' correction where there are two categories, no pooling. Where fewer than 80 rows of a
 * category are expected in the smaller file its law does not hold far out: the figures stand, and
 * the verdict is that of a G-test, small categories pooled, and where they are many of Fisher's
 * test of the one most apart. The effect is the total variation.
 */
function chiSquareTest(reference: Counts, current: Counts, level: number): Figures {
  const sizes: Sizes = { nReference: total(reference), nCurrent: total(current) };
  const effect = totalVariation(reference, current);
  const categories = reference.length;
  if (categories < 2) {
    const same = { statistic: 0, pValue: 1, method: 'one category', effect: 0, critical: null };
    return judged('chi2', sizes, { ...same, verdict: 'ok' });
  }
  const isYates = categories === 2;
  const statistic = pearson(reference, current, sizes, isYates ? 0.5 : 0);
  const pValue = chiSquareSf(statistic, categories - 1);
  const figures = judged('chi2', sizes, {
    statistic,
    pValue,
    method: isYates ? 'chi-square, Yates' : 'chi-square',
    effect,
    critical: chiSquareIsf(level, categories - 1),
    verdict: verdictOf('chi2', pValue < level, effect),
  });
  const other = rareTest(reference, current);
  if (other === null) return figures;
  const apart = other.df < manyCategories ? 1 : categoryApart(reference, current);
  return { ...figures, ...rareVerdict(other, apart, effect, level) };
}

/** @param apart p of the category most apart where a sum over all drowns it, else 1 */
function rareVerdict(other: RareTest, apart: number, effect: number, level: number) {
  const { status, df } = other;
  const pValue =
    df < manyCategories ? other.pValue : Math.min(1, 2 * Math.min(other.pValue, apart));
  const method = apart < other.pValue ? 'fisher of one' : other.method;
  if (status !== 'ok') {
    const detail = 'too few rows for two categories';
    return { verdict: 'insufficient-data', detail } as const;
  }
  return {
    verdict: verdictOf('chi2', pValue < level, effect),
    detail: `rare categories: verdict by ${method} of ${df + 1}, p ${pValue === 0 ? 'below 1e-300' : pValue.toPrecision(3)}`,
  };
}

function pearson(reference: Counts, current: Counts, sizes: Sizes, correction: number): number {
  const { nReference: n, nCurrent: m } = sizes;
  let statistic = 0;
  for (let i = 0; i < reference.length; i++) {
    const sum = reference[i]! + current[i]!;
    const expected = (sum * n) / (n + m);
    const gap = Math.abs(reference[i]! - expected);
    const apart = gap - Math.min(correction, gap);
    statistic += apart * apart * (1 / expected + (n + m) / (sum * m));
  }
  return statistic;
}
