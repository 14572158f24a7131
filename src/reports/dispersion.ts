const cuts = 9;
const blockRows = [10, 50, 200, 1000, 5000];
const blocksMin = 8;
/**
 * Deviations of its noise from which a ratio begins to count, and where it counts in full: further
 * out fewer independent columns are taken for dependent (6 in 100 here, by over 5 %), but slow
 * dependence in a reference of few windows is missed, which alarms for nothing.
 */
const ramp = [2, 3] as const;

/**
 * How many rows of a column tell as much as one independent row (1: they are independent): the
 * variance of the column's distribution function over blocks of consecutive rows, at its deciles,
 * by what independent rows would give (Cochran 1977, "design effect"). Blocks of several lengths up
 * to `rowsMax` are tried and the largest ratio taken that stands out of its own noise: short ones
 * are many and tell of neighbours, long ones of what is slow.
 *
 * @param bins the column in the order of its rows, as bins that ascend with its values
 */
export function dispersion(bins: ArrayLike<number>, binCount: number, rowsMax: number): number {
  const levels = decileBins(bins, binCount);
  if (levels.length === 0) return 1; // one value
  let largest = 1;
  const longest = Math.min(rowsMax, Math.floor(bins.length / blocksMin));
  for (const length of blockRows.filter((rows) => rows < longest).concat(longest)) {
    if (length >= blockRows[0]!) largest = Math.max(largest, inflation(bins, levels, length));
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
  const shares: number[] = [];
  for (let k = 0; k < levels.length; k++) {
    const counts = below.subarray(k * blocks, (k + 1) * blocks);
    const mean = counts.reduce((sum, count) => sum + count, 0) / blocks;
    const share = mean / length;
    let squares = 0;
    for (const count of counts) squares += (count - mean) ** 2;
    if (share === 0 || share === 1) continue;
    shares.push(share);
    ratio += squares / (blocks - 1) / (length * share * (1 - share));
  }
  if (shares.length === 0) return 1;
  ratio /= shares.length;
  const df = independentCuts(shares) * (blocks - 1);
  // The cube root of a chi-square over its degrees is nearly normal (Wilson and Hilferty 1931).
  const variance = 2 / (9 * df);
  const score = (Math.cbrt(ratio) - 1 + variance) / Math.sqrt(variance);
  const weight = Math.min(1, Math.max(0, (score - ramp[0]) / (ramp[1] - ramp[0])));
  // Half a deviation of its noise to the safe side.
  return 1 + weight * Math.max(0, ratio * (1 + Math.sqrt(2 / df) / 2) - 1);
}

/**
 * As how many independent ones the ratios of cuts at these shares, ascending, scatter together:
 * correlations of `a < b` are `a (1 - b) / (b (1 - a))` (Satterthwaite 1946). Of nine deciles 2.8.
 */
function independentCuts(shares: readonly number[]): number {
  let sum = 0;
  for (const [i, b] of shares.entries()) {
    for (const a of shares.slice(0, i)) sum += (2 * a * (1 - b)) / (b * (1 - a));
  }
  return shares.length ** 2 / (shares.length + sum);
}
