import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeirError } from '../../src/errors.js';
import { add, equal } from '../../src/features/expression.js';
import { key, number, oneOf, optional, text, texts } from '../../src/features/fields.js';
import { required, source, table, together } from '../../src/features/source.js';
import { view } from '../../src/features/view.js';
import { pipeline } from '../../src/streams/pipeline.js';

// What the types refuse too is written with `as never`: definitions come from JavaScript as well.

const visits = source('visits', {
  key: 'user',
  time: 'at',
  fields: {
    user: key(),
    item: optional(key()),
    kind: oneOf('look', 'buy'),
    paid: optional(number()),
  },
});
const items = table('items', {
  key: 'id',
  time: 'at',
  fields: {
    id: key(),
    price: optional(number()),
    tags: optional(texts()),
    label: optional(text()),
  },
});
const users = table('users', {
  key: 'user',
  time: 'at',
  fields: { user: key(), tier: optional(text()), tags: optional(texts()) },
});
const weather = table('weather', { time: 'at', fields: { warmth: optional(number()) } });

function refuses(define: () => unknown, message: string): void {
  assert.throws(define, (error) => {
    assert.ok(error instanceof WeirError);
    assert.equal(error.code, 'definition-invalid');
    assert.equal(error.exitCode, 2);
    assert.equal(error.message, message);
    return true;
  });
}

type Build = Parameters<typeof view>[0]['features'];

/** A view of visits with these features; they are looked at when it is run. */
const user = (features: unknown, more: object = {}) => {
  const options = { name: 'user', key: 'user', source: visits, features: features as Build };
  return () => view({ ...options, ...more } as never);
};
/** The builder, or the features, as JavaScript sees them. */
interface Loose extends Loosely<'count' | 'sum' | 'distinct' | 'histogram' | 'topCounts' | 'own'> {
  readonly column: (name: string) => never;
  readonly time: never;
  readonly n: never;
}
type Loosely<Names extends string> = {
  readonly [Name in Names]: (...args: readonly unknown[]) => never;
};

test('an unknown column is refused with the columns that there are', () => {
  refuses(
    user((on: Loose) => ({ n: on.sum('payed', { over: '1h' }) })),
    'view user, feature n: expected a column of visits or a joined table; found payed; the columns are user, item, kind, paid',
  );
  refuses(
    user((on: Loose) => ({ n: on.count({ where: { kinds: 'buy' }, over: '1h' }) })),
    'view user, feature n: expected a column of visits or a joined table; found kinds; the columns are user, item, kind, paid',
  );
  for (const name of ['constructor', 'toString', '__proto__', '']) {
    const define = user((on: Loose) => ({ n: on.distinct(on.column(name), { over: '1h' }) }));
    refuses(
      define,
      `view user, feature n: expected a column of visits or a joined table; found ${name}; the columns are user, item, kind, paid`,
    );
  }
});

test("a joined table's key is to be taken from the event", () => {
  refuses(
    user((on: Loose) => ({ n: on.distinct('id', { over: '1h' }) }), {
      source: visits.asOf(items, 'item'),
    }),
    "view user, feature n: expected a column of visits or a joined table; found id; use item, the event's own column that items is joined by",
  );
});

test('a clash of columns in a join is refused with the way out', () => {
  refuses(
    () => visits.asOf(items, 'item').asOf(users, 'user'),
    "visits.asOf(users): both have a column tags; rename one and give its place with { from: '…' }",
  );
});

test('a join by nothing, by too much or by a joined column is refused', () => {
  refuses(
    () => visits.asOf(items),
    'visits.asOf(items): expected as second argument the column that holds id; found none; name it',
  );
  refuses(
    () => visits.asOf(weather, 'item'),
    'visits.asOf(weather): expected as second argument none, since the table has no key; found item; leave it out',
  );
  refuses(
    () =>
      visits
        .asOf(items, 'item')
        .asOf(table('labels', { key: 'k', time: 'at', fields: { k: key() } }), 'label'),
    'visits.asOf(labels): expected as second argument a column of visits itself; found label; a joined column cannot join another table',
  );
});

test('two features of one name are refused, however the name came about', () => {
  const twin = (name: string) =>
    `view user: two features are named ${name}; rename one (windows of one length, such as '1h' and '1h/5m', give one name)`;
  refuses(
    user((on: Loose) => ({ n: on.count({ over: ['1h', '1h/5m'] }) })),
    twin('n_1h'),
  );
  refuses(
    user((on: Loose) => ({ n: on.count({ over: ['1h'] }), n_1h: on.count({ over: '1h' }) })),
    twin('n_1h'),
  );
  refuses(
    user((on: Loose) => ({ n: on.count({ over: '1h' }) }), {
      internal: (on: Loose) => ({ n: on.count({ over: '1h' }) }),
    }),
    twin('n'),
  );
  refuses(
    user((on: Loose) => ({ n: on.count({ over: '1h' }) }), {
      derive: (f: Loose) => ({ n: add(f.n, 1) }),
    }),
    twin('n'),
  );
});

test('a column of an own table needs a table joined by the key', () => {
  const owning = (name: string) => (on: Loose) => ({ n: on.own(name) });
  refuses(
    user(owning('tier')),
    "view user: on.own('tier'): expected a number or text of the table joined by the view's key user; found no such table; join the table with .asOf(table, 'user'), or choose another column",
  );
  const joined = { source: visits.asOf(users, 'user') };
  for (const name of ['tire', 'user', 'constructor']) {
    refuses(
      user(owning(name), joined),
      `view user: on.own('${name}'): expected a number or text of the table joined by the view's key user; found only tier, tags; join the table with .asOf(table, 'user'), or choose another column`,
    );
  }
  refuses(
    user(owning('tags'), joined),
    "view user: on.own('tags'): expected a number or text of the table joined by the view's key user; found a list of texts; join the table with .asOf(table, 'user'), or choose another column",
  );
});

test('an unknown window and an empty list of windows are refused', () => {
  refuses(
    user((on: Loose) => ({ n: on.count({ over: ['1h', 'day'] }) })),
    "view user, feature n: expected a window such as '5m', '24h' or '30d', with panes no longer than itself such as '24h/15m', or 'lifetime'; found 'day'; write a whole number and s, m, h or d",
  );
  refuses(
    user((on: Loose) => ({ n: on.count({ over: [] }) })),
    "view user, feature n: expected at least one window; found an empty list; name one, such as '24h'",
  );
});

test('an aggregate takes columns, a derived feature takes features', () => {
  const other = view({
    name: 'other',
    key: 'user',
    source: visits,
    features: (on) => ({ n: on.count({ over: '1h' }) }),
  });
  refuses(
    user((on: Loose) => ({ m: on.count({ where: equal(other.features.n, 1), over: '1h' }) })),
    'view user, feature m: expected columns of the event; found the feature n; features can be used in derive only',
  );
  let column: unknown;
  let time: unknown;
  const counted = (on: Loose) => {
    column = on.column('paid');
    time = on.time;
    return { n: on.count({ over: '1h' }) };
  };
  refuses(
    user(counted, { derive: (f: Loose) => ({ m: add(f.n, column as never) }) }),
    'view user, feature m: expected features of the view in derive; found the column paid; declare an aggregate of it under features or internal',
  );
  refuses(
    user(counted, { derive: () => ({ m: add(time as never, 1) }) }),
    "view user, feature m: expected features of the view in derive; found the event's time; declare an aggregate of it under features or internal",
  );
  refuses(
    user(counted, { derive: () => ({ m: add(other.features.n, 1) }) }),
    'view user, feature m: expected features of view user that are not derived themselves; found n of view other; take them from the argument of derive',
  );
  refuses(
    user(counted, { derive: (f: Loose) => ({ m: add(f.n, Number.NaN) }) }),
    'view user, feature m: expected a text or a finite number to compare or compute with; found NaN',
  );
});

test('a key must be a required column of the events themselves', () => {
  const keyed = (name: string) =>
    user((on: Loose) => ({ n: on.count({ over: '1h' }) }), {
      key: name,
      source: visits.asOf(items, 'item'),
    });
  const expected = (name: string, found: string) =>
    `view user: expected as key ${name} a required key or text of visits itself; found ${found}; declare it there, or choose another key`;
  refuses(keyed('label'), expected('label', 'none such'));
  refuses(keyed('usr'), expected('usr', 'none such'));
  refuses(keyed('item'), expected('item', 'an optional key'));
  refuses(keyed('paid'), expected('paid', 'an optional number'));
  assert.equal(keyed('kind')().definition.key, 'kind');
});

test('sizes of histograms and lists are whole and bounded', () => {
  for (const size of [0, -1, 1.5, 1_001, Number.NaN, undefined]) {
    refuses(
      user((on: Loose) => ({ n: on.histogram('paid', { size, over: '1h' }) })),
      `view user, feature n: expected a size from 1 to 1000; found ${size ?? 0}`,
    );
    refuses(
      user((on: Loose) => ({ n: on.topCounts('kind', { size, over: 'lifetime' }) })),
      `view user, feature n: expected a size from 1 to 1000; found ${size ?? 0}`,
    );
  }
  refuses(
    user((on: Loose) => ({ n: on.histogram('paid', { size: 3, from: 0.5, over: '1h' }) })),
    'view user, feature n: expected a whole number to count from; found 0.5',
  );
});

test('names that are not plain are refused with the way out', () => {
  const names = ['a"];process.exit()//', 'a-b', '1st', '', '__proto__', 'a b', 'a.b', 'ä'];
  for (const name of names) {
    const found = `not beginning with a digit; found ${JSON.stringify(name)}; rename it`;
    refuses(
      user((on: Loose) => ({ [name]: on.count({ over: '1h' }) })),
      `view user: expected feature names of letters, digits and _, ${found}`,
    );
    const fields = { user: key(), [name]: optional(text()) };
    refuses(
      () => source('visits', { key: 'user', time: 'at', fields }),
      `source visits: expected field names of letters, digits and _, ${found}; say where the record has it with { from: '…' }`,
    );
    refuses(
      () => table('users', { key: 'user', time: 'at', fields }),
      `table users: expected field names of letters, digits and _, ${found}; say where the record has it with { from: '…' }`,
    );
  }
});

test("a topic's key and rules name its fields", () => {
  const fields = { user: key(), item: optional(key()), lat: optional(number()) };
  const topic = (options: object) => () =>
    source('visits', { key: 'user', time: 'at', fields, ...options } as never);
  refuses(
    topic({ key: 'item' }),
    'source visits: expected the key item among the required fields; found an optional field; the fields are user, item, lat',
  );
  refuses(
    topic({ key: 'usr' }),
    'source visits: expected the key usr among the required fields; found no such field; the fields are user, item, lat',
  );
  refuses(
    topic({ rules: [together('lat', 'lng')] }),
    'source visits: expected the names of fields in its rules; found lng; the fields are user, item, lat',
  );
  refuses(
    topic({ rules: [required('lat', { kind: 'buy' })] }),
    'source visits: expected the names of fields in its rules; found kind; the fields are user, item, lat',
  );
});

test('a pipeline has views, each under its own name', () => {
  const one = user((on: Loose) => ({ n: on.count({ over: '1h' }) }))();
  refuses(() => pipeline({ name: 'p', views: [] }), 'pipeline p: expected at least one view');
  refuses(
    () => pipeline({ name: 'p', views: [one, one] }),
    'pipeline p: two views are named user; rename one',
  );
});
