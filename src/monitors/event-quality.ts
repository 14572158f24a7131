import { compileEvents, type EventCounts } from './event-counts.js';
import type { EventExpectation } from './expectation.js';
import { type Measured, share } from './measured.js';
import type { TallyRules } from './tally-rules.js';

const noEvent = 'no event was seen';

/** What an expectation of all events of a view comes to, or why nothing can be said. */
export function eventQuality(
  { business, expectations }: TallyRules,
  expectation: EventExpectation,
  sums: readonly number[],
): Measured | string {
  const events = compileEvents(business, expectations, expectation.group);
  if (events === null || sums.length < events.width) return noEvent;
  return expectation.test === 'schema'
    ? schema(events, expectation, sums)
    : duplicates(events, expectation.most ?? 0.01, sums);
}

/** The share of the columns that have a value in some event. */
function schema(
  { schemas }: EventCounts,
  expectation: Extract<EventExpectation, { readonly test: 'schema' }>,
  sums: readonly number[],
): Measured | string {
  const { at } = schemas.find((one) => one.expectation === expectation)!; // compiled from the same
  const [n = 0, ...values] = sums.slice(at, at + 1 + expectation.columns.length);
  if (n === 0) return noEvent;
  const missing = expectation.columns.filter((_, i) => values[i] === 0);
  const effect = missing.length / expectation.columns.length;
  const detail = missing.length === 0 ? '' : `without a value in any event: ${missing.join(', ')}`;
  return { statistic: 1 - effect, effect, n, pValue: null, method: 'all', detail };
}

/** The share of the events that repeat none: at least 1 less `most`, by the binomial law. */
function duplicates(
  { duplicates: placed }: EventCounts,
  most: number,
  sums: readonly number[],
): Measured | string {
  const [events = 0, repeats = 0, looked = 0] = sums.slice(placed!.at);
  if (events === 0) return noEvent;
  const measured = share(Math.round(looked * (1 - repeats / events)), looked, 1 - most);
  return typeof measured === 'string' ? measured : { ...measured, statistic: repeats / events };
}
