import type { NumericBins } from './bins.js';
import { nextDown } from './next-down.js';

/**
 * Freezes the bins of a reference: its quantiles at 1/count, 2/count, ..., 1 (values of the sample,
 * the inverse of its distribution function), ties removed, at most count + 1 edges. A value that
 * takes two quantiles or more is a point mass and gets a bin of its own; with at most count/2
 * distinct values every one does. Only finite numbers give edges; without any there are none.
 */
export function frozenEdges(
  reference: Iterable<number | null | undefined>,
  count = 256,
): NumericBins {
  const sorted = finiteSorted(reference);
  const edges: number[] = [];
  const push = (edge: number) => {
    if (Number.isFinite(edge) && (edges.length === 0 || edge > edges.at(-1)!)) edges.push(edge);
  };
  const distinct = distinctUpTo(sorted, Math.floor(count / 2));
  if (distinct !== null) {
    for (const value of distinct) {
      push(nextDown(value));
      push(value);
    }
    return { kind: 'numeric', edges };
  }
  const quantiles = [sorted[0]!];
  for (let k = 1; k <= count; k++) {
    quantiles.push(sorted[Math.ceil((k * sorted.length) / count) - 1]!);
  }
  push(nextDown(sorted[0]!));
  for (let k = 1; k <= count; k++) {
    const isPoint = quantiles[k] === quantiles[k + 1] || quantiles[k] === quantiles[k - 1];
    if (isPoint) push(nextDown(quantiles[k]!));
    push(quantiles[k]!);
  }
  return { kind: 'numeric', edges };
}

function finiteSorted(values: Iterable<number | null | undefined>): Float64Array {
  const finite: number[] = [];
  for (const value of values) {
    // + 0 turns -0, which JSON does not keep, into 0.
    if (typeof value === 'number' && Number.isFinite(value)) finite.push(value + 0);
  }
  return Float64Array.from(finite).sort();
}

/** The distinct values of a sorted sample, or null when there are more than `limit`. */
function distinctUpTo(sorted: Float64Array, limit: number): number[] | null {
  const distinct: number[] = [];
  for (const value of sorted) {
    if (value === distinct.at(-1)) continue;
    if (distinct.length === limit) return null;
    distinct.push(value);
  }
  return distinct;
}
