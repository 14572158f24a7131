import { WeirError } from '../errors.js';
import { type Batch, batchRows, type ColumnBatch, cellKind, columnBatch } from './cell.js';
import { NumberScanner } from './number-scanner.js';
import type { BrokenRows, Table, TableOptions } from './table.js';
import { recordBytesMax, spans, type Unread } from './table-bytes.js';
import { dictionaryOf, type TextDictionary } from './text-dictionary.js';

const newline = 10;
const carriageReturn = 13;
const quote = 34;
const delimiters = [',', ';', '\t', '|'];

function unreadable(path: string, problem: string, remedy = 'mend the file'): WeirError {
  const message = `${path}: expected CSV with a header of column names, found ${problem}; ${remedy}`;
  return new WeirError('input-unreadable', message, { place: { path } });
}

interface Column {
  readonly batch: ColumnBatch;
  readonly texts: TextDictionary;
}

/**
 * A CSV file (RFC 4180; comma, semicolon, tab or bar by its header; line ends LF or CRLF; quoted
 * cells may hold line ends). A record with another number of cells than the header is broken.
 * Numbers are read from the bytes: no text is made for them.
 * Errors: `input-missing`, `input-unreadable`.
 */
export class CsvTable implements Table {
  readonly path: string;
  names: readonly string[] = [];
  readonly isFixed = true;
  readonly broken: BrokenRows = { count: 0, first: '' };
  readonly #options: TableOptions;
  readonly #number = new NumberScanner();
  /** By position; null: not wanted. */
  #columns: (Column | null)[] = [];
  #batch: ColumnBatch[] = [];
  #delimiter = 0;
  #line = 1;
  /** Why the record last read is broken; '' where it is whole. */
  #fault = '';
  /** Whether a cell of it was quoted. */
  #isQuoted = false;

  constructor(path: string, options: TableOptions) {
    this.path = path;
    this.#options = options;
  }

  async *batches(): AsyncGenerator<Batch, void> {
    const unread: Unread = { from: 0 };
    let row = 0;
    for await (const { bytes, isLast } of spans(this.path, unread, this.#options.progress)) {
      let at = 0;
      if (this.#columns.length === 0) {
        at = this.#readHeader(bytes, isLast);
        if (at < 0) {
          unread.from = 0;
          continue;
        }
      }
      while (at < bytes.length) {
        const next = this.#readRecord(bytes, at, row, isLast);
        if (next < 0) break;
        if (this.#fault !== '') this.#refuse();
        this.#line += this.#isQuoted ? countLines(bytes, at, next) : 1;
        at = next;
        if (this.#fault !== '') continue;
        if (++row === batchRows) {
          yield { rows: row, columns: this.#batch };
          row = 0;
        }
      }
      unread.from = at;
    }
    if (row > 0) yield { rows: row, columns: this.#batch };
  }

  #refuse(): void {
    if (this.#fault === 'blank') return;
    if (this.broken.count++ === 0) this.broken.first = `line ${this.#line}: ${this.#fault}`;
  }

  /** Where the first record starts; -1 where the header has not ended. */
  #readHeader(bytes: Buffer, isLast: boolean): number {
    let at = 0;
    while (at < bytes.length && (bytes[at] === newline || bytes[at] === carriageReturn)) at++;
    if (at >= bytes.length) {
      if (isLast) throw unreadable(this.path, 'an empty file');
      return -1;
    }
    const lineEnd = bytes.indexOf(newline, at);
    const line = bytes.toString('utf8', at, lineEnd);
    if (line.includes('\u0000')) throw unreadable(this.path, 'binary data', 'check the format');
    this.#delimiter = delimiterOf(line).charCodeAt(0);
    const cells: string[] = [];
    let next = at;
    do {
      const end = this.#cellEnd(bytes, next);
      if (end < 0) {
        if (isLast) throw unreadable(this.path, 'a quote in the header that is not closed');
        return -1;
      }
      cells.push(textOf(bytes, next, withoutReturn(bytes, end)).trim());
      next = end + 1;
    } while (bytes[next - 1] !== newline);
    this.#line += countLines(bytes, 0, next);
    this.#open(cells);
    return next;
  }

  #open(cells: readonly string[]): void {
    const names = cells.map((name, i) => name || `column_${i + 1}`);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) {
      const remedy = 'give each column a name of its own';
      throw unreadable(this.path, `the column '${twice}' twice`, remedy);
    }
    this.names = names;
    const wanted = this.#options.wanted ?? (() => true);
    this.#columns = names.map((name) =>
      wanted(name)
        ? { batch: columnBatch(), texts: dictionaryOf(this.#options.dictionaries, name) }
        : null,
    );
    const unwanted = columnBatch(0);
    this.#batch = this.#columns.map((column) => column?.batch ?? unwanted);
  }

  /** Reads one record into a row of the batch; answers where the next starts, -1: it has no end. */
  #readRecord(bytes: Buffer, start: number, row: number, isLast: boolean): number {
    const delimiter = this.#delimiter;
    const columns = this.#columns;
    const width = columns.length;
    const scanner = this.#number;
    this.#fault = '';
    this.#isQuoted = false;
    let at = start;
    for (let i = 0; i < width; i++) {
      const column = columns[i]!;
      let end = -1;
      if (column !== null) {
        end = scanner.read(bytes, at);
        let after = end < 0 ? 0 : bytes[end]!;
        if (after === carriageReturn && bytes[end + 1] === newline) after = bytes[++end]!;
        if (end >= 0 && (after === delimiter || after === newline)) {
          const { kinds, values } = column.batch;
          const isNumber = Number.isFinite(scanner.value); // 1e999 is none
          kinds[row] = isNumber ? cellKind.number : cellKind.notFinite;
          values[row] = isNumber ? scanner.value : 0;
        } else {
          end = this.#readText(bytes, at, column, row);
        }
      } else end = this.#cellEnd(bytes, at);
      if (end < 0) return this.#withoutEnd(bytes, start, isLast);
      at = end + 1;
      if (bytes[end] === newline && i < width - 1) return this.#short(bytes, start, at, i + 1);
    }
    if (bytes[at - 1] !== newline) return this.#long(bytes, at);
    // One column alone: a blank line is no record, as it is none among several.
    return width === 1 && isBlank(bytes, start, at) ? this.#blank(at) : at;
  }

  #blank(at: number): number {
    this.#fault = 'blank';
    return at;
  }

  #short(bytes: Buffer, start: number, at: number, found: number): number {
    const blank = found === 1 && isBlank(bytes, start, at);
    this.#fault = blank ? 'blank' : `expected ${this.#columns.length} cells, found ${found}`;
    return at;
  }

  #long(bytes: Buffer, from: number): number {
    let at = from;
    let found = this.#columns.length;
    do {
      const end = this.#cellEnd(bytes, at);
      at = (end < 0 ? bytes.indexOf(newline, at) : end) + 1;
      found++;
    } while (bytes[at - 1] !== newline);
    this.#fault = `expected ${this.#columns.length} cells, found ${found}`;
    return at;
  }

  /** A record whose quote is not closed: its rest may follow, or its first line is left out. */
  #withoutEnd(bytes: Buffer, start: number, isLast: boolean): number {
    if (!isLast && bytes.length - start < recordBytesMax) return -1;
    this.#fault = 'a quote is not closed';
    return bytes.indexOf(newline, start) + 1;
  }

  #readText(bytes: Buffer, at: number, column: Column, row: number): number {
    const end = this.#cellEnd(bytes, at);
    if (end < 0) return -1;
    const { kinds, values } = column.batch;
    const last = withoutReturn(bytes, end);
    if (last === at) {
      kinds[row] = cellKind.null;
      return end;
    }
    const text = bytes[at] === quote ? Buffer.from(textOf(bytes, at, last)) : null;
    const cell =
      text === null
        ? column.texts.cellOfBytes(bytes, at, last)
        : column.texts.cellOfBytes(text, 0, text.length);
    kinds[row] = cell.kind;
    values[row] = cell.value;
    return end;
  }

  /** The delimiter or newline that ends the cell at `at`; -1 where a quote is not closed. */
  #cellEnd(bytes: Buffer, at: number): number {
    let i = at;
    if (bytes[i] === quote) {
      this.#isQuoted = true;
      i++;
      for (;;) {
        i = bytes.indexOf(quote, i);
        if (i < 0) return -1;
        if (bytes[i + 1] !== quote) break;
        i += 2;
      }
    }
    for (; i < bytes.length; i++) {
      if (bytes[i] === this.#delimiter || bytes[i] === newline) return i;
    }
    return -1;
  }
}

function delimiterOf(header: string): string {
  const unquoted = header.replaceAll(/"[^"]*"/g, '');
  const count = (delimiter: string) => unquoted.split(delimiter).length;
  return delimiters.reduce((best, one) => (count(one) > count(best) ? one : best));
}

function withoutReturn(bytes: Buffer, end: number): number {
  return bytes[end] === newline && bytes[end - 1] === carriageReturn ? end - 1 : end;
}

/** A cell's text, its quotes taken off. */
function textOf(bytes: Buffer, from: number, to: number): string {
  const raw = bytes.toString('utf8', from, to);
  const isQuoted = raw.length > 1 && raw.startsWith('"') && raw.endsWith('"');
  return isQuoted ? raw.slice(1, -1).replaceAll('""', '"') : raw;
}

function isBlank(bytes: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i]! > 32) return false;
  return true;
}

function countLines(bytes: Buffer, from: number, to: number): number {
  let lines = 0;
  for (let i = from; i < to; i++) if (bytes[i] === newline) lines++;
  return lines;
}
