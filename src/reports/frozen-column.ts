import { cellKind } from '../datasets/cell.js';
import { type CollectedColumn, categoryOf, isNumeric } from '../datasets/collected-column.js';
import type { TextDictionary } from '../datasets/text-dictionary.js';
import { type Bins, binCount, nullBin } from '../stats/bins.js';
import { frozenEdges } from '../stats/frozen-edges.js';
import { ksTiesFactor, type TiesFactor } from '../stats/ks-ties.js';
import { type MergePlan, mergePlan } from '../stats/merge-plan.js';
import type { ColumnType } from './column-type.js';
import { dispersion } from './dispersion.js';
import { type EdgeGrid, edgeGrid, gridBin } from './edge-grid.js';
import { frequencies } from './exact-tests.js';
import { rankCorrelation } from './order.js';
import { widestOwnDistance } from './own-windows.js';

/** A multiple of ten, so that the deciles are among the edges. */
const edgesMax = 250;
const categoriesMax = 255;

/** What is kept of a column of the reference: its bins, never moved, and its counts in them. */
export interface FrozenColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly bins: Bins;
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
  const bins = type === 'category' ? categoryBins(column) : numericBins(column);
  const missing = nullBin(bins);
  const grid = bins.kind === 'numeric' ? edgeGrid(bins.edges) : null;
  const place = placeOf(bins, grid, column);
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

function numericBins({ kinds, values }: CollectedColumn): Bins {
  function* finite(): Generator<number> {
    for (let i = 0; i < kinds.length; i++) if (isNumeric(kinds[i]!)) yield values[i]!;
  }
  return frozenEdges(finite(), edgesMax);
}

function categoryBins(column: CollectedColumn): Bins {
  const byFrequency = [...frequencies(column)].sort(
    ([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1),
  );
  const values = byFrequency.slice(0, categoriesMax).map(([category]) => category);
  return { kind: 'categorical', values: values.sort((a, b) => (a < b ? -1 : 1)) };
}

type Place = FrozenColumn['place'];

function placeOf(bins: Bins, grid: EdgeGrid | null, { texts }: CollectedColumn): Place {
  if (grid !== null) return numberPlace(grid);
  return categoryPlace(bins.kind === 'categorical' ? bins.values : [], texts);
}

/** As `binOf`, from the kind of a cell. */
function numberPlace(grid: EdgeGrid): Place {
  const count = grid.edges.length;
  return (kind, value) => {
    if (isNumeric(kind)) return gridBin(grid, value);
    return kind === cellKind.null ? count + 1 : count + 2;
  };
}

/** Texts by their code, known after the first time; null and what is no category at the end. */
function categoryPlace(values: readonly string[], texts: TextDictionary): Place {
  const bins = new Map(values.map((value, bin) => [value, bin]));
  const unseen = values.length;
  const byCode: number[] = [];
  return (kind, value) => {
    if (kind === cellKind.text && value >= 0) {
      const known = byCode[value];
      if (known !== undefined) return known;
    }
    const category = categoryOf(kind, value, texts);
    if (category === null) return unseen + 1;
    const bin = bins.get(category) ?? unseen;
    if (kind === cellKind.text && value >= 0) {
      while (byCode.length < value) byCode.push(bins.get(texts.texts[byCode.length]!) ?? unseen);
      byCode[value] = bin;
    }
    return bin;
  };
}
