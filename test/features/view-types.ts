// Only compiles: what the types of a definition allow, refuse and infer. A refusal that the
// compiler no longer makes is an error here: its @ts-expect-error then stands for nothing.
import { add, type Expr, equal, less, ratio, season } from '../../src/features/expression.js';
import { key, number, oneOf, optional, text, texts } from '../../src/features/fields.js';
import { source, table } from '../../src/features/source.js';
import { type RowOf, view } from '../../src/features/view.js';

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles where both types are the very same. */
function same<A, B>(_isSame: Same<A, B>): void {}

const visits = source('visits', {
  key: 'user',
  time: 'at',
  fields: {
    user: key(),
    item: optional(key()),
    kind: oneOf('look', 'buy'),
    paid: optional(number()),
    device: optional(text()),
  },
});
const items = table('items', {
  key: 'item',
  time: 'at',
  fields: { item: key(), price: number(), label: text(), tags: texts() },
});
const weather = table('weather', { time: 'at', fields: { warmth: number() } });
const users = table('users', {
  key: 'user',
  time: 'at',
  fields: { user: key(), tier: text(), age: optional(number()) },
});

export const user = view({
  name: 'user',
  key: 'user',
  source: visits.asOf(items, 'item').asOf(weather).asOf(users, 'user', { maxAgeMs: 1_000 }),
  features: (on) => ({
    buys: on.count({ where: { kind: 'buy' }, over: ['1h', '24h/15m'] }),
    spent: on.sum('paid', { over: '7d' }),
    price: on.mean('price', { over: ['lifetime'] }),
    items: on.distinct('item', { over: '7d/1h' }),
    hours: on.histogram('paid', { size: 3, over: '1h' }),
    labels: on.topCounts('label', { size: 3, over: 'lifetime' }),
    seasons: on.topCounts(season(on.time), { size: 4, over: 'lifetime' }),
    last: on.lastTime(),
    tier: on.own('tier'),
    age: on.own('age'),
    cheap: on.count({ where: less(on.column('price'), 5), over: '1h' }),
  }),
  internal: (on) => ({ mean_paid: on.mean('paid', { over: '30d' }) }),
  derive: (f) => ({ per_buy: ratio(f.spent, f.buys_24h), gap: add(f.mean_paid, f.price_lifetime) }),
});

same<
  RowOf<typeof user>,
  {
    readonly buys_1h: number;
    readonly buys_24h: number;
    readonly spent: number;
    readonly price_lifetime: number | null;
    readonly items: number;
    readonly hours: readonly number[];
    readonly labels: readonly (readonly [string, number])[];
    readonly seasons: readonly (readonly [string, number])[];
    readonly last: number | null;
    readonly tier: string | null;
    readonly age: number | null;
    readonly cheap: number;
    readonly per_buy: number | null;
    readonly gap: number | null;
  }
>(true);
same<typeof user.features.mean_paid, Expr<number | null>>(true);
// A row without derived and internal features has nothing more than its features.
const plain = view({
  name: 'plain',
  key: 'user',
  source: visits,
  features: (on) => ({ n: on.count({ over: '1h' }) }),
});
same<RowOf<typeof plain>, { readonly n: number }>(true);
same<RowOf<typeof plain>, { readonly n: number | null }>(false);

// @ts-expect-error a row has no feature of another window
export const noSuchWindow: keyof RowOf<typeof user> = 'buys_7d';
// @ts-expect-error an internal feature is not in the row
export const noInternal: keyof RowOf<typeof user> = 'mean_paid';
// @ts-expect-error a derived value may be null
export const notNull: number = (null as unknown as RowOf<typeof user>).per_buy;

view({
  name: 'wrong',
  key: 'user',
  source: visits,
  features: (on) => ({
    // @ts-expect-error no such column
    a: on.sum('payed', { over: '1h' }),
    // @ts-expect-error a text cannot be summed
    b: on.sum('device', { over: '1h' }),
    // @ts-expect-error a number is no text
    c: on.topCounts('paid', { size: 3, over: 'lifetime' }),
    // @ts-expect-error top counts are kept for life
    d: on.topCounts('device', { size: 3, over: '7d' }),
    // @ts-expect-error no such value of kind
    e: on.count({ where: { kind: 'bought' }, over: '1h' }),
    // @ts-expect-error paid is a number
    f: on.count({ where: { paid: '3' }, over: '1h' }),
    // @ts-expect-error no such column
    g: on.count({ where: { knid: 'buy' }, over: '1h' }),
    // @ts-expect-error a window must be given
    h: on.count({ where: { kind: 'buy' } }),
    // @ts-expect-error a histogram needs a size
    i: on.histogram('paid', { over: '1h' }),
    // @ts-expect-error a condition is true or false, not a number
    j: on.count({ where: add(on.column('paid'), 1), over: '1h' }),
    // @ts-expect-error a text has no order
    k: on.count({ where: less(on.column('device'), 1), over: '1h' }),
    // @ts-expect-error no such column
    l: on.count({ where: equal(on.column('devise'), 'pad'), over: '1h' }),
    // @ts-expect-error no such column
    m: on.own('tire'),
  }),
});

view({
  name: 'wrong',
  key: 'user',
  source: visits,
  features: (on) => ({
    n: on.count({ over: ['1h', '24h'] }),
    seen: on.topCounts('device', { size: 3, over: 'lifetime' }),
  }),
  derive: (f) => ({
    // @ts-expect-error no such feature: it is n_1h
    o: add(f.n, 1),
    // @ts-expect-error no such window
    p: add(f.n_7d, 1),
    // @ts-expect-error counts of texts are no number
    q: add(f.seen, 1),
  }),
});

view({
  name: 'wrong',
  key: 'user',
  source: visits,
  features: (on) => ({ n: on.count({ over: '1h' }) }),
  // @ts-expect-error a derived feature is a number, not a condition
  derive: (f) => ({ r: equal(f.n, 1) }),
});

// @ts-expect-error the key is a column
view({ name: 'wrong', key: 'usr', source: visits, features: () => ({}) });
// @ts-expect-error the join's column is a column
visits.asOf(items, 'itme');
// @ts-expect-error events cannot be joined as a table
visits.asOf(visits, 'user');
// @ts-expect-error the key is a field
source('visits', { key: 'usr', time: 'at', fields: { user: key() } });
// @ts-expect-error a field is made by a function such as text()
source('visits', { key: 'user', time: 'at', fields: { user: key(), device: 'text' } });
