import type { Bins } from './bins.js';

/**
 * Reads bins back from parsed JSON; null if they are not what `frozenEdges` or `frozenCategories`
 * make.
 */
export function parseBins(json: unknown): Bins | null {
  if (typeof json !== 'object' || json === null || !('kind' in json)) return null;
  if (json.kind === 'numeric' && 'edges' in json && Array.isArray(json.edges)) {
    const edges: unknown[] = json.edges;
    return isAscending(edges, isFiniteNumber) ? { kind: 'numeric', edges } : null;
  }
  if (json.kind === 'categorical' && 'values' in json && Array.isArray(json.values)) {
    const values: unknown[] = json.values;
    return isAscending(values, isText) ? { kind: 'categorical', values } : null;
  }
  return null;
}

const isFiniteNumber = (x: unknown): x is number => typeof x === 'number' && Number.isFinite(x);
const isText = (x: unknown): x is string => typeof x === 'string';

function isAscending<T extends number | string>(
  list: unknown[],
  is: (x: unknown) => x is T,
): list is T[] {
  return list.every(is) && list.every((x, i) => i === 0 || list[i - 1]! < x);
}
