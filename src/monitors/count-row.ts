import type { FeatureValue } from '../features/shape.js';
import { binOf } from '../stats/bin-of.js';
import { binCount } from '../stats/bins.js';
import type { Binning } from './binning.js';

/** Zeros, one array per feature. */
export function emptyCounts(binning: Binning): readonly Uint32Array[] {
  return binning.bins.map((bins) => new Uint32Array(binCount(bins)));
}

/** Adds one sampled row, whose values are in the order of the group's features. */
export function countRow(
  counts: readonly Uint32Array[],
  binning: Binning,
  row: readonly FeatureValue[],
): void {
  const { bins } = binning;
  for (let i = 0; i < counts.length; i++) {
    const one = counts[i]!;
    const bin = binOf(bins[i]!, row[i]);
    one[bin] = one[bin]! + 1;
  }
}

/** The counts of rows that were kept while there was no reference. */
export function countRows(
  binning: Binning,
  rows: readonly (readonly FeatureValue[])[],
): readonly Uint32Array[] {
  const counts = emptyCounts(binning);
  for (const row of rows) countRow(counts, binning, row);
  return counts;
}
