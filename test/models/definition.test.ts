import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, equal, less, subtract } from '../../src/features/expression.js';
import { type ModelDefinition, model } from '../../src/models/definition.js';
import { compileWhere } from '../../src/models/event-columns.js';
import { ranker } from '../../src/pipelines/places-ranker.js';
import { customer, item, joined, sampleModel, shopEvents } from './sample-model.js';

const rest = { name: 'm', events: joined, first: customer, second: item, manifest: 'm.json' };

/** Compiled, never called: each marked line must be refused by the compiler. */
export function wrongNamesAreCompileErrors(): readonly ModelDefinition[] {
  return [
    // @ts-expect-error: the view customer has looks_1h and looks_24h
    model({ ...rest, inputs: (_, customer) => ({ x: add(customer.looks_2h, 1) }) }),
    // @ts-expect-error: bought is a feature of item, not of customer
    model({ ...rest, inputs: (_, customer) => ({ x: customer.bought }) }),
    // @ts-expect-error: no such column
    model({ ...rest, inputs: (event) => ({ x: event.column('pride') }) }),
    // @ts-expect-error: a text is no input
    model({ ...rest, inputs: (event) => ({ x: event.column('device') }) }),
    // @ts-expect-error: a list of counts is no input
    model({ ...rest, inputs: (_, customer) => ({ x: customer.labels }) }),
    // @ts-expect-error: no such column
    model({ ...rest, where: { sort: 'look' }, inputs: () => ({ x: customer.features.looks_1h }) }),
    // @ts-expect-error: no such value
    model({ ...rest, where: { kind: ['lok'] }, inputs: () => ({ x: customer.features.looks_1h }) }),
    // @ts-expect-error: an internal feature of one view does not belong to the other
    model({ ...rest, inputs: (_, customer) => ({ x: customer.listed }) }),
  ];
}

test('a model is data: inputs in order, and the event columns they use', () => {
  const sample = sampleModel('sample.json');
  assert.deepEqual(
    sample.inputs.map((input) => input.name),
    ['price_difference', 'fairs'],
  );
  assert.deepEqual(sample.columns, ['fairs']);
  assert.deepEqual(sample.inputs[0]?.node, {
    op: 'call',
    fn: 'subtract',
    args: [
      { op: 'feature', view: 'item', name: 'listed' },
      { op: 'feature', view: 'customer', name: 'mean_price' },
    ],
  });
});

test('the hash changes with an expression and with the condition, not with the manifest', () => {
  const build = (by: number, kind: 'look' | 'buy') =>
    model({
      ...rest,
      where: { kind },
      inputs: (_, customer) => ({ x: subtract(customer.looks_1h, by) }),
    });
  const { hash } = build(1, 'look');
  assert.match(hash, /^[0-9a-f]{16}$/);
  assert.equal(build(1, 'look').hash, hash);
  assert.notEqual(build(2, 'look').hash, hash);
  assert.notEqual(build(1, 'buy').hash, hash);
  assert.equal(sampleModel('a.json').hash, sampleModel('b.json').hash);
});

test('a condition is equality with a value, with one of a list, or any expression', () => {
  const inputs = () => ({ x: customer.features.looks_1h });
  const row = (kind: string, paid: number | null, device: string | null) => ({
    customer: 1,
    item: 2,
    kind,
    paid,
    device,
  });
  const one = compileWhere(model({ ...rest, where: { kind: 'look' }, inputs }));
  assert.deepEqual([one(row('look', null, null), 0), one(row('buy', 1, null), 0)], [true, false]);
  const either = compileWhere(
    model({ ...rest, where: { kind: ['look', 'buy'], device: 'pad' }, inputs }),
  );
  const answers = [row('look', 1, 'pad'), row('buy', 1, 'pad'), row('buy', 1, null)];
  assert.deepEqual(
    answers.map((each) => either(each, 0)),
    [true, true, false],
  );
  const cheap = compileWhere(
    model({ ...rest, where: (event) => less(event.column('paid'), 5), inputs }),
  );
  assert.deepEqual(
    [row('buy', 4, null), row('buy', 5, null), row('look', null, null)].map((r) => cheap(r, 0)),
    [true, false, false],
  );
  assert.equal(compileWhere(model({ ...rest, inputs }))(row('buy', 1, null), 0), true);
});

test('a join that the first view does not have is refused with the remedy', () => {
  const refused = () =>
    model({ ...rest, first: item, second: customer, inputs: (_, item) => ({ x: item.bought }) });
  assert.throws(refused, {
    code: 'definition-invalid',
    message:
      "model m: expected events joined as view item joins them; found a join of weather that the view does not have; declare the same .asOf(…) in both, since the events are evaluated in the view's task",
  });
});

test('a condition over a joined column is refused, since only one of the tasks knows it', () => {
  const inputs = () => ({ x: customer.features.looks_1h });
  assert.throws(
    () => model({ ...rest, where: (event) => equal(event.column('label'), 'a'), inputs }),
    { code: 'definition-invalid', message: /'where' over columns of shop-events; found label/ },
  );
});

test('names that only JavaScript can get wrong are refused when the model is declared', () => {
  const column = { node: { op: 'column', name: 'pride' } } as const;
  assert.throws(() => model({ ...rest, inputs: () => ({ x: column }) }), {
    code: 'definition-invalid',
    message: /expected one of the columns customer, item, kind, .*; found pride/,
  });
  const feature = { node: { op: 'feature', view: 'item', name: 'sold' } } as const;
  assert.throws(() => model({ ...rest, inputs: () => ({ x: feature }) }), {
    code: 'definition-invalid',
    message: /found sold of item/,
  });
  assert.throws(() => model({ ...rest, inputs: () => ({}) }), { message: /at least one input/ });
  assert.throws(() => model({ ...rest, second: customer, inputs: (_, c) => ({ x: c.looks_1h }) }), {
    message: /expected two views; found customer twice/,
  });
});

test('the ranker of places has its pair inputs first, and records what is no number', () => {
  assert.deepEqual(
    ranker.inputs.slice(0, 3).map((input) => input.name),
    ['distance_km', 'price_difference', 'rating_difference'],
  );
  assert.deepEqual(
    ranker.recorded.map((one) => one.name),
    ['day_of_month', 'month', 'season', 'weather', 'device', 'category', 'lat'],
  );
  const scored = compileWhere(ranker);
  const types = ['view', 'click', 'visit', 'rate'].map((event_type) => scored({ event_type }, 0));
  assert.deepEqual(types, [true, true, false, false]);
  assert.equal(ranker.events.topic, 'interactions');
  assert.notEqual(ranker.events, shopEvents.events);
});
