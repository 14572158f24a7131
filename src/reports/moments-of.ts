import { type Batch, cellKind } from '../datasets/cell.js';
import type { Table } from '../datasets/table.js';
import type { TextDictionary } from '../datasets/text-dictionary.js';
import type { MonitorSettings } from './monitor-settings.js';
import type { TimeOf } from './pane-counts.js';

/** The time of a row of a batch, as it is shown: ISO 8601 where it is one, else as it stands. */
export function momentsOf(
  { time }: MonitorSettings,
  table: Table,
  batch: Batch,
  dictionaries: ReadonlyMap<string, TextDictionary>,
): TimeOf {
  const column = time === null ? undefined : batch.columns[table.names.indexOf(time)];
  const texts = dictionaries.get(time ?? '')?.texts;
  if (column === undefined) return () => null;
  return (row) => {
    const value = column.values[row]!;
    switch (column.kinds[row]) {
      case cellKind.time:
        return new Date(value).toISOString();
      case cellKind.number:
        return value;
      case cellKind.text:
        return texts?.[value] ?? null;
      default:
        return null;
    }
  };
}
