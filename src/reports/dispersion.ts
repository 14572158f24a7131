const cuts = 9;
const blockRows = [50, 200, 1000, 5000];
const blocksMin = 8;

/**
 * How many rows of a column tell as much as one independent row (1: they are independent): the
 * variance of the column's distribution function over blocks of consecutive rows, at its deciles,
 * by what independent rows would give (Cochran 1977, "design effect"). Blocks of several lengths up
 * to `rowsMax` are tried and the largest ratio taken that stands out of its own noise.
 *
 * @param bins the column in the order of its rows, as bins that ascend with its values
 */
export function dispersion(bins: ArrayLike<number>, binCount: number, rowsMax: number): number {
  const levels = decileBins(bins, binCount);
  if (levels.length === 0) return 1; // one value
  let largest = 1;
  const lengths = new Set(blockRows.filter((rows) => rows < rowsMax).concat(rowsMax));
  for (const rows of lengths) {
    const length = Math.min(rows, Math.floor(bins.length / blocksMin));
    if (length < 20) continue;
    largest = Math.max(largest, inflation(bins, levels, length));
  }
  return largest;
}

/** For each decile the bin up to which the column's values reach it. */
function decileBins(bins: ArrayLike<number>, binCount: number): number[] {
  const counts = new Float64Array(binCount);
  for (let i = 0; i < bins.length; i++) counts[bins[i]!]!++;
  const levels: number[] = [];
  let sum = 0;
  for (let bin = 0; bin < binCount; bin++) {
    sum += counts[bin]!;
    const share = sum / bins.length;
    if (share >= (levels.length + 1) / (cuts + 1) && share < 1) levels.push(bin);
    if (levels.length === cuts) break;
  }
  return levels;
}

function inflation(bins: ArrayLike<number>, levels: readonly number[], length: number): number {
  const blocks = Math.floor(bins.length / length);
  const below = new Float64Array(levels.length * blocks);
  for (let block = 0; block < blocks; block++) {
    for (let i = block * length; i < (block + 1) * length; i++) {
      const bin = bins[i]!;
      for (let k = 0; k < levels.length; k++) if (bin <= levels[k]!) below[k * blocks + block]!++;
    }
  }
  let ratio = 0;
  for (let k = 0; k < levels.length; k++) {
    const counts = below.subarray(k * blocks, (k + 1) * blocks);
    const mean = counts.reduce((sum, count) => sum + count, 0) / blocks;
    const share = mean / length;
    let squares = 0;
    for (const count of counts) squares += (count - mean) ** 2;
    if (share > 0 && share < 1) {
      ratio += squares / (blocks - 1) / (length * share * (1 - share)) / levels.length;
    }
  }
  // The deciles hang together: about two of them count, where there are as many.
  const noise = Math.sqrt(2 / Math.min(2, levels.length) / (blocks - 1));
  const weight = Math.min(1, Math.max(0, ((ratio - 1) / noise - 1) / 2));
  return 1 + weight * Math.max(0, ratio * (1 + noise / 2) - 1);
}
