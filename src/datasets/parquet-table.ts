import { closeSync, openSync, readSync, statSync } from 'node:fs';
import {
  type AsyncBuffer,
  type Compressors,
  type DecodedArray,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type SchemaElement,
  type SchemaTree,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { WeirError } from '../errors.js';
import { fileBytes } from '../streams/ingest/file-bytes.js';
import { type Batch, batchRows, type ColumnBatch, cellKind, columnBatch } from './cell.js';
import { cellOfValue } from './cell-of-value.js';
import type { BrokenRows, Table, TableOptions } from './table.js';
import { dictionaryOf, type TextDictionary } from './text-dictionary.js';

interface Column {
  readonly name: string;
  readonly isTime: boolean;
  /** Lists and structures: they are not read. */
  readonly isNested: boolean;
  readonly texts: TextDictionary;
  /** Of the row group that is read. */
  cells: ColumnBatch;
}

/** Times as numbers, ms: a Date for each cell would take most of the time of reading. */
const parsers = {
  timestampFromMilliseconds: Number,
  timestampFromMicroseconds: (micros: bigint) => Number(micros) / 1e3,
  timestampFromNanoseconds: (nanos: bigint) => Number(nanos) / 1e6,
  dateFromDays: (days: number) => days * 86_400_000,
};

/** The codecs; LZ4's refuses the empty block of a dictionary that holds nothing but nulls. */
const codecs: Compressors = Object.fromEntries(
  Object.entries(compressors).map(([codec, unpack]) => [
    codec,
    (packed: Uint8Array, length: number) =>
      length === 0 ? new Uint8Array(0) : unpack(packed, length),
  ]),
);

/**
 * A Parquet file, one row group at a time: what is held is a row group's wanted columns. Columns of
 * lists and structures hold nothing that can be tested. Packed as a whole with gzip it is unpacked
 * in memory. Errors: `input-missing`, `input-unreadable`.
 */
export class ParquetTable implements Table {
  readonly path: string;
  readonly names: string[] = [];
  readonly isFixed = true;
  readonly broken: BrokenRows = { count: 0, first: '' };
  readonly #options: TableOptions;

  constructor(path: string, options: TableOptions) {
    this.path = path;
    this.#options = options;
  }

  async *batches(): AsyncGenerator<Batch, void> {
    const file = await openBuffer(this.path);
    try {
      const metadata = await parquetMetadataAsync(file);
      const columns = this.#columnsOf(parquetSchema(metadata).children);
      const rows = Number(metadata.num_rows);
      let rowStart = 0;
      for (const group of metadata.row_groups) {
        const rowEnd = rowStart + Number(group.num_rows);
        if (rowEnd === rowStart) continue;
        const range = { rowStart, rowEnd };
        for (const column of columns) await readColumn({ file, metadata, ...range }, column);
        yield* cut(columns, rowEnd - rowStart);
        this.#options.progress?.(rowEnd / rows);
        rowStart = rowEnd;
      }
    } catch (error) {
      if (error instanceof WeirError) throw error;
      const found = error instanceof Error ? error.message : String(error);
      const message = `${this.path}: expected a Parquet file, found one that cannot be read (${found}); check the file`;
      throw new WeirError('input-unreadable', message, { cause: error });
    } finally {
      file.close();
    }
  }

  #columnsOf(all: readonly SchemaTree[]): readonly Column[] {
    const wanted = this.#options.wanted ?? (() => true);
    const chosen = all.filter(({ element }) => wanted(element.name));
    this.names.push(...chosen.map(({ element }) => element.name));
    return chosen.map(({ element, children }) => ({
      name: element.name,
      isTime: isTime(element),
      isNested: children.length > 0,
      texts: dictionaryOf(this.#options.dictionaries, element.name),
      cells: columnBatch(0),
    }));
  }
}

interface RowGroup {
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly rowStart: number;
  readonly rowEnd: number;
}

/** Reads a column of a row group, a page at a time: pages put together would be boxed numbers. */
async function readColumn(group: RowGroup, column: Column): Promise<void> {
  const rows = group.rowEnd - group.rowStart;
  if (column.cells.kinds.length < rows) column.cells = columnBatch(rows);
  column.cells.kinds.fill(column.isNested ? cellKind.other : cellKind.null);
  if (column.isNested) return;
  const columns = [column.name];
  const onPage = ({ columnData, rowStart }: { columnData: DecodedArray; rowStart: number }) =>
    fill(column, columnData, rowStart - group.rowStart);
  await parquetRead({ ...group, columns, compressors: codecs, parsers, onPage });
}

function fill({ cells, isTime, texts }: Column, page: DecodedArray, from: number): void {
  const { kinds, values } = cells;
  const plain = isTime ? cellKind.time : cellKind.number;
  if (Array.isArray(page)) {
    for (let i = 0; i < page.length; i++) {
      const value: unknown = page[i];
      const isPlain = typeof value === 'number' && Number.isFinite(value);
      const cell = isPlain ? null : cellOfValue(value, texts);
      kinds[from + i] = cell === null ? plain : cell.kind;
      values[from + i] = cell === null ? Number(value) + 0 : cell.value;
    }
    return;
  }
  const isLong = page instanceof BigInt64Array || page instanceof BigUint64Array;
  values.set(isLong ? Float64Array.from(page, Number) : page, from);
  for (let i = from; i < from + page.length; i++) {
    const isNumber = Number.isFinite(values[i]);
    kinds[i] = isNumber ? plain : cellKind.notFinite;
    values[i] = isNumber ? values[i]! + 0 : 0;
  }
}

/** The batches of a row group that has been read. */
function* cut(columns: readonly Column[], rows: number): Generator<Batch, void> {
  for (let from = 0; from < rows; from += batchRows) {
    const to = Math.min(from + batchRows, rows);
    yield {
      rows: to - from,
      columns: columns.map(({ cells: { kinds, values } }) => ({
        kinds: kinds.subarray(from, to),
        values: values.subarray(from, to),
      })),
    };
  }
}

function isTime({ type, converted_type, logical_type }: SchemaElement): boolean {
  const logical = logical_type?.type;
  const converted = converted_type ?? '';
  return (
    type === 'INT96' ||
    logical === 'TIMESTAMP' ||
    logical === 'DATE' ||
    converted === 'DATE' ||
    converted.startsWith('TIMESTAMP')
  );
}

interface OpenBuffer extends AsyncBuffer {
  close(): void;
}

async function openBuffer(path: string): Promise<OpenBuffer> {
  const isPacked = path.toLowerCase().endsWith('.gz');
  if (!isPacked && statSync(path, { throwIfNoEntry: false })?.isFile() === true) {
    return openFile(path);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of fileBytes(path)) chunks.push(chunk);
  const all = Buffer.concat(chunks);
  const bytes = all.buffer.slice(all.byteOffset, all.byteOffset + all.length);
  return {
    byteLength: bytes.byteLength,
    slice: (start, end) => bytes.slice(start, end),
    close: () => {},
  };
}

function openFile(path: string): OpenBuffer {
  const descriptor = openSync(path, 'r');
  const byteLength = statSync(path).size;
  return {
    byteLength,
    slice(start, end = byteLength) {
      const bytes = new ArrayBuffer(Math.max(0, end - start));
      const into = new Uint8Array(bytes);
      for (let done = 0; done < into.length; ) {
        const read = readSync(descriptor, into, done, into.length - done, start + done);
        if (read === 0) break;
        done += read;
      }
      return bytes;
    },
    close: () => closeSync(descriptor),
  };
}
