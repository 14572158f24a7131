import { cellKind } from '../datasets/cell.js';
import { isNumeric } from '../datasets/collected-column.js';

const cells = 4096;
/** Of the edges at either end, in the outermost cells together: the tails need no finer ones. */
const tail = 0.02;

/** Edges with a uniform grid over them: which of them a value can lie between, in one step. */
export interface EdgeGrid {
  readonly edges: Float64Array;
  readonly low: number;
  readonly scale: number;
  /** By cell: how many edges lie in the cells before. */
  readonly first: Uint16Array;
}

export function edgeGrid(all: readonly number[]): EdgeGrid {
  const edges = Float64Array.from(all);
  const outer = Math.floor(tail * edges.length);
  const low = edges[outer] ?? 0;
  const scale = edges.length > 1 ? cells / (edges.at(-1 - outer)! - low) : 0;
  const first = new Uint16Array(cells + 1);
  const grid = { edges, low, scale: Number.isFinite(scale) ? scale : 0, first };
  // Never falls as x grows, so edges of earlier cells are below x and those of later ones above.
  for (const edge of edges) first[cellOf(grid, edge) + 1]!++;
  for (let i = 0; i < cells; i++) first[i + 1]! += first[i]!;
  return grid;
}

function cellOf({ low, scale }: EdgeGrid, x: number): number {
  const at = (x - low) * scale;
  if (!(at > 0)) return 0;
  return at < cells ? at | 0 : cells - 1;
}

/** The first edge that is not below x: its bin. */
export function gridBin(grid: EdgeGrid, x: number): number {
  const { edges, first } = grid;
  const cell = cellOf(grid, x);
  let at = first[cell]!;
  let width = first[cell + 1]! - at;
  while (width > 0) {
    const half = width >>> 1;
    if (edges[at + half]! < x) at += width - half;
    width = half;
  }
  return at;
}

/** Counts cells of a numeric column in its bins; null, then what is no number, behind them. */
export function countCells(
  grid: EdgeGrid,
  cellsOf: { readonly kinds: Uint8Array; readonly values: Float64Array },
  rows: { readonly from: number; readonly to: number },
  counts: Uint32Array,
  offset: number,
): void {
  const { kinds, values } = cellsOf;
  const beyond = offset + grid.edges.length + 1;
  for (let row = rows.from; row < rows.to; row++) {
    const kind = kinds[row]!;
    if (kind === cellKind.number || isNumeric(kind)) {
      counts[offset + gridBin(grid, values[row]!)]!++;
    } else counts[kind === cellKind.null ? beyond : beyond + 1]!++;
  }
}
