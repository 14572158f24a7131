import type { NumericBins } from './bins.js';
import { nullBin } from './bins.js';
import { type Counts, shares, total } from './shares.js';

/**
 * First Wasserstein distance from counts of the same frozen bins, in units of the feature: each
 * bin's mass lies at its middle, what is out of range at the nearest edge, null and not-finite one
 * range of the reference above its end (1 where the reference is constant). 0 where one side is
 * empty.
 */
export function wassersteinAtEdges(bins: NumericBins, reference: Counts, current: Counts): number {
  if (total(reference) === 0 || total(current) === 0) return 0;
  const positions = binPositions(bins);
  const r = shares(reference);
  const c = shares(current);
  let sum = 0;
  let difference = 0;
  for (let i = 0; i + 1 < positions.length; i++) {
    difference += r[i]! - c[i]!;
    sum += Math.abs(difference) * (positions[i + 1]! - positions[i]!);
  }
  return sum;
}

/** Where the mass of each bin is taken to lie, ascending. */
export function binPositions(bins: NumericBins): number[] {
  const { edges } = bins;
  const low = edges[0] ?? 0;
  const high = edges.at(-1) ?? 0;
  const beyond = high + (high - low > 2 * Number.EPSILON * Math.abs(high) ? high - low : 1);
  const positions = [low];
  // Halved first: the sum of two finite edges may not be finite.
  for (let i = 1; i < edges.length; i++) positions.push(edges[i - 1]! / 2 + edges[i]! / 2);
  if (edges.length > 0) positions.push(high);
  for (let bin = nullBin(bins); bin <= nullBin(bins) + 1; bin++) positions.push(beyond);
  return positions;
}
