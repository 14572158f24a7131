import { cellKind } from '../datasets/cell.js';
import { type CollectedColumn, categoryOf, finiteValues } from '../datasets/collected-column.js';
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
  variationTest,
  wassersteinJudged,
} from './comparison.js';
import { countSorted, decileBins } from './decile-bins.js';
import { nullsTest } from './nulls-test.js';
import { verdictOf } from './verdict.js';

const rowsMin = 1;

/** Every test of a numeric column over whole files, exact. */
export function numericTests(
  reference: CollectedColumn,
  current: CollectedColumn,
  level: number,
): readonly Figures[] {
  const first = finiteValues(reference).sort();
  const second = finiteValues(current).sort();
  const sizes = { nReference: first.length, nCurrent: second.length };
  const missing = {
    reference: reference.values.length - first.length,
    current: current.values.length - second.length,
  };
  const nulls = nullsTest(sizes, missing, level);
  if (Math.min(first.length, second.length) < rowsMin) {
    const side = first.length < rowsMin ? 'the reference' : 'the input';
    const detail = `expected numbers, found ${Math.min(first.length, second.length)} in ${side}`;
    return [insufficient('psi', sizes, detail), insufficient('ks', sizes, detail), ...nulls];
  }
  const bins = decileBins(first);
  const counts = {
    reference: withMissing(countSorted(bins, first), missing.reference),
    current: withMissing(countSorted(bins, second), missing.current),
  };
  const ks = ksTest(first, second, level);
  return [
    psiTest(counts.reference, counts.current, level),
    ks,
    ...distances(counts.reference, counts.current, ks, level),
    wassersteinTest(first, second, ks, level),
    ...nulls,
  ];
}

/** Every test of a categorical column over whole files, exact. */
export function categoricalTests(
  reference: CollectedColumn,
  current: CollectedColumn,
  level: number,
): readonly Figures[] {
  const first = frequencies(reference);
  const second = frequencies(current);
  const categories = [...new Set([...first.keys(), ...second.keys()])];
  const r = Float64Array.from(categories, (category) => first.get(category) ?? 0);
  const c = Float64Array.from(categories, (category) => second.get(category) ?? 0);
  const sizes = { nReference: total(r), nCurrent: total(c) };
  const missing = {
    reference: reference.values.length - sizes.nReference,
    current: current.values.length - sizes.nCurrent,
  };
  const nulls = nullsTest(sizes, missing, level);
  if (sizes.nReference < rowsMin || sizes.nCurrent < rowsMin) {
    const detail = `expected values on each side, found ${sizes.nReference} and ${sizes.nCurrent}`;
    return [insufficient('psi', sizes, detail), insufficient('chi2', sizes, detail), ...nulls];
  }
  const withNulls = {
    reference: withMissing(r, missing.reference),
    current: withMissing(c, missing.current),
  };
  const chi2 = chiSquareTest(r, c, level);
  return [
    psiTest(withNulls.reference, withNulls.current, level),
    chi2,
    ...distances(withNulls.reference, withNulls.current, chi2, level),
    ...nulls,
  ];
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

function psiTest(reference: Counts, current: Counts, level: number): Figures {
  const found = psi(reference, current, { alpha: level });
  const sizes = { nReference: found.referenceCount, nCurrent: found.currentCount };
  const figures = judged('psi', sizes, {
    statistic: found.value,
    pValue: found.pValue,
    method: `chi2, ${found.groups} bins`,
    effect: found.corrected,
    critical: found.critical,
    verdict: verdictOf('psi', found.pValue < level, found.corrected),
  });
  if (found.status === 'ok') return figures;
  const detail = `expected 20 rows a bin, ${20 * found.groups}, found ${found.currentCount}`;
  return { ...figures, verdict: 'insufficient-data', detail };
}

function ksTest(first: Float64Array, second: Float64Array, level: number): Figures {
  const sizes = { nReference: first.length, nCurrent: second.length };
  const { statistic, pValue, method } = ksTwoSample(first, second);
  return judged('ks', sizes, {
    statistic,
    pValue,
    method,
    effect: statistic,
    critical: ksCriticalDistance(level, first.length, second.length),
    verdict: verdictOf('ks', pValue < level, statistic),
  });
}

function distances(reference: Counts, current: Counts, by: Figures, level: number): Figures[] {
  return [
    divergenceTest('js', reference, current, level),
    divergenceTest('hellinger', reference, current, level),
    variationTest(reference, current, by, level),
  ];
}

/** The effect is the distance in standard deviations of the reference. */
function wassersteinTest(
  first: Float64Array,
  second: Float64Array,
  by: Figures,
  level: number,
): Figures {
  const sizes = { nReference: first.length, nCurrent: second.length };
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
 * Yates' correction where there are two categories, no pooling. Where more than a fifth of the
 * expected counts are below 5, or one below 1 (Cochran 1954), the figures stand, and the verdict is
 * that of `chiSquareHomogeneity`, small categories pooled. The effect is the total variation.
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
  return isLargeEnough(reference, current, sizes)
    ? figures
    : { ...figures, ...pooledVerdict(reference, current, effect, level) };
}

/** Where the chi-square law does not hold, the verdict of the pooled table and Fisher's test. */
function pooledVerdict(reference: Counts, current: Counts, effect: number, level: number) {
  const { status, df, pValue, method } = chiSquareHomogeneity(reference, current);
  if (status !== 'ok') {
    const detail = 'too few rows for two categories';
    return { verdict: 'insufficient-data', detail } as const;
  }
  return {
    verdict: verdictOf('chi2', pValue < level, effect),
    detail: `small expected counts: verdict by ${method}, pooled to ${df + 1} categories, p ${pValue.toPrecision(3)}`,
  };
}

function isLargeEnough(reference: Counts, current: Counts, { nReference, nCurrent }: Sizes) {
  const scarcer = Math.min(nReference, nCurrent) / (nReference + nCurrent);
  let small = 0;
  for (let i = 0; i < reference.length; i++) {
    const sum = reference[i]! + current[i]!;
    if (sum * scarcer < 1) return false;
    if (sum * scarcer < 5) small++;
    if (sum * (1 - scarcer) < 5) small++;
  }
  return small <= 0.2 * 2 * reference.length;
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
