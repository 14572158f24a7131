/** What a cell of a table holds; its number stands beside it. */
export const cellKind = {
  /** Nothing: an empty cell, null, a missing field. */
  null: 0,
  /** A finite number: itself. */
  number: 1,
  /** NaN or an infinity. */
  notFinite: 2,
  /** Text: its code in the dictionary of the column, -1 where that is full. */
  text: 3,
  /** A date or an instant: ms since 1970. */
  time: 4,
  /** 0 or 1. */
  boolean: 5,
  /** A list or an object: nothing that can be tested. */
  other: 6,
} as const;

export interface Cell {
  readonly kind: number;
  readonly value: number;
}

/** Rows of a batch, at most. */
export const batchRows = 1024;

/** Consecutive cells of one column; what lies beyond the rows of the batch means nothing. */
export interface ColumnBatch {
  readonly kinds: Uint8Array;
  readonly values: Float64Array;
}

/** Consecutive rows, by column; the next batch may be written over the same arrays. */
export interface Batch {
  readonly rows: number;
  readonly columns: readonly ColumnBatch[];
}

export function columnBatch(rows = batchRows): ColumnBatch {
  return { kinds: new Uint8Array(rows), values: new Float64Array(rows) };
}
