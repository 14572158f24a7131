import { chiSquareSf } from './chi-square.js';
import { fisherExact } from './fisher-exact.js';
import { type Counts, total } from './shares.js';

export interface ChiSquareHomogeneity {
  /** `insufficient-data` where one side is empty or one column is all there is. */
  readonly status: 'ok' | 'insufficient-data';
  readonly statistic: number;
  readonly df: number;
  readonly pValue: number;
  /** `chi-square+fisher` where the last pool was too small for the chi-square law. */
  readonly method: 'chi-square' | 'chi-square+fisher';
  /** How many bins were pooled. */
  readonly pooled: number;
}

/**
 * Chi-square test that two counts of the same bins come from one law; bins empty on both sides do
 * not count. Bins with an expected count below `minExpected` (5, Cochran) in either row are pooled,
 * in their order, until the pool has it. A last pool that stays below joins the smallest column for
 * the chi-square, and Fisher's exact test of it against the rest stands beside: p is then twice the
 * smaller of the two, at most 1. So a category that never was before is seen, however rare.
 */
export function chiSquareHomogeneity(
  reference: Counts,
  current: Counts,
  minExpected = 5,
): ChiSquareHomogeneity {
  const n = total(reference);
  const m = total(current);
  const scarcer = n + m === 0 ? 0 : Math.min(n, m) / (n + m);
  const { columns, rest, pooled } = pool(reference, current, minExpected / scarcer);
  const hasRest = rest.r + rest.c > 0;
  if (n === 0 || m === 0 || columns.length + (hasRest ? 1 : 0) < 2) {
    const method = 'chi-square';
    return { status: 'insufficient-data', statistic: 0, df: 0, pValue: 1, method, pooled };
  }
  if (!hasRest) return { status: 'ok', ...pearson(columns, n, m), method: 'chi-square', pooled };
  const exact = fisherExact(rest.r, rest.c, n - rest.r, m - rest.c);
  columns.sort((a, b) => b.r + b.c - (a.r + a.c));
  const smallest = columns.pop()!;
  columns.push({ r: smallest.r + rest.r, c: smallest.c + rest.c });
  const main = pearson(columns, n, m);
  const pValue = main.df === 0 ? exact : Math.min(1, 2 * Math.min(exact, main.pValue));
  return { status: 'ok', ...main, pValue, method: 'chi-square+fisher', pooled };
}

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
