import { type FourierMap, featureCount, unit, writeFeatures } from './fourier-map.js';
import {
  createFourierSums,
  discrepancy,
  type FourierSums,
  rowAdder,
  unbiasedDiscrepancy,
} from './fourier-sums.js';
import { createNormal, createUniform, drawFirst } from './random.js';

export interface Mmd {
  /** `insufficient-data` below two rows a side; the value is then 0 and p is 1. */
  readonly status: 'ok' | 'insufficient-data';
  /** Unbiased squared maximum mean discrepancy: 0 for equal laws, negative by chance, at most 2. */
  readonly value: number;
  /** `(1 + count) / (1 + runs)`, count being the runs that gave as much or more. */
  readonly pValue: number;
  readonly method: 'permutation' | 'multiplier';
  readonly runs: number;
  readonly referenceCount: number;
  readonly currentCount: number;
}

export interface Resampling {
  /** 999, so that p goes down to 0.001. */
  readonly runs?: number;
  readonly seed?: number;
}

/**
 * Maximum mean discrepancy of two sets of rows under a Fourier map, its p-value by permuting which
 * row is of which side (Gretton and others, 2012; the added one by Phipson and Smyth, 2010). A
 * map frozen from a small reference itself keeps p too high rather than too low. Time grows as runs
 * times the smaller side: 130 ms for 999 runs of 500 rows.
 */
export function mmdOfRows(
  map: FourierMap,
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  { runs = 999, seed = 1 }: Resampling = {},
): Mmd {
  const first = sumsOf(map, reference);
  const second = sumsOf(map, current);
  const value = unbiasedDiscrepancy(first, second);
  if (value === null) return withoutData('permutation', first.count, second.count);
  const features = featuresOf(map, [reference, current]);
  const observed = discrepancy(first, second);
  const all = createFourierSums(map);
  all.count = first.count + second.count;
  for (let i = 0; i < all.sums.length; i++) all.sums[i] = first.sums[i]! + second.sums[i]!;
  const part = createFourierSums(map);
  part.count = Math.min(first.count, second.count);
  const rest = createFourierSums(map);
  rest.count = all.count - part.count;
  const order = Uint32Array.from({ length: all.count }, (_, i) => i);
  const uniform = createUniform(seed);
  let count = 0;
  for (let run = 0; run < runs; run++) {
    drawFirst(order, part.count, uniform);
    addFeatures(part.sums, features, order.subarray(0, part.count));
    for (let i = 0; i < rest.sums.length; i++) rest.sums[i] = all.sums[i]! - part.sums[i]!;
    // The same split the other way round may differ in the last place.
    if (discrepancy(part, rest) >= observed * (1 - 1e-12)) count++;
  }
  return result(value, (1 + count) / (1 + runs), 'permutation', runs, first, second);
}

/** Ascending draws of `|z|^2`, z normal with the covariance of the reference's features. */
export type MmdNull = readonly number[];

/**
 * The null law for windows of which only sums are kept, from rows of the reference: there
 * `|mean(first) - mean(second)|^2` is `(1/n + 1/m) |z|^2` in the limit, and z is drawn as the rows'
 * deviations with normal multipliers (the wild bootstrap of Chwialkowski and others, 2014, for
 * independent rows). Done once for a reference: 0.3 s for 999 runs of 1,000 rows. Plain data.
 */
export function mmdNull(
  map: FourierMap,
  reference: ArrayLike<number>,
  { runs = 999, seed = 1 }: Resampling = {},
): MmdNull {
  const features = featuresOf(map, [reference]);
  const width = featureCount(map);
  const rows = features.length / width;
  const { sums } = sumsOf(map, reference);
  const normal = createNormal(createUniform(seed));
  const drawn = new Float64Array(width);
  const scale = unit * unit * (width / 2) * Math.max(1, rows - 1);
  const law = Array.from({ length: rows < 2 ? 0 : runs }, () => {
    drawn.fill(0);
    let total = 0;
    for (let row = 0; row < rows; row++) {
      const weight = normal();
      total += weight;
      for (let i = 0; i < width; i++) drawn[i]! += weight * features[row * width + i]!;
    }
    let squares = 0;
    for (let i = 0; i < width; i++) squares += (drawn[i]! - (total * sums[i]!) / rows) ** 2;
    return squares / scale;
  });
  return law.sort((a, b) => a - b);
}

/** The discrepancy of two windows of sums, its p-value by the reference's null law. */
export function mmdOfSums(law: MmdNull, reference: FourierSums, current: FourierSums): Mmd {
  const value = unbiasedDiscrepancy(reference, current);
  if (value === null || law.length === 0) {
    return withoutData('multiplier', reference.count, current.count);
  }
  const scale = 1 / reference.count + 1 / current.count;
  const observed = discrepancy(reference, current) / scale;
  let below = 0;
  while (below < law.length && law[below]! < observed) below++;
  const pValue = (1 + law.length - below) / (1 + law.length);
  return result(value, pValue, 'multiplier', law.length, reference, current);
}

function sumsOf(map: FourierMap, rows: ArrayLike<number>): FourierSums {
  const add = rowAdder(map);
  const sums = createFourierSums(map);
  const width = map.means.length;
  for (let from = 0; from + width <= rows.length; from += width) add(sums, rows, from);
  return sums;
}

function featuresOf(map: FourierMap, parts: readonly ArrayLike<number>[]): Float64Array {
  const width = map.means.length;
  const count = featureCount(map);
  const rows = parts.reduce((sum, part) => sum + Math.floor(part.length / width), 0);
  const features = new Float64Array(rows * count);
  let at = 0;
  for (const part of parts) {
    for (let from = 0; from + width <= part.length; from += width, at += count) {
      writeFeatures(map, part, from, features, at);
    }
  }
  return features;
}

function addFeatures(to: Float64Array, features: Float64Array, rows: Uint32Array): void {
  const width = to.length;
  to.fill(0);
  for (const row of rows) {
    const at = row * width;
    for (let i = 0; i < width; i++) to[i]! += features[at + i]!;
  }
}

function result(
  value: number,
  pValue: number,
  method: Mmd['method'],
  runs: number,
  { count: referenceCount }: FourierSums,
  { count: currentCount }: FourierSums,
): Mmd {
  return { status: 'ok', value, pValue, method, runs, referenceCount, currentCount };
}

function withoutData(method: Mmd['method'], referenceCount: number, currentCount: number): Mmd {
  const status = 'insufficient-data';
  return { status, value: 0, pValue: 1, method, runs: 0, referenceCount, currentCount };
}
