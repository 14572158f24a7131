import { cellKind } from '../datasets/cell.js';
import { type CollectedColumn, isNumeric } from '../datasets/collected-column.js';
import { type Bins, binCount, nullBin } from '../stats/bins.js';
import { frozenEdges } from '../stats/frozen-edges.js';
import { ksTiesFactor, type TiesFactor } from '../stats/ks-ties.js';
import { type MergePlan, mergePlan } from '../stats/merge-plan.js';
import { categoryBins, categoryPlace } from './category-bins.js';
import type { ColumnType } from './column-type.js';
import { dispersion } from './dispersion.js';
import { type EdgeGrid, edgeGrid, gridBin } from './edge-grid.js';
import { rankCorrelation } from './order.js';
import { widestOwnDistance } from './own-windows.js';

/** A multiple of ten, so that the deciles are among the edges. */
const edgesMax = 250;

/** What is kept of a column of the reference: its bins, never moved, and its counts in them. */
export interface FrozenColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly bins: Bins;
  /** How many of its values, at the end, are bins of many rare categories. */
  readonly shared: number;
  readonly plan: MergePlan;
  readonly counts: Uint32Array;
  /** The bins from here on hold no value that can be tested: null, then what is none. */
  readonly firstMissing: number;
  /** Of a numeric column whose ties make the law of KS another one. */
  readonly ties: TiesFactor | null;
  /** Rows that tell as much as one independent row. */
  readonly inflation: number;
  /** Largest distance of its own windows from the whole; null: not known. */
  readonly ownDistance: number | null;
  /** Correlation of its ranks with the number of the row. */
  readonly trend: number;
  /** Of a numeric column. */
  readonly grid: EdgeGrid | null;
  readonly place: (kind: number, value: number) => number;
}

/** Freezes a column of the reference, numbers at quantiles, categories by how frequent they are. */
export function freeze(
  column: CollectedColumn,
  type: 'number' | 'time' | 'category',
  nWindow: number,
): FrozenColumn {
  const { bins, shared, grid, place } =
    type === 'category' ? frozenTexts(column, nWindow) : frozenNumbers(column);
  const missing = nullBin(bins);
  const counts = new Uint32Array(binCount(bins));
  const usable = new Uint16Array(column.kinds.length);
  let used = 0;
  for (let i = 0; i < column.kinds.length; i++) {
    const bin = place(column.kinds[i]!, column.values[i]!);
    counts[bin]!++;
    if (bin < missing) usable[used++] = bin;
  }
  const ordered = usable.subarray(0, used);
  return {
    name: column.name,
    type,
    bins,
    shared,
    plan: mergePlan(bins, counts),
    counts,
    firstMissing: missing,
    ties: type === 'category' ? null : ksTiesFactor(counts.subarray(0, missing)),
    inflation: dispersion(ordered, missing, nWindow),
    ownDistance: type === 'category' ? null : widestOwnDistance(ordered, missing, nWindow),
    trend: type === 'category' ? 0 : rankCorrelation(ordered),
    grid,
    place,
  };
}

function frozenTexts(column: CollectedColumn, nWindow: number) {
  const texts = categoryBins(column, nWindow);
  return { ...texts, grid: null, place: categoryPlace(texts, column.texts) };
}

function frozenNumbers({ kinds, values }: CollectedColumn) {
  function* finite(): Generator<number> {
    for (let i = 0; i < kinds.length; i++) if (isNumeric(kinds[i]!)) yield values[i]!;
  }
  const bins = frozenEdges(finite(), edgesMax);
  const grid = edgeGrid(bins.edges);
  return { bins, shared: 0, grid, place: numberPlace(grid) };
}

type Place = FrozenColumn['place'];

/** As `binOf`, from the kind of a cell. */
function numberPlace(grid: EdgeGrid): Place {
  const count = grid.edges.length;
  return (kind, value) => {
    if (isNumeric(kind)) return gridBin(grid, value);
    return kind === cellKind.null ? count + 1 : count + 2;
  };
}
