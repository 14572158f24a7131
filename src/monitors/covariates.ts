import type { FeatureValue } from '../features/shape.js';
import {
  type FourierMap,
  featureCount,
  frozenFourierMap,
  writeFeatures,
} from '../stats/fourier-map.js';
import { type FourierSums, mergeSums, unbiasedDiscrepancy } from '../stats/fourier-sums.js';
import type { MonitoredFeature } from './monitored-feature.js';

/** The features of one group as one vector: a Fourier map frozen from the reference. */
export interface CovariateReference {
  readonly group: string;
  /** Names of the numeric features, in the order of the map's columns. */
  readonly features: readonly string[];
  readonly map: FourierMap;
  readonly count: number;
  readonly sums: readonly number[];
}

/** Adds a row's Fourier features to sums, from a place on. */
export interface CovariateSums {
  readonly width: number;
  readonly add: (row: readonly FeatureValue[], sums: Float64Array, at: number) => void;
}

const pairs = 32;
/** Rows that the map is made from, at most. */
const rowsMax = 5_000;

/** The numeric features under test that are looked at together; the score is none of them. */
export function covariateFeatures(
  features: readonly MonitoredFeature[],
  group: string,
): readonly MonitoredFeature[] {
  const own = features.filter((one) => one.group === group && one.kind === 'stationary');
  return own.filter(({ name, values }) => values === 'numeric' && name !== 'score');
}

/** Freezes the map of a group; null where fewer than two features make no vector. */
export function freezeMap(
  features: readonly MonitoredFeature[],
  group: string,
  rows: readonly (readonly FeatureValue[])[],
): CovariateReference | null {
  const own = covariateFeatures(features, group);
  if (own.length < 2 || rows.length < 2) return null;
  // In an order of their own, so that the map does not depend on who sampled which row.
  const sorted = rows.map((row) => own.map((feature) => numberOf(row[feature.row]))).sort(compare);
  const step = Math.ceil(rows.length / rowsMax);
  const map = frozenFourierMap(sorted.filter((_, i) => i % step === 0).flat(), own.length, {
    pairs,
  });
  const names = own.map(({ name }) => name);
  return { group, features: names, map, count: 0, sums: new Array(2 * pairs).fill(0) };
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((x, i) => !Object.is(x, b[i]));
  if (at < 0) return 0;
  const [x, y] = [a[at]!, b[at]!];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
  return x < y ? -1 : 1;
}

function numberOf(value: FeatureValue | undefined): number {
  return typeof value === 'number' ? value : Number.NaN;
}

/** Compiles the sums of a group; null where the features are not those of the reference. */
export function compileCovariates(
  known: CovariateReference | undefined,
  features: readonly MonitoredFeature[],
): CovariateSums | null {
  if (known === undefined) return null;
  const own = covariateFeatures(features, known.group);
  const isSame = own.length === known.features.length;
  if (!isSame || own.some(({ name }, i) => name !== known.features[i])) return null;
  const { map } = known;
  const rows = own.map((feature) => feature.row);
  const numbers = new Float64Array(own.length);
  const written = new Float64Array(featureCount(map));
  return {
    width: written.length,
    add: (row, sums, at) => {
      for (let i = 0; i < rows.length; i++) numbers[i] = numberOf(row[rows[i]!]);
      writeFeatures(map, numbers, 0, written, 0);
      for (let i = 0; i < written.length; i++) sums[at + i] = sums[at + i]! + written[i]!;
    },
  };
}

/**
 * Squared maximum mean discrepancy of a period and the reference, unbiased; `isPart` where the
 * period is among the reference's, so that it is held against the others.
 */
export function discrepancyOf(
  known: CovariateReference,
  period: FourierSums,
  isPart: boolean,
): number | null {
  const reference = { count: known.count, sums: Float64Array.from(known.sums) };
  if (isPart) mergeSums(reference, period, -1);
  return unbiasedDiscrepancy(reference, period);
}

/** The longest window of the vector's features, ms. */
export function covariateWindowMs(features: readonly MonitoredFeature[], group: string): number {
  const own = covariateFeatures(features, group);
  return Math.max(0, ...own.map((feature) => feature.windowMs));
}

/** The Fourier sums of a counted period: the last of its sums. */
export function covariateSums(
  known: CovariateReference,
  { n, sums }: { readonly n: number; readonly sums: readonly number[] },
): FourierSums {
  return { count: n, sums: Float64Array.from(sums.slice(-known.sums.length)) };
}
