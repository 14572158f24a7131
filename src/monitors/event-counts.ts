import type { Row } from '../features/fields.js';
import { type BusinessFigure, compileBusiness } from './business.js';
import type { EventExpectation, Expectation } from './expectation.js';
import {
  nothingSeen,
  repeatSums,
  type SeenEvents,
  see,
  sumsOfRepeats,
  valuesOf,
} from './repeats.js';

type Schema = Extract<EventExpectation, { readonly test: 'schema' }>;
type Duplicates = Extract<EventExpectation, { readonly test: 'duplicates' }>;

/**
 * What is counted over all events of a view in a period, and where it stands among its sums: the
 * business figures, then per expectation of the schema its events and the values of each column,
 * then the repeats.
 */
export interface EventCounts {
  readonly width: number;
  readonly schemas: readonly Placed<Schema>[];
  readonly duplicates: Placed<Duplicates> | null;
  readonly count: (sums: Float64Array, row: Row) => void;
}

interface Placed<One> {
  readonly expectation: One;
  readonly at: number;
}

/** Null where a view has nothing to count: then no event needs looking at. */
export function compileEvents(
  business: readonly BusinessFigure[],
  expectations: readonly Expectation[],
  view: string,
): EventCounts | null {
  const figures = compileBusiness(business, view);
  let width = figures?.width ?? 0;
  const own = expectations.filter((one) => 'group' in one && one.group === view);
  const schemas = own.flatMap((one): Placed<Schema>[] => {
    if (one.test !== 'schema') return [];
    const at = width;
    width += 1 + one.columns.length;
    return [{ expectation: one, at }];
  });
  const repeated = own.find((one) => one.test === 'duplicates');
  const duplicates = repeated === undefined ? null : { expectation: repeated, at: width };
  if (duplicates !== null) width += sumsOfRepeats;
  if (width === 0) return null;
  const count: EventCounts['count'] = (sums, row) => {
    figures?.count(sums, row);
    for (const { expectation, at } of schemas) countColumns(sums, at, expectation.columns, row);
  };
  return { width, schemas, duplicates, count };
}

function countColumns(sums: Float64Array, at: number, columns: readonly string[], row: Row): void {
  sums[at] = sums[at]! + 1;
  for (let i = 0; i < columns.length; i++) {
    const value = row[columns[i]!];
    if (value !== null && value !== undefined) sums[at + 1 + i] = sums[at + 1 + i]! + 1;
  }
}

/** What a period starts with; null where repeats are not looked for. */
export function seenBy(events: EventCounts | null): SeenEvents | null {
  return events?.duplicates ? nothingSeen() : null;
}

/** Looks whether an event is a repeat of another. */
export function seeEvent(
  { duplicates }: EventCounts,
  seen: SeenEvents,
  timeMs: number,
  row: Row,
): void {
  see(seen, timeMs, valuesOf(row, duplicates?.expectation.columns ?? null));
}

/** The sums of a period that is over, repeats among them. */
export function closedSums(
  events: EventCounts | null,
  sums: Float64Array,
  seen: SeenEvents | null,
): readonly number[] {
  const closed = [...sums];
  const at = events?.duplicates?.at;
  if (at !== undefined && seen !== null) {
    for (const [i, sum] of repeatSums(seen).entries()) closed[at + i] = sum;
  }
  return closed;
}
