import { normalIsf, normalSf } from './normal.js';
import { ranks } from './ranks.js';
import type { Counts } from './shares.js';
import { studentTSf } from './student-t.js';

export interface Correlation {
  /** `insufficient-data` below three pairs or where a side does not vary; r is 0 and p is 1. */
  readonly status: 'ok' | 'insufficient-data';
  readonly r: number;
  /** Two-sided, by Student's t with n - 2 degrees of freedom, as scipy's. */
  readonly pValue: number;
  readonly count: number;
}

/**
 * Pearson's correlation of pairs; with labels of 0 and 1 it is the point-biserial one. Pairs with a
 * value that is not finite are left out.
 */
export function pearson(first: ArrayLike<number>, second: ArrayLike<number>): Correlation {
  return centred(...finitePairs(first, second));
}

/**
 * Spearman's rank correlation of pairs, ties sharing the mean of their ranks. Pairs with a value
 * that is not finite are left out.
 */
export function spearman(first: ArrayLike<number>, second: ArrayLike<number>): Correlation {
  const [x, y] = finitePairs(first, second);
  return centred(ranks(x), ranks(y));
}

/**
 * Spearman's rank correlation of a table of counts, `joint[row * columns + column]`, rows and
 * columns in ascending order: that of the binned pairs, so that panes add up.
 */
export function spearmanOfCounts(joint: Counts, columns: number): Correlation {
  const rows = Math.floor(joint.length / columns);
  const byRow = new Float64Array(rows);
  const byColumn = new Float64Array(columns);
  for (let i = 0; i < rows * columns; i++) {
    byRow[Math.floor(i / columns)]! += joint[i]!;
    byColumn[i % columns]! += joint[i]!;
  }
  const x = centredMidRanks(byRow);
  const y = centredMidRanks(byColumn);
  let products = 0;
  for (let i = 0; i < rows * columns; i++) {
    products += joint[i]! * x.ranks[Math.floor(i / columns)]! * y.ranks[i % columns]!;
  }
  return correlation(products, x.squares, y.squares, x.count);
}

/** Mean rank of each of the ascending groups, less the mean of all. */
function centredMidRanks(counts: Float64Array) {
  let count = 0;
  for (const one of counts) count += one;
  const middle = new Float64Array(counts.length);
  let before = 0;
  let squares = 0;
  for (let i = 0; i < counts.length; i++) {
    middle[i] = before + counts[i]! / 2 - count / 2;
    squares += counts[i]! * middle[i]! ** 2;
    before += counts[i]!;
  }
  return { ranks: middle, squares, count };
}

function finitePairs(first: ArrayLike<number>, second: ArrayLike<number>): [number[], number[]] {
  const x: number[] = [];
  const y: number[] = [];
  for (let i = 0; i < Math.min(first.length, second.length); i++) {
    if (!Number.isFinite(first[i]) || !Number.isFinite(second[i])) continue;
    x.push(first[i]!);
    y.push(second[i]!);
  }
  return [x, y];
}

function centred(x: ArrayLike<number>, y: ArrayLike<number>): Correlation {
  const n = x.length;
  const meanX = mean(x);
  const meanY = mean(y);
  let products = 0;
  let squaresX = 0;
  let squaresY = 0;
  for (let i = 0; i < n; i++) {
    const dx = x[i]! - meanX;
    const dy = y[i]! - meanY;
    products += dx * dy;
    squaresX += dx * dx;
    squaresY += dy * dy;
  }
  return correlation(products, squaresX, squaresY, n);
}

/** Twice: what the rounding of the first mean left is added. */
function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const first = sum / values.length;
  let rest = 0;
  for (let i = 0; i < values.length; i++) rest += values[i]! - first;
  return first + rest / values.length;
}

function correlation(
  products: number,
  squaresX: number,
  squaresY: number,
  count: number,
): Correlation {
  const product = squaresX * squaresY;
  // One root keeps a perfect correlation at 1, two keep large and small scales.
  const isPlain = product > 1e-280 && product < Number.POSITIVE_INFINITY;
  const scale = isPlain ? Math.sqrt(product) : Math.sqrt(squaresX) * Math.sqrt(squaresY);
  if (count < 3 || !(scale > 0)) return { status: 'insufficient-data', r: 0, pValue: 1, count };
  const r = Math.max(-1, Math.min(1, products / scale));
  const t = Math.abs(r) * Math.sqrt((count - 2) / ((1 - r) * (1 + r)));
  return { status: 'ok', r, pValue: Math.min(1, 2 * studentTSf(t, count - 2)), count };
}

export interface CorrelationChange {
  /** `insufficient-data` where a side has none or at most three pairs; p is then 1. */
  readonly status: 'ok' | 'insufficient-data';
  /** Current less reference. */
  readonly change: number;
  readonly z: number;
  readonly pValue: number;
  /** Interval of the change at level 1 - alpha (Zou, 2007). */
  readonly low: number;
  readonly high: number;
}

/**
 * Whether two samples have the same correlation: the difference of Fisher's `atanh r` with
 * variances `1 / (n - 3)`, for ranks `(1 + r^2/2) / (n - 3)` (Bonett and Wright, "Sample size
 * requirements for estimating Pearson, Kendall and Spearman correlations", 2000).
 */
export function correlationChange(
  reference: Correlation,
  current: Correlation,
  kind: 'pearson' | 'spearman',
  alpha = 0.05,
): CorrelationChange {
  const change = current.r - reference.r;
  const isKnown = (one: Correlation) => one.status === 'ok' && one.count > 3;
  if (!isKnown(reference) || !isKnown(current)) {
    return { status: 'insufficient-data', change: 0, z: 0, pValue: 1, low: -2, high: 2 };
  }
  const [from, to] = [fisher(reference, kind), fisher(current, kind)];
  const error = Math.sqrt(from.variance + to.variance);
  // Equal ones of size 1 are infinitely far out both, and not apart.
  const z = change === 0 ? 0 : (to.value - from.value) / error;
  const width = normalIsf(alpha / 2);
  const ends = (one: typeof from) => [
    Math.tanh(one.value - width * Math.sqrt(one.variance)),
    Math.tanh(one.value + width * Math.sqrt(one.variance)),
  ];
  const [fromLow, fromHigh] = ends(from) as [number, number]; // two are returned
  const [toLow, toHigh] = ends(to) as [number, number]; // as above
  return {
    status: 'ok',
    change,
    z,
    pValue: Math.min(1, 2 * normalSf(Math.abs(z))),
    low: change - Math.hypot(current.r - toLow, fromHigh - reference.r),
    high: change + Math.hypot(toHigh - current.r, reference.r - fromLow),
  };
}

function fisher({ r, count }: Correlation, kind: 'pearson' | 'spearman') {
  const factor = kind === 'pearson' ? 1 : 1 + (r * r) / 2;
  return { value: Math.atanh(r), variance: factor / (count - 3) };
}
