import type { NumericBins } from './bins.js';
import { nextDown } from './next-down.js';
import { addEdge, pointEdges } from './point-edges.js';

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
  const points = pointEdges(sorted, Math.floor(count / 2));
  if (points !== null) return { kind: 'numeric', edges: points };
  const edges: number[] = [];
  const quantiles = [sorted[0]!];
  for (let k = 1; k <= count; k++) {
    quantiles.push(sorted[Math.ceil((k * sorted.length) / count) - 1]!);
  }
  addEdge(edges, nextDown(sorted[0]!));
  for (let k = 1; k <= count; k++) {
    const isPoint = quantiles[k] === quantiles[k + 1] || quantiles[k] === quantiles[k - 1];
    if (isPoint) addEdge(edges, nextDown(quantiles[k]!));
    addEdge(edges, quantiles[k]!);
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
