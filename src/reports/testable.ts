import { cellKind } from '../datasets/cell.js';
import type { CollectedColumn } from '../datasets/collected-column.js';
import { type ColumnType, columnType, countKinds } from './column-type.js';
import type { MonitorSettings } from './monitor-settings.js';
import { oddNumber } from './odd-number.js';
import { unsuited } from './suited-tests.js';

/** Rows from which on nearly unique categories are taken for names of things. */
const idRowsMin = 50;
const idShare = 0.5;
/** Share from which on texts that do not come back, as those of sessions, are taken for it too. */
const passingShare = 0.1;

export type Testable =
  | { readonly type: Exclude<ColumnType, 'none'>; readonly reason: null }
  | { readonly type: ColumnType; readonly reason: string };

/** Whether a column of the reference can be tested at all, by what is asked for, and as what. */
export function testable(
  column: CollectedColumn,
  settings: Pick<MonitorSettings, 'tests' | 'window'>,
): Testable {
  const kinds = countKinds(column);
  const type = columnType(kinds);
  if (type === 'none') {
    const nested = 'lists and objects; give their fields columns of their own';
    const what = kinds[cellKind.other]! > 0 ? nested : 'nulls';
    const found = kinds[cellKind.notFinite]! > 0 ? 'NaN and infinities' : what;
    return { type, reason: `expected values in the reference; found only ${found}` };
  }
  const suits = unsuited(settings, type);
  if (suits !== null || type !== 'category') return { type, reason: suits };
  const numbers = kinds[cellKind.number]! + kinds[cellKind.time]!;
  const rows = numbers + kinds[cellKind.text]! + kinds[cellKind.boolean]!;
  if (rows < idRowsMin) return { type, reason: null };
  const { distinct, fresh } = distinctCategories(column, rows);
  const isPassing = distinct > passingShare * rows && fresh > rows / 4;
  if (!column.texts.isFull && distinct <= idShare * rows && !isPassing) {
    return { type, reason: null };
  }
  const percent = (part: number) => `${((100 * part) / rows).toFixed(0)} %`;
  const different = `${distinct} different texts in ${rows} rows (${percent(distinct)})`;
  const odd = oddNumber(column.texts.texts);
  let reason = `${different}: names of things, which have no distribution to compare`;
  if (odd !== null) {
    reason = `${different} that look like numbers, as '${odd}'; write them as 1234.5, without units`;
  } else if (numbers > 0) {
    reason = `expected 95 % numbers or times, or few different values; found ${percent(numbers)} and ${distinct} different values in ${rows} rows; leave empty what is no number`;
  }
  return { type, reason };
}

/** By kind, so that codes of texts and booleans lie between the integers among the numbers. */
const shifts: Readonly<Record<number, number>> = {
  [cellKind.number]: 0,
  [cellKind.time]: 0,
  [cellKind.text]: 0.25,
  [cellKind.boolean]: 0.5,
};

/** Different cells of a category, and the rows of the later half that the earlier half has not. */
function distinctCategories({ kinds, values }: CollectedColumn, rows: number) {
  const earlier = new Set<number>();
  const later = new Set<number>();
  let seen = 0;
  let fresh = 0;
  for (let i = 0; i < kinds.length; i++) {
    const kind = kinds[i]!;
    const shift = shifts[kind];
    if (shift === undefined) continue;
    const key = values[i]! + shift;
    if (seen++ < rows / 2) earlier.add(key);
    else if (!earlier.has(key)) {
      later.add(key);
      fresh++;
    }
  }
  return { distinct: earlier.size + later.size, fresh };
}
