import { WeirError } from '../errors.js';
import { type Batch, cellKind } from './cell.js';
import { openTable } from './open-table.js';
import type { BrokenRows, TableOptions } from './table.js';
import { dictionaryOf, type TextDictionary } from './text-dictionary.js';

/** All cells of one column, in the order of the file. */
export interface CollectedColumn {
  readonly name: string;
  readonly kinds: Uint8Array;
  readonly values: Float64Array;
  readonly texts: TextDictionary;
}

export interface Collected {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, CollectedColumn>;
  /** Columns that are there but did not fit: collect them in another pass. */
  readonly deferred: readonly string[];
  readonly broken: BrokenRows;
}

const bytesPerCell = 9;
/** A row of the column that is tested: its numbers once more, sorted. */
const bytesBeside = 8;
const capacityMin = 4096;

interface Growing {
  readonly name: string;
  kinds: Uint8Array;
  values: Float64Array;
}

/**
 * Collects columns of a file until they take `bytesMax`; then the last ones are given up, to be
 * collected in another pass. A cell takes 9 bytes, in arrays of a power of two of them.
 * @param bytesMax what is held, with room to sort the numbers of one column
 * @throws WeirError wrong-use where one column does not fit
 */
export async function collectColumns(
  path: string,
  options: TableOptions,
  bytesMax: number,
): Promise<Collected> {
  const table = openTable(path, options);
  const growing: (Growing | null)[] = [];
  let rows = 0;
  let active = 0;
  const wanted = options.wanted ?? (() => true);
  for await (const batch of table.batches()) {
    for (let i = growing.length; i < batch.columns.length; i++) {
      const name = table.names[i]!;
      const isWanted = wanted(name);
      if (isWanted) active++;
      const cells = isWanted ? withCapacity(Math.max(capacityMin, rows)) : null;
      growing.push(cells === null ? null : { name, ...cells });
    }
    append(growing, batch, rows);
    rows += batch.rows;
    const held = () => active * capacityOf(rows) * bytesPerCell + rows * bytesBeside;
    for (let i = growing.length - 1; active > 0 && held() > bytesMax; i--) {
      if (growing[i] === null) continue;
      if (active === 1) throw tooLarge(path, rows, held(), bytesMax);
      growing[i] = null;
      active--;
    }
  }
  const columns = new Map<string, CollectedColumn>();
  for (const column of growing) {
    if (column === null) continue;
    columns.set(column.name, {
      name: column.name,
      kinds: column.kinds.subarray(0, rows),
      values: column.values.subarray(0, rows),
      texts: dictionaryOf(options.dictionaries, column.name),
    });
  }
  const deferred = table.names.filter((name) => wanted(name) && !columns.has(name));
  return { rows, columns, deferred: rows === 0 ? [] : deferred, broken: table.broken };
}

function tooLarge(path: string, rows: number, held: number, bytesMax: number): WeirError {
  const size = (bytes: number) => `${(bytes / 2 ** 20).toPrecision(3)} MiB`;
  const message = `${path}: expected room for one column, found that ${rows} rows of it take ${size(held)}, where ${size(bytesMax)} are left for this file; give a larger --memory`;
  return new WeirError('wrong-use', message, { place: { path } });
}

function withCapacity(rows: number) {
  const capacity = capacityOf(rows);
  return { kinds: new Uint8Array(capacity), values: new Float64Array(capacity) };
}

/** Powers of two. */
function capacityOf(rows: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(capacityMin, rows)));
}

function append(growing: readonly (Growing | null)[], batch: Batch, rows: number): void {
  for (const [i, column] of growing.entries()) {
    if (column === null) continue;
    if (column.kinds.length < rows + batch.rows) {
      const { kinds, values } = withCapacity(rows + batch.rows);
      kinds.set(column.kinds);
      values.set(column.values);
      column.kinds = kinds;
      column.values = values;
    }
    const from = batch.columns[i]!;
    column.kinds.set(from.kinds.subarray(0, batch.rows), rows);
    column.values.set(from.values.subarray(0, batch.rows), rows);
  }
}

/** The values that a numeric column can be tested by: finite numbers, times and booleans. */
export function finiteValues({ kinds, values }: CollectedColumn): Float64Array {
  const finite = new Float64Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (isNumeric(kinds[i]!)) finite[count++] = values[i]!;
  return finite.subarray(0, count);
}

export function isNumeric(kind: number): boolean {
  return kind === cellKind.number || kind === cellKind.time || kind === cellKind.boolean;
}

/** The category that a cell belongs to; null for what is none. */
export function categoryOf(kind: number, value: number, texts: TextDictionary): string | null {
  switch (kind) {
    case cellKind.text:
      return texts.texts[value] ?? 'other texts';
    case cellKind.boolean:
      return value === 1 ? 'true' : 'false';
    case cellKind.number:
      return String(value);
    case cellKind.time:
      return new Date(value).toISOString();
    default:
      return null;
  }
}
