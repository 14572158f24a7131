import { closeSync, openSync, readSync, statSync } from 'node:fs';
import {
  type AsyncBuffer,
  type ParquetScan,
  parquetMetadataAsync,
  parquetScan,
  parquetSchema,
  type SchemaElement,
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
  readonly batch: ColumnBatch;
  readonly texts: TextDictionary;
}

/** Times as numbers, ms: a Date for each cell would take most of the time of reading. */
const parsers = {
  timestampFromMilliseconds: Number,
  timestampFromMicroseconds: (micros: bigint) => Number(micros) / 1e3,
  timestampFromNanoseconds: (nanos: bigint) => Number(nanos) / 1e6,
  dateFromDays: (days: number) => days * 86_400_000,
};

/**
 * A Parquet file, one row group at a time: what is held is a row group's wanted columns. Columns of
 * lists and structures hold nothing that can be tested. Packed as a whole with gzip it is unpacked
 * in memory. Errors: `input-missing`, `input-unreadable`.
 */
export class ParquetTable implements Table {
  readonly path: string;
  readonly names: string[] = [];
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
      const columns = this.#columnsOf(parquetSchema(metadata).children.map((one) => one.element));
      const names = columns.map(({ name }) => name);
      const scan = await parquetScan({ file, metadata, compressors, parsers, columns: names });
      const rows = Number(metadata.num_rows);
      for (const range of scan.ranges) {
        yield* this.#rowGroup(scan, range, columns);
        this.#options.progress?.(range.rowEnd / rows);
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

  #columnsOf(elements: readonly SchemaElement[]): readonly Column[] {
    const wanted = this.#options.wanted ?? (() => true);
    const names = elements.map(({ name }) => name).filter(wanted);
    this.names.push(...names);
    return elements
      .filter(({ name }) => wanted(name))
      .map((element) => ({
        name: element.name,
        isTime: isTime(element),
        batch: columnBatch(),
        texts: dictionaryOf(this.#options.dictionaries, element.name),
      }));
  }

  async *#rowGroup(
    scan: ParquetScan,
    { rowStart, rowEnd }: { readonly rowStart: number; readonly rowEnd: number },
    columns: readonly Column[],
  ): AsyncGenerator<Batch, void> {
    const cells: ArrayLike<unknown>[] = [];
    for (const { name } of columns) {
      cells.push(await scan.readColumn({ column: name, rowStart, rowEnd }));
    }
    const batch = columns.map((column) => column.batch);
    for (let from = 0; from < rowEnd - rowStart; from += batchRows) {
      const rows = Math.min(batchRows, rowEnd - rowStart - from);
      for (const [i, column] of columns.entries()) fill(column, cells[i]!, from, rows);
      yield { rows, columns: batch };
    }
  }
}

function fill(column: Column, cells: ArrayLike<unknown>, from: number, rows: number): void {
  const { kinds, values } = column.batch;
  const plain = column.isTime ? cellKind.time : cellKind.number;
  for (let i = 0; i < rows; i++) {
    const value = cells[from + i];
    if (typeof value === 'number' && Number.isFinite(value)) {
      kinds[i] = plain;
      values[i] = value + 0;
    } else {
      const cell = cellOfValue(value, column.texts);
      kinds[i] = cell.kind;
      values[i] = cell.value;
    }
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
