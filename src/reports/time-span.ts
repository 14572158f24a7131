import { openTable } from '../datasets/open-table.js';
import type { TextDictionary } from '../datasets/text-dictionary.js';
import { refuseTime } from './chosen-columns.js';
import { momentsOf } from './moments-of.js';
import type { MonitorSettings } from './monitor-settings.js';
import type { Moment, RowWindow } from './report.js';

/**
 * The time of the first and the last row of the input, by one more pass over its column of time;
 * nothing without one.
 * @param others the other columns of the input, for what is said where it has no such column
 * @throws WeirError wrong-use where it has not
 */
export async function timeSpan(
  settings: MonitorSettings,
  others: readonly string[],
): Promise<Pick<RowWindow, 'fromTime' | 'toTime'>> {
  const { time, input, progress } = settings;
  if (time === null) return {};
  const dictionaries = new Map<string, TextDictionary>();
  const table = openTable(input, {
    wanted: (name) => name === time,
    dictionaries,
    progress: progress === null ? undefined : (share) => progress(input, share),
  });
  let fromTime: Moment | undefined;
  let toTime: Moment = null;
  for await (const batch of table.batches()) {
    const momentOf = momentsOf(settings, table, batch, dictionaries);
    fromTime ??= momentOf(0);
    toTime = momentOf(batch.rows - 1);
    if (table.isFixed && !table.names.includes(time)) break;
  }
  if (!table.names.includes(time)) refuseTime(settings, others);
  return { fromTime: fromTime ?? null, toTime };
}
