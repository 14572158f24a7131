import type { Mmd, Resampling } from './mmd.js';
import { createUniform, drawFirst } from './random.js';

/**
 * Exact unbiased squared maximum mean discrepancy of two small sets of rows, laid out one after the
 * other, with the Gaussian kernel `exp(-|x - y|^2 / 2 bandwidth^2)`, and its p-value by permuting
 * which row is of which side (Gretton and others, "A kernel two-sample test", 2012, lemma 6). A
 * number that is missing is as far from all others as from itself. Time and memory grow with the
 * square of the rows: 8 MB for 1,000 rows in all, and 0.7 s for 999 runs of 250 rows a side.
 */
export function mmdExact(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  width: number,
  bandwidth: number,
  { runs = 999, seed = 1 }: Resampling = {},
): Mmd {
  const n = Math.floor(reference.length / width);
  const m = Math.floor(current.length / width);
  const sizes = { method: 'permutation', referenceCount: n, currentCount: m } as const;
  if (n < 2 || m < 2)
    return { status: 'insufficient-data', value: 0, pValue: 1, runs: 0, ...sizes };
  const kernel = kernelMatrix(reference, n, current, m, width, bandwidth);
  const size = n + m;
  const rowSums = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) rowSums[i]! += kernel[i * size + j]!;
  }
  const all = rowSums.reduce((sum, one) => sum + one, 0);
  const discrepancyOf = (side: Uint32Array): number => {
    const other = size - side.length;
    let within = 0;
    let touching = 0;
    for (const i of side) {
      touching += rowSums[i]!;
      for (const j of side) within += kernel[i * size + j]!;
    }
    const between = touching - within;
    const beyond = all - within - 2 * between;
    const mean = within / (side.length * (side.length - 1)) + beyond / (other * (other - 1));
    return mean - (2 * between) / (side.length * other);
  };
  const order = Uint32Array.from({ length: size }, (_, i) => i);
  const value = discrepancyOf(order.slice(0, n));
  const uniform = createUniform(seed);
  let count = 0;
  for (let run = 0; run < runs; run++) {
    drawFirst(order, Math.min(n, m), uniform);
    // The same split summed in another order may differ in the last places.
    if (discrepancyOf(order.subarray(0, Math.min(n, m))) >= value - 1e-12) count++;
  }
  return { status: 'ok', value, pValue: (1 + count) / (1 + runs), runs, ...sizes };
}

/** Of all rows, those of the reference first; the diagonal is 0: no row is paired with itself. */
function kernelMatrix(
  reference: ArrayLike<number>,
  n: number,
  current: ArrayLike<number>,
  m: number,
  width: number,
  bandwidth: number,
): Float64Array {
  const size = n + m;
  const at = (row: number, column: number): number =>
    row < n ? reference[row * width + column]! : current[(row - n) * width + column]!;
  const kernel = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      let squares = 0;
      for (let column = 0; column < width; column++) {
        const apart = (at(i, column) - at(j, column)) / bandwidth;
        if (Number.isFinite(apart)) squares += apart * apart;
      }
      kernel[i * size + j] = Math.exp(-squares / 2);
      kernel[j * size + i] = kernel[i * size + j]!;
    }
  }
  return kernel;
}
