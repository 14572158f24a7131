import { cellKind } from '../datasets/cell.js';
import type { CollectedColumn } from '../datasets/collected-column.js';

export type ColumnType = 'number' | 'time' | 'category' | 'none';

/** Cells of each kind, by its number. */
export type KindCounts = Uint32Array;

export function countKinds({ kinds }: CollectedColumn): KindCounts {
  const counts = new Uint32Array(Object.keys(cellKind).length);
  for (let i = 0; i < kinds.length; i++) counts[kinds[i]!]!++;
  return counts;
}

/** Share of the cells that makes a column what it is. */
const most = 0.95;

/**
 * What a column is, by its cells that hold something: numbers where 95 % are numbers, times where
 * 95 % are times, else categories; nothing where none can be tested. What is of another kind than
 * its column counts as missing in numbers and as a category among categories.
 */
export function columnType(kinds: KindCounts): ColumnType {
  const numbers = kinds[cellKind.number]!;
  const times = kinds[cellKind.time]!;
  const categories = kinds[cellKind.text]! + kinds[cellKind.boolean]!;
  const all = numbers + times + categories;
  if (all === 0) return 'none';
  if (numbers >= most * all) return 'number';
  if (times >= most * all) return 'time';
  return 'category';
}
