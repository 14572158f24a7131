import { type Cell, cellKind } from './cell.js';
import { cellOfNumber } from './text-cell.js';
import type { TextDictionary } from './text-dictionary.js';

/** The cell of a value as JSON or Parquet has it. */
export function cellOfValue(value: unknown, texts: TextDictionary): Cell {
  if (value === null || value === undefined) return { kind: cellKind.null, value: 0 };
  if (typeof value === 'number') return cellOfNumber(value);
  if (typeof value === 'string') return texts.cellOf(value);
  if (typeof value === 'boolean') return { kind: cellKind.boolean, value: value ? 1 : 0 };
  if (typeof value === 'bigint') return { kind: cellKind.number, value: Number(value) };
  if (value instanceof Date && !Number.isNaN(value.getTime())) {
    return { kind: cellKind.time, value: value.getTime() };
  }
  return { kind: cellKind.other, value: 0 };
}
