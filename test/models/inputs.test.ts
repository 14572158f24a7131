import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  countOf,
  elementOf,
  equal,
  haversineKm,
  hourOfDay,
  indicator,
  isBusinessHours,
  isWeekend,
  lengthOf,
  season,
  subtract,
} from '../../src/features/expression.js';
import { TableState } from '../../src/features/table-state.js';
import { ViewState, wanted } from '../../src/features/view-state.js';
import { model } from '../../src/models/definition.js';
import { compileEventColumns } from '../../src/models/event-columns.js';
import {
  absentVector,
  compileInputs,
  compileRecorded,
  inputsByName,
  type VectorRow,
} from '../../src/models/inputs.js';
import { customer, item, items, joined, weather } from './sample-model.js';

const hourMs = 3_600_000;
/** Saturday 2025-03-01, 10:30 UTC. */
const saturday = Date.UTC(2025, 2, 1, 10, 30);

function tables(): [TableState, TableState] {
  const [byItem, everywhere] = [new TableState(items), new TableState(weather)];
  byItem.update({ item: 7, price: 12, label: 'red' }, saturday - 5 * hourMs, -Infinity);
  byItem.update({ item: 8, price: 20, label: 'blue' }, saturday - 5 * hourMs, -Infinity);
  byItem.update({ item: 7, price: 16 }, saturday - 30, -Infinity);
  everywhere.update({ warmth: 21.5, fairs: ['a', 'b'] }, saturday - hourMs / 2, -Infinity);
  return [byItem, everywhere];
}

function before(state: ViewState, row: Record<string, unknown>, timeMs: number): VectorRow {
  const n = 3; // somewhere inside a block
  const numbers = new Float64Array(n + state.numbers);
  const others: unknown[] = ['of another row'];
  const key = row[state.definition.key] as number;
  state.event(row, key, timeMs, wanted.before, numbers, n, others, 1);
  return { numbers, n, others, o: 1 };
}

const look = (itemKey: number | string) => ({
  customer: 1,
  item: itemKey,
  kind: 'look',
  paid: null,
  device: 'pad',
});

test('columns of an event are its own and those joined as of its time', () => {
  const columns = ['item', 'device', 'paid', 'price', 'label', 'warmth', 'fairs'];
  const read = compileEventColumns(customer.definition, columns);
  const states = tables();
  assert.deepEqual(read(look('7'), saturday, states), [
    7,
    'pad',
    null,
    16,
    'red',
    21.5,
    ['a', 'b'],
  ]);
  const earlier = read(look(7), saturday - 31, states);
  assert.deepEqual(earlier.slice(3), [12, 'red', 21.5, ['a', 'b']]);
  const stale = read(look(9), saturday + hourMs, states);
  assert.deepEqual(stale.slice(3), [null, null, null, null]);
  assert.throws(() => compileEventColumns(customer.definition, ['pride']), {
    code: 'definition-invalid',
    message: /view customer: expected a column of shop-events or of a joined table; found pride/,
  });
});

const sample = model({
  name: 'm',
  events: joined,
  first: customer,
  second: item,
  inputs: (event, customer, item) => ({
    looks: customer.looks_24h,
    price_difference: subtract(item.listed, customer.mean_price),
    same_label: countOf(customer.labels, item.label),
    bought: item.bought,
    fairs: lengthOf(event.column('fairs')),
    warmth: event.column('warmth'),
    paid: event.column('paid'),
    pad: indicator(equal(event.column('device'), 'pad')),
    hour: hourOfDay(event.time),
    weekend: indicator(isWeekend(event.time)),
    open: indicator(isBusinessHours(event.time)),
  }),
  recorded: (event, _, item) => ({
    season: season(event.time),
    label: item.label,
    paid_twice: event.column('paid'),
  }),
  manifest: 'm.json',
});

test('inputs are computed from the event and both vectors before it', () => {
  const states = tables();
  const first = new ViewState(customer.definition, states);
  const second = new ViewState(item.definition, [states[0]]);
  // History: customer 1 looks at 7 (price 12) and 8 (price 20); item 7 is bought once.
  const history = [
    { ...look(7), at: saturday - 2 * hourMs },
    { ...look(8), at: saturday - hourMs / 4 },
  ];
  for (const event of history) before(first, event, event.at);
  before(second, { ...look(7), kind: 'buy' }, saturday - hourMs);

  const event = look(7);
  const columns = compileEventColumns(customer.definition, sample.columns)(event, saturday, states);
  const vectors = [before(first, event, saturday), before(second, event, saturday)] as const;
  const fill = compileInputs(sample, first.slots, second.slots);
  const row = new Float64Array(2 + sample.inputs.length);
  fill(saturday, columns, ...vectors, row, 2);
  const recorded = compileRecorded(sample, first.slots, second.slots);
  const named = inputsByName(sample, row, 2, recorded(saturday, columns, ...vectors));
  assert.deepEqual(named, {
    looks: 2,
    price_difference: 0, // listed 16, mean of 12 and 20
    same_label: 1,
    bought: 1,
    fairs: 2,
    warmth: 21.5,
    paid: null,
    pad: 1,
    hour: 10,
    weekend: 1,
    open: 1,
    season: 'spring',
    label: 'red',
    paid_twice: null,
  });
  assert.deepEqual([...row.subarray(0, 2)], [0, 0]);
});

test('a vector that was not there in time gives nulls', () => {
  const states = tables();
  const first = new ViewState(customer.definition, states);
  const second = new ViewState(item.definition, [states[0]]);
  const fill = compileInputs(sample, first.slots, second.slots);
  const row = new Float64Array(sample.inputs.length);
  const columns = sample.columns.map(() => null);
  fill(saturday, columns, absentVector(first.slots), absentVector(second.slots), row, 0);
  const { hour, weekend, open, pad, ...rest } = inputsByName(sample, row, 0, []);
  assert.deepEqual([hour, weekend, open, pad], [10, 1, 1, 0]);
  assert.deepEqual(new Set(Object.values(rest)), new Set([null]));
});

/** Evaluates expressions of the event's time and columns alone. */
function evaluate(
  inputs: Parameters<typeof model<unknown, typeof customer, typeof item>>[0]['inputs'],
) {
  const alone = model({
    name: 'm',
    events: joined as never,
    first: customer,
    second: item,
    inputs,
    manifest: 'm.json',
  });
  const first = new ViewState(customer.definition, [
    new TableState(items),
    new TableState(weather),
  ]);
  const second = new ViewState(item.definition, [new TableState(items)]);
  const fill = compileInputs(alone, first.slots, second.slots);
  return (timeMs: number): number[] => {
    const row = new Float64Array(alone.inputs.length);
    fill(timeMs, [], absentVector(first.slots), absentVector(second.slots), row, 0);
    return [...row];
  };
}

test('distances are great circles on a sphere of radius 6371.0088 km', () => {
  const [degree, overSea, street] = evaluate(() => ({
    degree: haversineKm(0, 0, 0, 1),
    over_sea: haversineKm(40.7128, -74.006, 51.5074, -0.1278),
    street: haversineKm(37.7749, -122.4194, 37.77, -122.42),
  }))(0);
  // Literals by Vincenty's formula for the sphere, not by haversines.
  assert.ok(Math.abs(degree! - 111.19508023353) < 1e-9);
  assert.ok(Math.abs(overSea! - 5570.2298736565) < 1e-8);
  assert.ok(Math.abs(street! - 0.5474021183) < 1e-9);
});

test('calendar inputs follow UTC to the edge', () => {
  const calendar = evaluate((event) => ({
    weekend: indicator(isWeekend(event.time)),
    open: indicator(isBusinessHours(event.time)),
    winter: indicator(equal(season(event.time), 'winter')),
    autumn: indicator(equal(season(event.time), 'autumn')),
  }));
  assert.deepEqual(calendar(Date.UTC(2025, 1, 28, 23, 59, 59, 999)), [0, 0, 1, 0]);
  assert.deepEqual(calendar(Date.UTC(2025, 2, 1)), [1, 0, 0, 0]);
  assert.deepEqual(calendar(Date.UTC(2025, 2, 3, 9)), [0, 1, 0, 0]);
  assert.deepEqual(calendar(Date.UTC(2025, 2, 3, 17, 59)), [0, 1, 0, 0]);
  assert.deepEqual(calendar(Date.UTC(2025, 2, 3, 18)), [0, 0, 0, 0]);
  assert.deepEqual(calendar(Date.UTC(2025, 10, 30)), [1, 0, 0, 1]);
  assert.deepEqual(calendar(Date.UTC(2025, 11, 1)), [0, 0, 1, 0]);
});

test('an element outside a list, or of no list, is null', () => {
  const list = { node: { op: 'column', name: 'fairs' } } as never; // any list will do
  const alone = model({
    name: 'm',
    events: joined,
    first: customer,
    second: item,
    inputs: () => ({
      first: elementOf(list, 0),
      last: elementOf(list, 2),
      beyond: elementOf(list, 3),
      below: elementOf(list, -1),
    }),
    manifest: 'm.json',
  });
  const fill = compileInputs(alone, [], []);
  const nobody = absentVector([]);
  const row = new Float64Array(4);
  fill(0, [[5, 6, 7]], nobody, nobody, row, 0);
  assert.deepEqual([...row], [5, 7, Number.NaN, Number.NaN]);
  fill(0, [null], nobody, nobody, row, 0);
  assert.deepEqual([...row], [Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
});
