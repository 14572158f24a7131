import { createNormal, createUniform, drawFirst } from './random.js';

/**
 * Random Fourier features of rows of numbers: pairs of cosine and sine whose inner products are, in
 * the mean over frequencies, the Gaussian kernel `exp(-|x - y|^2 / 2 s^2)` of the standardised rows
 * (Rahimi and Recht, 2007; pairs without phases by Sutherland and Schneider, 2015). Frozen from a
 * reference; plain data.
 */
export interface FourierMap {
  /** Numbers in a row, and what stands for one that is missing: the mean of the reference. */
  readonly means: readonly number[];
  /** s in standard deviations: the median distance of reference rows. */
  readonly bandwidth: number;
  /** A frequency for each pair and number of the row, `frequencies[pair * width + column]`. */
  readonly frequencies: readonly number[];
}

/** Cosines and sines are whole multiples of 2^-26, so that sums of up to 2^27 rows are exact. */
export const unit = 2 ** 26;

/** Distances of so many rows at most are looked at for the bandwidth. */
const sampledRows = 400;

/**
 * Freezes a map for rows like those of the reference, laid out one after the other. Columns are
 * divided by their standard deviation (1 where nothing varies), numbers that are not finite left
 * out of it.
 */
export function frozenFourierMap(
  reference: ArrayLike<number>,
  width: number,
  options: { readonly pairs?: number; readonly seed?: number } = {},
): FourierMap {
  const { pairs = 64, seed = 1 } = options;
  const columns = Array.from({ length: width }, (_, column) => spread(reference, column, width));
  const uniform = createUniform(seed);
  const normal = createNormal(uniform);
  const bandwidth = medianDistance(reference, columns, uniform);
  const frequencies = Array.from(
    { length: pairs * width },
    (_, i) => normal() / (bandwidth * columns[i % width]!.deviation),
  );
  return { means: columns.map(({ mean }) => mean), bandwidth, frequencies };
}

interface Spread {
  readonly mean: number;
  readonly deviation: number;
}

function spread(rows: ArrayLike<number>, column: number, width: number): Spread {
  let count = 0;
  let mean = 0;
  let squares = 0;
  for (let i = column; i < rows.length; i += width) {
    const x = rows[i]!;
    if (!Number.isFinite(x)) continue;
    count++;
    const before = x - mean;
    mean += before / count;
    squares += before * (x - mean);
  }
  const deviation = Math.sqrt(squares / Math.max(1, count - 1));
  return { mean, deviation: deviation > 0 && Number.isFinite(deviation) ? deviation : 1 };
}

/** Median distance of the standardised rows of a sample; 1 where most are equal. */
function medianDistance(
  rows: ArrayLike<number>,
  columns: readonly Spread[],
  uniform: () => number,
): number {
  const width = columns.length;
  const order = Uint32Array.from({ length: Math.floor(rows.length / width) }, (_, i) => i);
  const sampled = Math.min(sampledRows, order.length);
  drawFirst(order, sampled, uniform);
  const distances: number[] = [];
  for (let i = 0; i < sampled; i++) {
    for (let j = 0; j < i; j++) {
      let squares = 0;
      for (let column = 0; column < width; column++) {
        const { deviation } = columns[column]!;
        const apart = rows[order[i]! * width + column]! - rows[order[j]! * width + column]!;
        if (Number.isFinite(apart)) squares += (apart / deviation) ** 2;
      }
      distances.push(squares);
    }
  }
  distances.sort((a, b) => a - b);
  const median = Math.sqrt(distances[Math.floor(distances.length / 2)] ?? 1);
  return median > 0 ? median : 1;
}

/** How many features a row has: a cosine and a sine for each frequency. */
export function featureCount({ means, frequencies }: FourierMap): number {
  return (2 * frequencies.length) / means.length;
}

/**
 * Writes the features of the row that begins at `rows[from]`, whole numbers of `2^-26`, to
 * `to[at]...`. About 5 µs for 64 pairs of 10 columns.
 */
export function writeFeatures(
  map: FourierMap,
  rows: ArrayLike<number>,
  from: number,
  to: Float64Array,
  at: number,
): void {
  const { means, frequencies } = map;
  const width = means.length;
  const pairs = frequencies.length / width;
  for (let pair = 0; pair < pairs; pair++) {
    let angle = 0;
    for (let column = 0; column < width; column++) {
      const x = rows[from + column]! - means[column]!;
      if (Number.isFinite(x)) angle += x * frequencies[pair * width + column]!;
    }
    // Beyond the largest double there is no angle; what is so far out is like nothing else.
    const isKnown = Number.isFinite(angle);
    to[at + 2 * pair] = isKnown ? Math.round(Math.cos(angle) * unit) : 0;
    to[at + 2 * pair + 1] = isKnown ? Math.round(Math.sin(angle) * unit) : 0;
  }
}
