import assert from 'node:assert/strict';
import { test } from 'node:test';
import { equal } from '../../src/features/expression.js';
import { key, number, optional, text } from '../../src/features/fields.js';
import { source, table } from '../../src/features/source.js';
import { TableState } from '../../src/features/table-state.js';
import { type View, view } from '../../src/features/view.js';
import { ViewState, wanted } from '../../src/features/view-state.js';

const sales = source('sales', {
  key: 'buyer',
  time: 'at',
  fields: { buyer: key(), item: optional(key()), gift_for: optional(key()) },
});

const items = table('items', {
  key: 'item',
  time: 'at',
  fields: {
    item: key(),
    price: optional(number()),
    label: optional(text()),
    maker: optional(key()),
  },
});

const buyers = table('buyers', {
  key: 'id',
  time: 'at',
  fields: { id: key(), tier: optional(text()), discount: optional(number()) },
});

/** Feeds events (row, time) and gives the named features after the last. */
function after(view: View<unknown>, tables: readonly TableState[], events: [object, number][]) {
  const state = new ViewState(view.definition, tables);
  const numbers = new Float64Array(state.numbers);
  const others: unknown[] = [];
  for (const [row, atMs] of events) {
    const whole = { buyer: 'ann', item: null, gift_for: null, ...row };
    state.event(whole, whole.buyer, atMs, wanted.after, numbers, 0, others, 0);
  }
  const values = state.values(numbers, 0, others, 0);
  const features = view.definition.shape.features;
  return { state, row: Object.fromEntries(features.map(({ name }, i) => [name, values[i]])) };
}

test('an event sees the joined row as of its own time, and nothing where it names none', () => {
  const state = new TableState(items);
  state.update({ item: 7, price: 10, label: 'tea' }, 1_000, -Infinity);
  state.update({ item: '7', price: 20 }, 3_000, -Infinity);
  const buyer = view({
    name: 'buyer',
    key: 'buyer',
    source: sales.asOf(items, 'item'),
    features: (on) => ({
      spent: on.sum('price', { over: 'lifetime' }),
      priced: on.count({ where: equal(on.column('label'), 'tea'), over: 'lifetime' }),
      labels: on.topCounts('label', { size: 3, over: 'lifetime' }),
    }),
  });
  const { row } = after(
    buyer,
    [state],
    [
      [{ item: 7 }, 999], // before its first price
      [{ item: '7' }, 2_999],
      [{ item: 7 }, 3_000],
      [{ item: 8 }, 4_000],
      [{ item: null }, 4_000],
      [{ item: '7' }, 2_000], // late: the price of then
    ],
  );
  assert.deepEqual(row, { spent: 40, priced: 3, labels: [['tea', 3]] });
});

test('keys are one by their text wherever they stand: in columns, in tables and in conditions', () => {
  const state = new TableState(items);
  state.update({ item: 1, maker: 12 }, 0, -Infinity);
  state.update({ item: 2, maker: '12' }, 0, -Infinity);
  state.update({ item: 3, maker: '012' }, 0, -Infinity);
  const buyer = view({
    name: 'buyer',
    key: 'buyer',
    source: sales.asOf(items, 'item'),
    features: (on) => ({
      items: on.distinct('item', { over: 'lifetime' }),
      makers: on.distinct('maker', { over: 'lifetime' }),
      friends: on.distinct('gift_for', { over: 'lifetime' }),
      twos: on.count({ where: { item: '2' }, over: 'lifetime' }),
      twelves: on.count({ where: { maker: 12 }, over: 'lifetime' }),
      other_twelves: on.count({ where: equal('012', on.column('maker')), over: 'lifetime' }),
    }),
  });
  const { row } = after(
    buyer,
    [state],
    [
      [{ item: 1, gift_for: 5 }, 1],
      [{ item: '1', gift_for: '5' }, 2],
      [{ item: 2, gift_for: null }, 3],
      [{ item: '2' }, 4],
      [{ item: 3, gift_for: '05' }, 5],
    ],
  );
  assert.deepEqual(row, {
    items: 3,
    makers: 2,
    friends: 2,
    twos: 2,
    twelves: 4,
    other_twelves: 1,
  });
});

const withOwn = view({
  name: 'buyer',
  key: 'buyer',
  source: sales.asOf(buyers, 'buyer', { maxAgeMs: 5_000 }),
  features: (on) => ({
    bought: on.count({ over: '60s/1s' }),
    tier: on.own('tier'),
    discount: on.own('discount'),
  }),
});

test('a column of the own table is that of the event, and of the instant when read later', () => {
  const state = new TableState(buyers);
  state.update({ id: 'ann', tier: 'gold', discount: 5 }, 1_000, -Infinity);
  const { state: owner, row } = after(withOwn, [state], [[{}, 2_000]]);
  assert.deepEqual(row, { bought: 1, tier: 'gold', discount: 5 });
  state.update({ id: 'ann', discount: null }, 3_000, -Infinity);
  const numbers = new Float64Array(owner.numbers);
  const others: unknown[] = [];
  const readAt = (atMs: number) => {
    owner.read(1, atMs, numbers, 0, others, 0);
    return owner.values(numbers, 0, others, 0);
  };
  assert.deepEqual(readAt(2_500), [1, 'gold', 5]);
  assert.deepEqual(readAt(3_000), [1, 'gold', null]);
  assert.deepEqual(readAt(8_000), [1, 'gold', null]);
  assert.deepEqual(readAt(8_001), [1, null, null]); // older than the join allows
});
