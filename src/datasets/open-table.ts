import { CsvTable } from './csv-table.js';
import { NdjsonTable } from './ndjson-table.js';
import { ParquetTable } from './parquet-table.js';
import type { Table, TableOptions } from './table.js';

/**
 * A file as columns, by the end of its name: `.parquet`, `.ndjson`, `.jsonl` or `.json` (lines of
 * JSON), CSV otherwise; each also with `.gz`.
 */
export function openTable(path: string, options: TableOptions): Table {
  const name = path.toLowerCase().replace(/\.gz$/, '');
  if (name.endsWith('.parquet')) return new ParquetTable(path, options);
  if (/\.(ndjson|jsonl|json)$/.test(name)) return new NdjsonTable(path, options);
  return new CsvTable(path, options);
}
