import type { CellKind } from './columns.js';

/** Writes one row as a JSON array and a newline. */
export type WriteRow<Source> = (row: Source) => string;

/** A value of a row: its kind and the JavaScript that reads it off `r`. */
export interface Cell {
  readonly cell: CellKind;
  readonly read: string;
}

/**
 * Compiles the writer of a table's rows to one expression: 30 columns take 2.0 µs a row this way,
 * 3.1 µs by JSON.stringify over an array. Only kinds, indices and property names of our own enter
 * the source, never a name from a definition.
 */
export function compileRow<Source>(cells: readonly Cell[]): WriteRow<Source> {
  const parts = cells.map(({ cell, read }) => write[cell](read));
  const body = `${parts.map((part, i) => `v=${part.read};t+=${i === 0 ? '' : "','+"}${part.text};`).join('')}`;
  const source = `let v,t='[';${body}return t+']\\n';`;
  return new Function('r', source) as WriteRow<Source>; // the source above is such a function
}

interface Part {
  readonly read: string;
  readonly text: string;
}

const json = (read: string): Part => ({ read, text: "(v==null?'null':JSON.stringify(v))" });

/** v - v is 0 for a finite number and for null, NaN for what JSON cannot carry. */
const numeric = (read: string): Part => ({ read, text: "(v-v===0?v:'null')" });

/** ClickHouse reads null as 0 into a column that cannot be null; a word makes it refuse the row. */
const known = (read: string): Part => ({
  read,
  text: `(v!==null&&v-v===0?v:'"not a number"')`,
});

/** How each kind is written, from the value in `v`; milliseconds are the ticks of DateTime64(3). */
const write: Readonly<Record<CellKind, (read: string) => Part>> = {
  number: numeric,
  integer: numeric,
  time: numeric,
  known,
  text: json,
  integers: (read) => ({ read, text: "(v==null?'[]':'['+v.join()+']')" }),
  counts: (read) => ({ read, text: "(v==null?'[]':JSON.stringify(v))" }),
  texts: (read) => ({ read, text: "(v==null?'[]':JSON.stringify(v))" }),
  map: (read) => ({ read, text: "(v==null?'{}':JSON.stringify(v))" }),
  textMap: (read) => ({ read, text: "(v==null?'{}':JSON.stringify(v))" }),
};
