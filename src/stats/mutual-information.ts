import { chiSquareSf } from './chi-square.js';
import { normalSf } from './normal.js';
import type { Counts } from './shares.js';

export interface MutualInformation {
  /** `insufficient-data` where fewer than two rows or columns hold anything; p is then 1. */
  readonly status: 'ok' | 'insufficient-data';
  /** In nats, and with the bias removed: then negative where there is less than chance makes. */
  readonly value: number;
  readonly corrected: number;
  readonly bias: number;
  /** `2 N` times the value, chi-square with `df` degrees of freedom where nothing depends. */
  readonly statistic: number;
  readonly df: number;
  readonly pValue: number;
  /** Variance of `ln p(x, y) / p(x) p(y)` over the rows, bias removed: N times the value's own. */
  readonly spread: number;
  readonly count: number;
}

/**
 * Mutual information of a binned feature and a label from their table of counts,
 * `joint[bin * columns + label]`, with the bias `(Bx - 1)(By - 1)/2N` of Miller (1955) removed;
 * rows and columns that are empty do not count. Counts add up over panes.
 */
export function mutualInformation(joint: Counts, columns: number): MutualInformation {
  const { byRow, byColumn, count } = margins(joint, columns);
  const filled = (of: Float64Array) => of.filter((one) => one > 0).length;
  const df = Math.max(0, filled(byRow) - 1) * Math.max(0, filled(byColumn) - 1);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < byRow.length * columns; i++) {
    if (!(joint[i]! > 0)) continue;
    const share = joint[i]! / count;
    const information = Math.log(
      (joint[i]! / byRow[Math.floor(i / columns)]!) * (count / byColumn[i % columns]!),
    );
    sum += share * information;
    squares += share * information * information;
  }
  const value = df === 0 ? 0 : Math.max(0, sum);
  const bias = count === 0 ? 0 : df / (2 * count);
  const statistic = 2 * count * value;
  return {
    status: df === 0 ? 'insufficient-data' : 'ok',
    value,
    corrected: value - bias,
    bias,
    statistic,
    df,
    pValue: df === 0 ? 1 : chiSquareSf(statistic, df),
    // Chance alone adds twice the bias, as the spread is twice the value where that is small.
    spread: Math.max(0, squares - sum * sum - 2 * bias),
    count,
  };
}

function margins(joint: Counts, columns: number) {
  const rows = Math.floor(joint.length / columns);
  const byRow = new Float64Array(rows);
  const byColumn = new Float64Array(columns);
  let count = 0;
  for (let i = 0; i < rows * columns; i++) {
    byRow[Math.floor(i / columns)]! += joint[i]!;
    byColumn[i % columns]! += joint[i]!;
    count += joint[i]!;
  }
  return { byRow, byColumn, count };
}

export interface InformationChange {
  readonly status: 'ok' | 'insufficient-data';
  readonly reference: MutualInformation;
  readonly current: MutualInformation;
  /** Current less reference, both corrected, nats. */
  readonly change: number;
  /** Size of the change over the reference's corrected value; null where that is not above 0. */
  readonly relative: number | null;
  readonly z: number;
  readonly pValue: number;
}

/**
 * Whether the mutual information of two tables differs: their corrected difference over its
 * standard error, two-sided normal. The error is that of no change: the spread of both together by
 * the delta method, plus the chi-square law's variance `df / 2N^2`, which is all there is where
 * nothing depends; there, and for like sizes, the test keeps well below its level. It sees how
 * strongly a label depends on a feature, not a dependence that turned round: `conceptHomogeneity`.
 */
export function informationChange(
  reference: Counts,
  current: Counts,
  columns: number,
): InformationChange {
  const from = mutualInformation(reference, columns);
  const to = mutualInformation(current, columns);
  const change = to.corrected - from.corrected;
  const count = Math.max(1, from.count + to.count);
  const spread = (from.count * from.spread + to.count * to.spread) / count;
  const varianceOf = (one: MutualInformation) => (spread + one.bias) / Math.max(1, one.count);
  const error = Math.sqrt(varianceOf(from) + varianceOf(to));
  const isKnown = from.status === 'ok' && to.status === 'ok' && error > 0;
  const z = isKnown ? change / error : 0;
  return {
    status: isKnown ? 'ok' : 'insufficient-data',
    reference: from,
    current: to,
    change: isKnown ? change : 0,
    relative: isKnown && from.corrected > 0 ? Math.abs(change) / from.corrected : null,
    z,
    pValue: Math.min(1, 2 * normalSf(Math.abs(z))),
  };
}

export interface ConceptHomogeneity {
  /** `insufficient-data` where no bin holds enough of both sides; p is then 1. */
  readonly status: 'ok' | 'insufficient-data';
  readonly statistic: number;
  readonly df: number;
  readonly pValue: number;
  /** Bins left out because an expected count was below `minExpected`. */
  readonly skipped: number;
}

/**
 * Whether the label depends on the feature as before: within each bin of the feature the labels of
 * both tables are compared by chi-square, and the sums over bins taken (Cochran, "Some methods for
 * strengthening the common chi-square tests", 1954). A change of the feature's own distribution
 * does not count.
 */
export function conceptHomogeneity(
  reference: Counts,
  current: Counts,
  columns: number,
  minExpected = 5,
): ConceptHomogeneity {
  let statistic = 0;
  let df = 0;
  let skipped = 0;
  for (let from = 0; from + columns <= reference.length; from += columns) {
    const bin = stratum(reference, current, from, columns, minExpected);
    if (bin === null) skipped++;
    else {
      statistic += bin.statistic;
      df += bin.df;
    }
  }
  const status = df === 0 ? 'insufficient-data' : 'ok';
  return { status, statistic, df, pValue: df === 0 ? 1 : chiSquareSf(statistic, df), skipped };
}

/** null where both sides have something and one expects too little; which depends on sums only. */
function stratum(r: Counts, c: Counts, from: number, columns: number, minExpected: number) {
  let n = 0;
  let m = 0;
  for (let i = from; i < from + columns; i++) {
    n += r[i]!;
    m += c[i]!;
  }
  if (n + m === 0) return { statistic: 0, df: 0 };
  let statistic = 0;
  let labels = 0;
  for (let i = from; i < from + columns; i++) {
    const both = r[i]! + c[i]!;
    if (both === 0) continue;
    if ((both * Math.min(n, m)) / (n + m) < minExpected) return null;
    labels++;
    const deviation = r[i]! * m - c[i]! * n;
    statistic += ((deviation / n) * (deviation / m)) / both;
  }
  return { statistic, df: labels - 1 };
}
