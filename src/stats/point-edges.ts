import { nextDown } from './next-down.js';

/** Appends an edge that is finite and above the last one. */
export function addEdge(edges: number[], edge: number): void {
  if (Number.isFinite(edge) && (edges.length === 0 || edge > edges.at(-1)!)) edges.push(edge);
}

/**
 * Edges that give each distinct value of a sorted sample a bin of its own; null when there are more
 * than `limit`.
 */
export function pointEdges(sorted: Float64Array, limit: number): number[] | null {
  const edges: number[] = [];
  let count = 0;
  let former = Number.NaN;
  for (const value of sorted) {
    if (value === former) continue;
    if (count === limit) return null;
    count++;
    former = value;
    addEdge(edges, nextDown(value));
    addEdge(edges, value);
  }
  return edges;
}
