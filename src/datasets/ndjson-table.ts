import { WeirError } from '../errors.js';
import {
  type Batch,
  batchRows,
  type Cell,
  type ColumnBatch,
  cellKind,
  columnBatch,
} from './cell.js';
import { cellOfValue } from './cell-of-value.js';
import { type LayoutField, layoutOf } from './json-layout.js';
import { NumberScanner } from './number-scanner.js';
import type { BrokenRows, Table, TableOptions } from './table.js';
import { spans, type Unread } from './table-bytes.js';
import { cellOfNumber } from './text-cell.js';
import { dictionaryOf, type TextDictionary } from './text-dictionary.js';

const newline = 10;
const columnsMax = 10_000;
const nestingMax = 8;

interface Column {
  readonly batch: ColumnBatch;
  readonly texts: TextDictionary;
}

interface KnownField extends LayoutField {
  /** Null: not wanted. */
  readonly column: Column | null;
}

/** Values by how they are written; NaN and the infinities are those of Python. */
const literals: ReadonlyMap<string, Cell> = new Map([
  ['null', { kind: cellKind.null, value: 0 }],
  ['true', { kind: cellKind.boolean, value: 1 }],
  ['false', { kind: cellKind.boolean, value: 0 }],
  ['NaN', { kind: cellKind.notFinite, value: 0 }],
  ['Infinity', { kind: cellKind.notFinite, value: 0 }],
  ['-Infinity', { kind: cellKind.notFinite, value: 0 }],
]);

/**
 * Lines of JSON objects. A field of an object within is named with a dot, `context.device`; texts
 * stand for the same as in CSV. A line that is no object is broken. Lines written as the first are
 * read from their bytes, others parsed.
 * Errors: `input-missing`, `input-unreadable`.
 */
export class NdjsonTable implements Table {
  readonly path: string;
  readonly names: string[] = [];
  readonly isFixed = false;
  readonly broken: BrokenRows = { count: 0, first: '' };
  readonly #options: TableOptions;
  readonly #number = new NumberScanner();
  /** By name; null: not wanted. */
  readonly #byName = new Map<string, Column | null>();
  readonly #columns: Column[] = [];
  readonly #batch: ColumnBatch[] = [];
  #layout: readonly KnownField[] | null = null;
  #line = 0;

  constructor(path: string, options: TableOptions) {
    this.path = path;
    this.#options = options;
  }

  async *batches(): AsyncGenerator<Batch, void> {
    const unread: Unread = { from: 0 };
    let row = 0;
    for await (const { bytes } of spans(this.path, unread, this.#options.progress)) {
      for (let at = 0; at < bytes.length; ) {
        const end = bytes.indexOf(newline, at);
        this.#line++;
        if (this.#readKnown(bytes, at, row) || this.#readLine(bytes, at, end, row)) row++;
        at = end + 1;
        if (row === batchRows) {
          yield { rows: row, columns: this.#batch };
          row = 0;
        }
      }
    }
    if (row > 0) yield { rows: row, columns: this.#batch };
  }

  /** Whether the line is written as the layout has it, and so has been read. */
  #readKnown(bytes: Buffer, start: number, row: number): boolean {
    if (this.#layout === null) return false;
    let at = start;
    for (const { lead, column } of this.#layout) {
      for (let i = 0; i < lead.length; i++) if (bytes[at + i] !== lead[i]) return false;
      at += lead.length;
      const end = this.#readValue(bytes, at, column, row);
      if (end < 0) return false;
      at = end;
    }
    if (bytes[at++] !== 125) return false;
    if (bytes[at] === 13) at++;
    if (bytes[at] !== newline) return false;
    // A field that the layout does not have may be left from the batch before.
    if (this.#columns.length > this.#layout.length) this.#clearOthers(row);
    return true;
  }

  #clearOthers(row: number): void {
    for (const [name, column] of this.#byName) {
      if (column !== null && !this.#layout?.some((field) => field.name === name)) {
        column.batch.kinds[row] = cellKind.null;
      }
    }
  }

  /** Where the value at `at` ends; -1 where it has to be parsed. */
  #readValue(bytes: Buffer, at: number, column: Column | null, row: number): number {
    if (bytes[at] === 34) {
      let end = at + 1;
      while (bytes[end] !== 34) {
        if (bytes[end] === 92 || bytes[end] === newline) return -1;
        end++;
      }
      if (column !== null) put(column, row, column.texts.cellOfBytes(bytes, at + 1, end));
      return end + 1;
    }
    const end = this.#number.read(bytes, at);
    const after = bytes[end];
    if (end < 0 || (after !== 44 && after !== 125))
      return this.#readLiteral(bytes, at, column, row);
    if (column !== null) put(column, row, cellOfNumber(this.#number.value));
    return end;
  }

  #readLiteral(bytes: Buffer, at: number, column: Column | null, row: number): number {
    let end = at;
    while (bytes[end] !== 44 && bytes[end] !== 125 && bytes[end] !== newline) end++;
    const cell = literals.get(bytes.toString('latin1', at, Math.min(end, at + 12)));
    if (cell === undefined) return -1;
    if (column !== null) put(column, row, cell);
    return end;
  }

  /** Whether the line is a row; learns its layout where none is known. */
  #readLine(bytes: Buffer, start: number, end: number, row: number): boolean {
    const line = bytes.toString('utf8', start, end).trim();
    if (line === '') return false;
    const value = parseLine(line);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      if (this.broken.count++ === 0) {
        this.broken.first = `line ${this.#line}: expected a JSON object, found ${shown(line)}`;
      }
      return false;
    }
    for (const column of this.#columns) column.batch.kinds[row] = cellKind.null;
    this.#readFields(value, '', row, 0);
    if (this.#layout === null) {
      const fields = layoutOf(line);
      if (fields !== null) {
        this.#layout = fields.map((field) => ({ ...field, column: this.#columnOf(field.name) }));
      }
    }
    return true;
  }

  #readFields(object: object, prefix: string, row: number, depth: number): void {
    for (const [key, value] of Object.entries(object)) {
      const name = prefix + key;
      if (depth < nestingMax && typeof value === 'object' && value !== null) {
        if (!Array.isArray(value)) {
          this.#readFields(value, `${name}.`, row, depth + 1);
          continue;
        }
      }
      const column = this.#columnOf(name);
      if (column !== null) put(column, row, cellOfValue(value, column.texts));
    }
  }

  #columnOf(name: string): Column | null {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const wanted = this.#options.wanted ?? (() => true);
    if (!wanted(name)) {
      this.#byName.set(name, null);
      return null;
    }
    if (this.names.length === columnsMax) {
      const message = `${this.path}: expected at most ${columnsMax} fields, found more; choose some with --columns`;
      throw new WeirError('input-unreadable', message, { place: { path: this.path } });
    }
    const texts = dictionaryOf(this.#options.dictionaries, name);
    const column = { batch: columnBatch(), texts };
    this.names.push(name);
    this.#columns.push(column);
    this.#batch.push(column.batch);
    this.#byName.set(name, column);
    return column;
  }
}

function put({ batch }: Column, row: number, cell: Cell): void {
  batch.kinds[row] = cell.kind;
  batch.values[row] = cell.value;
}

/** The value of a line; undefined where it is no JSON. Python writes NaN and Infinity. */
function parseLine(line: string): unknown {
  for (const text of [
    line,
    line.replace(/([:[,]\s*)(?:NaN|-?Infinity)(?=\s*[,}\]])/g, '$11e999'),
  ]) {
    try {
      return JSON.parse(text);
    } catch {}
  }
  return undefined;
}

function shown(line: string): string {
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
