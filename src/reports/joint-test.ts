import { type CollectedColumn, isNumeric } from '../datasets/collected-column.js';
import { type FourierMap, featureCount, frozenFourierMap, unit } from '../stats/fourier-map.js';
import {
  createFourierSums,
  discrepancy,
  type FourierSums,
  rowAdder,
} from '../stats/fourier-sums.js';
import { invertDecreasing } from '../stats/invert-decreasing.js';
import { symmetricEigenvalues } from '../stats/symmetric-eigenvalues.js';
import { weightedChiSquareSf } from '../stats/weighted-chi-square.js';
import { type Figures, insufficient, judged } from './comparison.js';
import { verdictOf } from './verdict.js';

/** What a test over all numeric columns together names as its column. */
export const jointColumn = '*';
/** Why there is nothing to test. */
export const noNumbers = 'expected a numeric column of both files, found none';
const sampledRows = 10_000;
/** Rows of each side below which sums of features are not near a normal law. */
const rowsMin = 50;

/** A numeric column of some rows of a file, evenly spaced; NaN where there is no number. */
export interface ColumnSample {
  readonly name: string;
  readonly values: Float64Array;
  /** Rows of the file for each of the sample. */
  readonly every: number;
  /** Rows that tell as much as one independent row. */
  readonly inflation: number;
}

export function sampleColumn(column: CollectedColumn, inflation = 1): ColumnSample {
  const { name, kinds, values } = column;
  const rows = Math.min(sampledRows, values.length);
  const every = values.length / rows;
  const at = (i: number) => Math.floor(i * every);
  const cell = (row: number) => (isNumeric(kinds[row]!) ? values[row]! : Number.NaN);
  const sampled = Float64Array.from({ length: rows }, (_, i) => cell(at(i)));
  return { name, values: sampled, every, inflation };
}

/** What is kept of the reference's rows to hold others against. */
export interface JointReference {
  readonly map: FourierMap;
  readonly sums: FourierSums;
  /** Weights of the null law: variances of the Fourier features in independent directions. */
  readonly weights: Float64Array;
  /** Largest of the columns': rows that tell as much as one independent row. */
  readonly inflation: number;
}

/** @param nWindow rows of the windows that will be held against it; whole files need none */
export function freezeJoint(columns: readonly ColumnSample[], nWindow = 0): JointReference {
  const rows = rowsOf(columns);
  const map = frozenFourierMap(rows, columns.length);
  const inflation = columns.reduce((most, one) => Math.max(most, one.inflation), 1);
  const blockRows = Math.round(nWindow / (columns[0]?.every ?? 1));
  return { map, ...momentsOf(map, rows, { inflation, blockRows }), inflation };
}

/** Sums of the features of rows laid out by column. */
export function jointSums(map: FourierMap, columns: readonly ColumnSample[]): FourierSums {
  const rows = rowsOf(columns);
  const sums = createFourierSums(map);
  const add = rowAdder(map);
  for (let from = 0; from < rows.length; from += columns.length) add(sums, rows, from);
  return sums;
}

/**
 * Maximum mean discrepancy of rows over all numeric columns, each in its standard deviations, by
 * random Fourier features (Gretton et al. 2012; Rahimi and Recht 2007): the squared distance of
 * mean features less what it is without drift. There it is `(1/n + 1/m) sum w z^2`, w being the
 * variances of the reference's features, by which p is had. The effect is its square root.
 */
export function jointTest(
  { sums, weights, inflation }: JointReference,
  current: FourierSums,
  level: number,
): Figures {
  const sizes = { nReference: sums.count, nCurrent: current.count };
  const independent = Math.min(sums.count, current.count) / inflation;
  if (independent < rowsMin) {
    const dependent = inflation > 1 ? ` (${inflation.toFixed(1)} rows as one)` : '';
    const detail = `expected ${rowsMin} independent rows on each side${dependent}`;
    return insufficient('mmd', sizes, detail);
  }
  const scale = 1 / sums.count + 1 / current.count;
  const expected = weights.reduce((sum, one) => sum + one, 0);
  const distance = discrepancy(sums, current);
  const pValue = weightedChiSquareSf(distance / scale, weights);
  const statistic = distance - expected * scale;
  const effect = Math.sqrt(Math.max(0, statistic));
  const dependent = inflation > 1 ? `, ${inflation.toFixed(2)} rows as one` : '';
  return judged('mmd', sizes, {
    statistic,
    pValue,
    method: `weighted chi2, ${weights.length} Fourier features${dependent}`,
    effect,
    critical: (criticalOf(weights, level) - expected) * scale,
    verdict: verdictOf('mmd', pValue < level, effect, inflation),
  });
}

const criticals = new WeakMap<Float64Array, { readonly level: number; readonly found: number }>();

/** The same for each window: it is had once. */
function criticalOf(weights: Float64Array, level: number): number {
  const known = criticals.get(weights);
  if (known?.level === level) return known.found;
  const expected = weights.reduce((sum, one) => sum + one, 0);
  const high = expected + 4 * (weights[0] ?? 0) * (20 - Math.log(level));
  const found = invertDecreasing((x) => weightedChiSquareSf(x, weights), level, expected, high);
  criticals.set(weights, { level, found });
  return found;
}

/** Row after row. */
function rowsOf(columns: readonly ColumnSample[]): Float64Array {
  const width = columns.length;
  const count = columns[0]?.values.length ?? 0;
  const rows = new Float64Array(count * width);
  for (const [column, { values }] of columns.entries()) {
    for (let row = 0; row < count; row++) rows[row * width + column] = values[row]!;
  }
  return rows;
}

interface Dependence {
  /** Of the columns, at least that of the features. */
  readonly inflation: number;
  readonly blockRows: number;
}

/** Blocks that it takes to see how much a feature's means vary from one to the next. */
const blocksMin = 4;

/**
 * Sums of the rows' features and the eigenvalues of their covariance. Where rows hang together a
 * feature's deviation grows by the root of its own design effect: the variance of its sums over
 * blocks as long as a window by what independent rows would give.
 */
function momentsOf(map: FourierMap, rows: Float64Array, { inflation, blockRows }: Dependence) {
  const size = featureCount(map);
  const width = map.means.length;
  const sums = createFourierSums(map);
  const one = createFourierSums(map);
  const add = rowAdder(map);
  const features = new Float64Array(size);
  const products = new Float64Array(size * size);
  const blocks: Float64Array[] = [];
  let block = new Float64Array(size);
  for (let from = 0; from < rows.length; from += width) {
    one.sums.fill(0);
    add(one, rows, from);
    for (let i = 0; i < size; i++) {
      sums.sums[i]! += one.sums[i]!;
      features[i] = one.sums[i]! / unit;
    }
    for (let i = 0; i < size; i++) {
      const x = features[i]!;
      block[i]! += x;
      for (let j = 0, at = i * size; j <= i; j++, at++) products[at]! += x * features[j]!;
    }
    sums.count++;
    if (inflation === 1 || blockRows === 0 || sums.count % blockRows !== 0) continue;
    blocks.push(block);
    block = new Float64Array(size);
  }
  const n = Math.max(1, sums.count);
  const mean = (i: number) => sums.sums[i]! / unit / n;
  const grown = (i: number) => {
    const variance = products[i * size + i]! / n - mean(i) ** 2;
    if (blocks.length < blocksMin || variance <= 0) return Math.sqrt(inflation);
    const squares = blocks.reduce((sum, one) => sum + (one[i]! - blockRows * mean(i)) ** 2, 0);
    const ratio = squares / (blocks.length - 1) / (blockRows * variance);
    return Math.sqrt(Math.max(inflation, ratio));
  };
  const deviations = Float64Array.from({ length: size }, (_, i) => grown(i));
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      // Each pair of features has weight 1 / pairs in the discrepancy.
      const covariance = (products[i * size + j]! / n - mean(i) * mean(j)) / (size / 2);
      const dependent = covariance * deviations[i]! * deviations[j]!;
      products[i * size + j] = dependent;
      products[j * size + i] = dependent;
    }
  }
  // What is below is rounding.
  const weights = symmetricEigenvalues(products, size).map((one) => Math.max(0, one));
  return { sums, weights };
}
