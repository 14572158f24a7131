import { columnType } from './column-type.js';
import type { RowBytes } from './row-bytes.js';

/** A column of a table and what goes into it. */
export interface ColumnSource<Source> {
  readonly name: string;
  /** As system.columns shows it. */
  readonly type: string;
  readonly value: (source: Source) => unknown;
}

/** Writes rows of one table as RowBinary. */
export interface RowWriter<Source> {
  readonly columns: readonly ColumnSource<Source>[];
  /**
   * Appends the row.
   * @returns index of the column whose type cannot hold its value, the row then being in part; -1
   */
  readonly write: (out: RowBytes, source: Source) => number;
}

/** Column by column; on the hottest paths a writer of its own saves the calls. */
export function rowWriter<Source>(columns: readonly ColumnSource<Source>[]): RowWriter<Source> {
  const types = columns.map(({ type }) => columnType(type));
  return {
    columns,
    write: (out, source) => {
      for (let i = 0; i < types.length; i += 1) {
        if (!types[i]!.write(out, columns[i]!.value(source))) return i;
      }
      return -1;
    },
  };
}
