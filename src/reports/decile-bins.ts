import type { NumericBins } from '../stats/bins.js';
import { nextDown } from '../stats/next-down.js';
import { addEdge, pointEdges } from '../stats/point-edges.js';

const groups = 10;

/**
 * Bins of a whole file's PSI: at most ten distinct values of the reference have a bin each; else
 * the deciles of the reference are edges (numpy's `quantile`, linear between values), each bin
 * holding its upper edge and not its lower one. A decile that comes more than once, the least and
 * the greatest value among them, is a point mass and has a bin of its own.
 *
 * @param sorted finite values, ascending, at least one
 */
export function decileBins(sorted: Float64Array): NumericBins {
  const points = pointEdges(sorted, groups);
  if (points !== null) return { kind: 'numeric', edges: points };
  const edges: number[] = [];
  const deciles = Array.from({ length: groups + 1 }, (_, k) => quantile(sorted, k / groups));
  for (let k = 0; k <= groups; k++) {
    const isPoint = deciles[k] === deciles[k - 1] || deciles[k] === deciles[k + 1];
    if (isPoint) addEdge(edges, nextDown(deciles[k]!));
    if (isPoint || (k > 0 && k < groups)) addEdge(edges, deciles[k]!);
  }
  return { kind: 'numeric', edges };
}

/** numpy's `quantile(sorted, q)`. */
export function quantile(sorted: Float64Array, q: number): number {
  const at = (sorted.length - 1) * q;
  const i = Math.floor(at);
  const a = sorted[i]!;
  const b = sorted[Math.min(i + 1, sorted.length - 1)]!;
  const part = at - i;
  // Halves first: the difference of two finite numbers may not be finite.
  const gap = (b / 2 - a / 2) * 2;
  if (!Number.isFinite(gap)) return a * (1 - part) + b * part;
  return part >= 0.5 ? b - gap * (1 - part) : a + gap * part;
}

/** How many of the ascending values lie in each bin. */
export function countSorted({ edges }: NumericBins, sorted: Float64Array): Float64Array {
  const counts = new Float64Array(edges.length + 1);
  let before = 0;
  for (const [bin, edge] of edges.entries()) {
    const upTo = firstAbove(sorted, edge);
    counts[bin] = upTo - before;
    before = upTo;
  }
  counts[edges.length] = sorted.length - before;
  return counts;
}

function firstAbove(sorted: Float64Array, edge: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= edge) low = middle + 1;
    else high = middle;
  }
  return low;
}
