import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { key, number, optional, text } from '../../src/features/fields.js';
import { table } from '../../src/features/source.js';
import { TableState } from '../../src/features/table-state.js';

const places = table('places', {
  key: 'id',
  time: 'at',
  fields: {
    id: key(),
    price: optional(number()),
    label: optional(text()),
    constructor: optional(text()), // a name that every object has
  },
});

type Said = Readonly<Record<'price' | 'label' | 'constructor', unknown>>;

interface Update {
  readonly id: string | number;
  readonly atMs: number;
  readonly said: Said;
}

const names = ['price', 'label', 'constructor'] as const;

/** The row as of an instant: each field's last word in (time, position) order. */
function naiveRow(updates: readonly Update[], id: string | number, atMs: number) {
  const own = updates
    .map((update, position) => ({ ...update, position }))
    .filter((update) => String(update.id) === String(id) && update.atMs <= atMs)
    .sort((a, b) => a.atMs - b.atMs || a.position - b.position);
  if (own.length === 0) return undefined;
  const row: Record<string, unknown> = { price: null, label: null, constructor: null };
  for (const { said } of own) {
    for (const name of names) if (said[name] !== undefined) row[name] = said[name];
  }
  return { row, newestMs: own.at(-1)!.atMs };
}

function rowOf(state: TableState, id: string | number | null, atMs: number, maxAgeMs = Infinity) {
  const version = state.find(id, atMs, maxAgeMs);
  if (version === 0) return undefined;
  return Object.fromEntries(names.map((name) => [name, state.columns[name]![version]]));
}

function take(state: TableState, { id, atMs, said }: Update, horizonMs = -Infinity): void {
  state.update({ id, ...said }, atMs, horizonMs);
}

const nothing: Said = { price: undefined, label: undefined, constructor: undefined };

test('a row is the last word on each field; null clears, silence leaves', () => {
  const state = new TableState(places);
  take(state, { id: 7, atMs: 100, said: { ...nothing, price: 3, label: 'thai' } });
  take(state, { id: 7, atMs: 200, said: { ...nothing, label: null } });
  take(state, { id: '7', atMs: 150, said: { ...nothing, price: 4, label: 'bar' } }); // came late
  assert.equal(rowOf(state, 7, 99), undefined);
  assert.deepEqual(rowOf(state, 7, 100), { price: 3, label: 'thai', constructor: null });
  assert.deepEqual(rowOf(state, 7, 199), { price: 4, label: 'bar', constructor: null });
  assert.deepEqual(rowOf(state, '7', 200), { price: 4, label: null, constructor: null });
  assert.equal(rowOf(state, 8, 200), undefined);
  assert.equal(rowOf(state, null, 200), undefined);
});

test('of two updates with one time the later one has the last word', () => {
  const state = new TableState(places);
  take(state, { id: 7, atMs: 100, said: { ...nothing, price: 3 } });
  take(state, { id: 7, atMs: 100, said: { ...nothing, price: 4 } });
  assert.equal(rowOf(state, 7, 100)!.price, 4);
});

test('a row older than the age allowed is absent, to the millisecond', () => {
  const state = new TableState(places);
  take(state, { id: 7, atMs: 1_000, said: { ...nothing, price: 3 } });
  assert.equal(rowOf(state, 7, 1_500, 500)!.price, 3);
  assert.equal(rowOf(state, 7, 1_501, 500), undefined);
});

test('a table without a key has one row for everyone', () => {
  const weather = table('weather', { time: 'at', fields: { warmth: optional(number()) } });
  const state = new TableState(weather);
  state.update({ warmth: 20 }, 100, -Infinity);
  state.update({ warmth: 10 }, 300, -Infinity);
  assert.deepEqual(
    [50, 100, 299, 300].map((atMs) => state.columns.warmth![state.find('', atMs, Infinity)]),
    [null, 20, 20, 10],
  );
});

const word = <T>(values: fc.Arbitrary<T>) =>
  fc.option(fc.option(values, { nil: null, freq: 3 }), { nil: undefined, freq: 2 });
const anyUpdate = fc.record({
  id: fc.constantFrom<string | number>(1, '1', 2, 'x'),
  atMs: fc.integer({ min: 0, max: 30 }).map((n) => n * 10),
  said: fc.record({
    price: word(fc.integer({ min: 0, max: 9 })),
    label: word(fc.constantFrom('a', 'b', '')),
    constructor: word(fc.constantFrom('c', 'd')),
  }),
});

test('in any order of arrival a row equals the fold of all updates', () => {
  const instants = Array.from({ length: 65 }, (_, i) => i * 5 - 5);
  fc.assert(
    fc.property(fc.array(anyUpdate, { maxLength: 40 }), (updates) => {
      const state = new TableState(places);
      for (const [i, update] of updates.entries()) {
        take(state, update);
        const atMs = instants[(i * 17) % instants.length]!;
        for (const id of [1, 2, 'x']) {
          const known = updates.slice(0, i + 1);
          assert.deepEqual(rowOf(state, id, atMs), naiveRow(known, id, atMs)?.row);
        }
      }
      for (const atMs of instants) {
        assert.deepEqual(rowOf(state, 1, atMs), naiveRow(updates, 1, atMs)?.row);
        const naive = naiveRow(updates, 1, atMs);
        const isYoung = naive !== undefined && naive.newestMs >= atMs - 40;
        assert.deepEqual(rowOf(state, 1, atMs, 40), isYoung ? naive.row : undefined);
      }
    }),
    { numRuns: 300 },
  );
});

test('what is forgotten changes no row from the horizon on, with restarts on the way', () => {
  const step = fc.record({
    update: anyUpdate,
    /** How far the horizon moves before the update. */
    forward: fc.integer({ min: 0, max: 6 }).map((n) => n * 10),
    restart: fc.integer({ min: 0, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      let state = new TableState(places);
      let horizonMs = -20;
      const updates: Update[] = [];
      for (const { update, forward, restart } of steps) {
        horizonMs += forward;
        // Times wander ahead of the horizon and, since tables are never late, behind it.
        const moved = { ...update, atMs: update.atMs + horizonMs - 150 };
        updates.push(moved);
        take(state, moved, horizonMs);
        if (restart === 0) {
          const kept = state.dump();
          state = new TableState(places);
          state.restore(kept);
        }
        for (const id of [1, 2, 'x']) {
          for (const atMs of [horizonMs, horizonMs + 10, horizonMs + 75, horizonMs + 400]) {
            assert.deepEqual(rowOf(state, id, atMs), naiveRow(updates, id, atMs)?.row);
          }
        }
      }
    }),
    { numRuns: 400 },
  );
});

test('a year of updates of one row takes no more memory than a minute of them', () => {
  const state = new TableState(places);
  for (let i = 0; i < 1_000; i++) {
    take(state, { id: 7, atMs: i * 1_000, said: { ...nothing, price: i } }, i * 1_000 - 60_000);
  }
  const { bytes } = state;
  for (let i = 1_000; i < 20_000; i++) {
    take(state, { id: 7, atMs: i * 1_000, said: { ...nothing, price: i } }, i * 1_000 - 60_000);
  }
  assert.equal(state.bytes, bytes);
  assert.equal(rowOf(state, 7, 20_000_000)!.price, 19_999);
  assert.equal(rowOf(state, 7, 19_940_500)!.price, 19_940);
});
