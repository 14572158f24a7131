import { nextDown } from './next-down.js';

/**
 * Bins of a numeric feature, frozen from a reference: bin 0 holds what is below the reference, bin
 * i the values in `(edges[i-1], edges[i]]`, bin `edges.length` what is above; then null, then NaN
 * and the infinities. Edges ascend strictly and are finite. A point mass v has the edges just below
 * v and at v, so its bin holds v alone. Plain data: JSON keeps it exactly.
 */
export interface NumericBins {
  readonly kind: 'numeric';
  readonly edges: readonly number[];
}

/**
 * Bins of a categorical feature: one for each value of the dictionary (text, ascending by code
 * unit), then one for whatever is not in it (unseen), then null. Plain data.
 */
export interface CategoricalBins {
  readonly kind: 'categorical';
  readonly values: readonly string[];
}

export type Bins = NumericBins | CategoricalBins;

/** How many counts a pane of these bins holds. */
export function binCount(bins: Bins): number {
  return bins.kind === 'numeric' ? bins.edges.length + 3 : bins.values.length + 2;
}

/** The bin of null and undefined. */
export function nullBin(bins: Bins): number {
  return bins.kind === 'numeric' ? bins.edges.length + 1 : bins.values.length + 1;
}

/** The bin of NaN, the infinities and what is no number at all. */
export function notFiniteBin(bins: NumericBins): number {
  return bins.edges.length + 2;
}

/** The bin of values that the dictionary does not hold. */
export function unseenBin(bins: CategoricalBins): number {
  return bins.values.length;
}

/** Whether a bin holds one single value, so that nothing can move inside it. */
export function isPointBin(bins: NumericBins, bin: number): boolean {
  if (bin > bins.edges.length) return true;
  if (bin === 0 || bin === bins.edges.length) return false;
  return bins.edges[bin - 1] === nextDown(bins.edges[bin]!);
}

/** What a bin holds, in words, for evidence and charts. */
export function binLabel(bins: Bins, bin: number): string {
  if (bin === nullBin(bins)) return 'null';
  if (bins.kind === 'categorical') return bins.values[bin] ?? 'unseen';
  if (bin === notFiniteBin(bins)) return 'not finite';
  const { edges } = bins;
  if (edges.length === 0) return 'any number';
  if (bin === 0) return `at most ${edges[0]}`;
  if (bin === edges.length) return `above ${edges[bin - 1]}`;
  return `above ${edges[bin - 1]} to ${edges[bin]}`;
}
