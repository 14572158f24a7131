import { chiSquareSf } from './chi-square.js';
import { fisherExact } from './fisher-exact.js';
import { gTest } from './g-test.js';
import { type Counts, total } from './shares.js';

/** Pearson's sum, or that of the likelihood ratio (scipy's `chi2_contingency` has the names). */
export type Lambda = 'pearson' | 'log-likelihood';
type Law = 'chi-square' | 'g-test';
type Method = Law | `${Law}+fisher`;

export interface ChiSquareHomogeneity {
  /** `insufficient-data` where one side is empty or one column is all there is. */
  readonly status: 'ok' | 'insufficient-data';
  readonly statistic: number;
  readonly df: number;
  readonly pValue: number;
  /** `+fisher` where the last pool was too small for the chi-square law. */
  readonly method: Method;
  /** How many bins were pooled. */
  readonly pooled: number;
}

/**
 * Chi-square test that two counts of the same bins come from one law; bins empty on both sides do
 * not count. Bins with an expected count below 5 (Cochran) in either row are pooled, in order,
 * until the pool has it. A last pool that stays below joins the smallest column for the chi-square,
 * and Fisher's exact test of it against the rest stands beside: p is then twice the smaller of the
 * two, at most 1. So a category that never was before is seen, however rare.
 *
 * Far out Pearson's sum is too large where counts are small (expected 10: p < 1e-6 comes ten times
 * as often); the log-likelihood ratio, over Williams' correction (1976), keeps to the law there.
 * Counts need not be whole: divided by a design effect they stand for as many independent rows.
 */
export function chiSquareHomogeneity(
  reference: Counts,
  current: Counts,
  lambda: Lambda = 'pearson',
): ChiSquareHomogeneity {
  const law = lambda === 'pearson' ? 'chi-square' : 'g-test';
  const n = total(reference);
  const m = total(current);
  const scarcer = n + m === 0 ? 0 : Math.min(n, m) / (n + m);
  const { columns, rest, pooled } = pool(reference, current, MIN_EXPECTED / scarcer);
  const hasRest = rest.r + rest.c > 0;
  if (n === 0 || m === 0 || columns.length + (hasRest ? 1 : 0) < 2) {
    return { status: 'insufficient-data', statistic: 0, df: 0, pValue: 1, method: law, pooled };
  }
  const test = lambda === 'pearson' ? pearson : logLikelihood;
  if (!hasRest) return { status: 'ok', ...test(columns, n, m), method: law, pooled };
  const [r, c] = [Math.round(rest.r), Math.round(rest.c)];
  const exact = fisherExact(r, c, Math.round(n) - r, Math.round(m) - c);
  columns.sort((a, b) => b.r + b.c - (a.r + a.c));
  const smallest = columns.pop()!;
  columns.push({ r: smallest.r + rest.r, c: smallest.c + rest.c });
  const main = test(columns, n, m);
  const pValue = main.df === 0 ? exact : Math.min(1, 2 * Math.min(exact, main.pValue));
  return { status: 'ok', ...main, pValue, method: `${law}+fisher`, pooled };
}

const MIN_EXPECTED = 5;

interface Column {
  r: number;
  c: number;
}

/**
 * Columns of `least` counts or more, both rows together: bins, and in their order pools of bins too
 * small alone. Only sums over both rows decide, so the law given the margins stays what it is.
 */
function pool(reference: Counts, current: Counts, least: number) {
  const columns: Column[] = [];
  let rest: Column = { r: 0, c: 0 };
  let pooled = 0;
  for (let i = 0; i < reference.length; i++) {
    const r = reference[i]!;
    const c = current[i]!;
    if (r + c === 0) continue;
    if (r + c >= least) {
      columns.push({ r, c });
      continue;
    }
    pooled++;
    rest.r += r;
    rest.c += c;
    if (rest.r + rest.c < least) continue;
    columns.push(rest);
    rest = { r: 0, c: 0 };
  }
  return { columns, rest, pooled };
}

function pearson(columns: readonly Column[], n: number, m: number) {
  let statistic = 0;
  for (const { r, c } of columns) {
    const sum = r + c;
    // Both rows at once: (r - e)^2 (1/e_r + 1/e_c) with the same deviation in each.
    const deviation = r * m - c * n;
    statistic += ((deviation / n) * (deviation / m)) / sum;
  }
  const df = columns.length - 1;
  return { statistic, df, pValue: df === 0 ? 1 : chiSquareSf(statistic, df) };
}

/** The G-test, over Williams' correction of a table of two rows (Sokal and Rohlf). */
function logLikelihood(columns: readonly Column[], n: number, m: number) {
  const reference = Float64Array.from(columns, ({ r }) => r);
  const current = Float64Array.from(columns, ({ c }) => c);
  const { statistic: found, df } = gTest(reference, current);
  if (df === 0) return { statistic: 0, df, pValue: 1 };
  const all = n + m;
  let inverse = 0;
  for (const { r, c } of columns) inverse += 1 / (r + c);
  const correction = 1 + ((all / n + all / m - 1) * (all * inverse - 1)) / (6 * all * df);
  const statistic = found / correction;
  return { statistic, df, pValue: chiSquareSf(statistic, df) };
}
