import { cellKind } from '../datasets/cell.js';
import type { CollectedColumn } from '../datasets/collected-column.js';
import { type ColumnType, columnType, countKinds } from './column-type.js';

/** Rows from which on nearly unique texts are taken for names of things. */
const idRowsMin = 50;
const idShare = 0.5;
/** Share from which on texts that do not come back, as those of sessions, are taken for it too. */
const passingShare = 0.1;

export type Testable =
  | { readonly type: Exclude<ColumnType, 'none'>; readonly reason: null }
  | { readonly type: ColumnType; readonly reason: string };

/** Whether a column of the reference can be tested at all, and as what. */
export function testable(column: CollectedColumn): Testable {
  const kinds = countKinds(column);
  const type = columnType(kinds);
  if (type === 'none') {
    const what = kinds[cellKind.other]! > 0 ? 'lists and objects' : 'nulls';
    const found = kinds[cellKind.notFinite]! > 0 ? 'NaN and infinities' : what;
    return { type, reason: `expected values in the reference; found only ${found}` };
  }
  const texts = kinds[cellKind.text]!;
  if (type === 'category' && texts >= idRowsMin) {
    const { distinct, fresh } = distinctTexts(column, texts);
    const isPassing = distinct > passingShare * texts && fresh > texts / 4;
    if (column.texts.isFull || distinct > idShare * texts || isPassing) {
      const share = ((100 * distinct) / texts).toFixed(0);
      return {
        type,
        reason: `${distinct} different texts in ${texts} rows (${share} %): names of things, which have no distribution to compare`,
      };
    }
  }
  return { type, reason: null };
}

/** Different texts, and the rows of the later half whose text the earlier half has not. */
function distinctTexts({ kinds, values }: CollectedColumn, texts: number) {
  const earlier = new Set<number>();
  const later = new Set<number>();
  let seen = 0;
  let fresh = 0;
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] !== cellKind.text) continue;
    const code = values[i]!;
    if (seen++ < texts / 2) earlier.add(code);
    else if (!earlier.has(code)) {
      later.add(code);
      fresh++;
    }
  }
  return { distinct: earlier.size + later.size, fresh };
}
