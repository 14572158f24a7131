import { type FourierMap, featureCount, unit, writeFeatures } from './fourier-map.js';

/**
 * What a pane keeps for the maximum mean discrepancy: sums of the rows' Fourier features. Whole
 * numbers, so panes add up, leave and merge without any residue and in any order.
 */
export interface FourierSums {
  count: number;
  readonly sums: Float64Array;
}

export function createFourierSums(map: FourierMap): FourierSums {
  return { count: 0, sums: new Float64Array(featureCount(map)) };
}

/** A writer that adds rows of the map to sums; it holds the room for one row's features. */
export function rowAdder(map: FourierMap) {
  const features = new Float64Array(featureCount(map));
  return (to: FourierSums, rows: ArrayLike<number>, from = 0): void => {
    writeFeatures(map, rows, from, features, 0);
    to.count++;
    const { sums } = to;
    for (let i = 0; i < sums.length; i++) sums[i]! += features[i]!;
  };
}

/** Adds a pane to a window, or with -1 takes one that leaves out of it. */
export function mergeSums(to: FourierSums, from: FourierSums, sign: 1 | -1 = 1): void {
  to.count += sign * from.count;
  for (let i = 0; i < to.sums.length; i++) to.sums[i]! += sign * from.sums[i]!;
}

/** `|mean(first) - mean(second)|^2`, biased upwards by about `1/n + 1/m`; 0 where one is empty. */
export function discrepancy(first: FourierSums, second: FourierSums): number {
  if (first.count === 0 || second.count === 0) return 0;
  let squares = 0;
  for (let i = 0; i < first.sums.length; i++) {
    squares += (first.sums[i]! / first.count - second.sums[i]! / second.count) ** 2;
  }
  return squares / (unit * unit * (first.sums.length / 2));
}

/**
 * Unbiased estimate of the squared discrepancy, below 0 where there is less than chance makes
 * (Gretton and others, "A kernel two-sample test", 2012, lemma 6); null below two rows a side.
 */
export function unbiasedDiscrepancy(first: FourierSums, second: FourierSums): number | null {
  const n = first.count;
  const m = second.count;
  if (n < 2 || m < 2) return null;
  const scale = unit * unit * (first.sums.length / 2);
  let own = 0;
  let other = 0;
  let both = 0;
  for (let i = 0; i < first.sums.length; i++) {
    own += first.sums[i]! ** 2 / scale;
    other += second.sums[i]! ** 2 / scale;
    both += (first.sums[i]! * second.sums[i]!) / scale;
  }
  // A row's kernel with itself is 1.
  return (own - n) / (n * (n - 1)) + (other - m) / (m * (m - 1)) - (2 * both) / (n * m);
}
