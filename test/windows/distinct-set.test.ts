import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DistinctSet } from '../../src/windows/distinct-set.js';

type Value = number | string | null;

/** A window over panes of one key: the set under test beside a map of value to newest pane. */
class Window {
  set: DistinctSet;
  readonly key: number;
  readonly length: number;
  readonly newest = new Map<Value, number>();
  /** Pane records in use, oldest first, as the compiled program keeps them. */
  readonly #records = new Map<number, number>();
  readonly #free: number[];

  constructor(set: DistinctSet, key: number, length: number, records: number[]) {
    this.set = set;
    this.key = key;
    this.length = length;
    this.#free = records;
  }

  add(value: Value, pane: number): void {
    let record = this.#records.get(pane);
    if (record === undefined) {
      record = this.#free.pop()!;
      this.#records.set(pane, record);
    }
    this.set.add(this.key, value, record, pane);
    if (value === null || Number.isNaN(value)) return;
    if ((this.newest.get(value) ?? -Infinity) < pane) this.newest.set(value, pane);
  }

  /** Drops panes before `first`. */
  leave(first: number): void {
    for (const [pane, record] of [...this.#records].sort((a, b) => a[0] - b[0])) {
      if (pane >= first) continue;
      this.set.dropPane(this.key, record);
      this.#records.delete(pane);
      this.#free.push(record);
    }
    for (const [value, pane] of this.newest) if (pane < first) this.newest.delete(value);
  }

  /** What `read` gives at an instant from which on `first` is the first pane. */
  readFrom(first: number): number {
    this.set.beginRead(this.key);
    for (const [pane, record] of this.#records) if (pane < first) this.set.readWithout(record);
    return this.set.count(0);
  }

  get count(): number {
    return this.set.count(this.key);
  }
}

const records = (count: number) => Array.from({ length: count }, (_, i) => count - i);

function assertWithin(found: number, truth: number, share: number, where: string): void {
  const apart = Math.abs(found - truth) / Math.max(truth, 1);
  assert.ok(apart <= share, `${where}: ${found} of ${truth}, ${(apart * 100).toFixed(2)} % apart`);
}

test('a value counts once, from its newest pane', () => {
  const window = new Window(new DistinctSet(), 1, 3, records(9));
  window.add('a', 1);
  window.add('b', 1);
  window.add('a', 3);
  window.add('a', 2); // late: its newest pane stays 3
  assert.equal(window.count, 2);
  window.leave(2);
  assert.equal(window.count, 1);
  window.leave(3);
  assert.equal(window.count, 1);
  window.leave(4);
  assert.equal(window.count, 0);
});

test('null and NaN are no values, 0 and -0 are one, a number and its text are two', () => {
  const set = new DistinctSet();
  for (const value of [null, Number.NaN, 0, -0, '0', '', 0.5, 1e-320, Infinity]) {
    set.add(7, value, 0, 0);
  }
  assert.equal(set.count(7), 6);
  assert.equal(set.count(8), 0);
  assert.equal(set.count(1e6), 0);
});

test('counts and reads equal a map of newest panes, in any order, with dumps on the way', () => {
  const value = fc.oneof(
    fc.integer({ min: 0, max: 20 }),
    fc.constantFrom('a', 'b', 'ab', 'ba', ''),
    fc.constant(null),
  );
  const step = fc.record({
    key: fc.integer({ min: 1, max: 3 }),
    value,
    ahead: fc.integer({ min: -4, max: 2 }),
    dump: fc.integer({ min: 0, max: 19 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      let set = new DistinctSet();
      const free = records(60);
      const windows = [1, 2, 3].map((key) => new Window(set, key, 5, free));
      const now = [10, 10, 10];
      for (const { key, value, ahead, dump } of steps) {
        if (dump === 0) {
          const kept = set.dump();
          set = new DistinctSet();
          set.restore(kept);
          for (const window of windows) window.set = set;
        }
        const window = windows[key - 1]!;
        const pane = now[key - 1]! + ahead;
        now[key - 1] = Math.max(now[key - 1]!, pane);
        window.leave(now[key - 1]! - 5);
        if (pane >= now[key - 1]! - 5) window.add(value, pane);
        assert.equal(window.count, window.newest.size);
        const first = now[key - 1]! - 3;
        const later = [...window.newest.values()].filter((newest) => newest >= first).length;
        assert.equal(window.readFrom(first), later);
      }
    }),
    { numRuns: 300 },
  );
});

const kinds: readonly (readonly [string, (i: number) => Value])[] = [
  ['whole numbers', (i) => i],
  ['numbers of one stride', (i) => i * 4_096],
  ['fractions', (i) => i / 1_000],
  ['large numbers', (i) => 2 ** 52 + i],
  ['texts', (i) => `user-${i}`],
];

for (const [name, valueAt] of kinds) {
  test(`a lifetime count of ${name} is exact to 32,768 and within 2 % of 400,000 beyond`, () => {
    const set = new DistinctSet();
    set.add(1, 'neighbour', 0, 0);
    for (let i = 1; i <= 400_000; i++) {
      set.add(2, valueAt(i), 0, 0);
      if (i % 3 === 0) set.add(2, valueAt(i - 1), 0, 0);
      if (i <= 32_768) assert.equal(set.count(2), i);
      else if (i % 1_000 === 0) assertWithin(set.count(2), i, 0.02, name);
    }
    assert.equal(set.count(1), 1);
    assert.ok(set.bytes < 4e6, `${set.bytes} bytes`);
  });
}

test('after a heavy day, quiet weeks are as exact as they would have been without it', () => {
  const set = new DistinctSet();
  const panesPerDay = 9;
  const window = new Window(set, 3, 7 * panesPerDay, records(200));
  let largest = 0;
  for (let pane = 0; pane < 30 * panesPerDay; pane++) {
    const isHeavy = pane >= 2 * panesPerDay && pane < 3 * panesPerDay;
    window.leave(pane - 7 * panesPerDay);
    // Values seen on the heavy day come again in quiet times, so that entries move between panes.
    const visitors = isHeavy ? 15_000 : 80;
    for (let i = 0; i < visitors; i++) {
      const isRegular = i % 4 === 0;
      window.add(isRegular ? (pane * 31 + i) % 997 : pane * 1e6 + i, pane);
      if (i % 5 === 0 && pane > 0) window.add(`late ${pane} ${i}`, pane - 1);
    }
    largest = Math.max(largest, window.newest.size);
    const truth = window.newest.size;
    if (truth <= 32_768) assert.equal(window.count, truth, `pane ${pane}`);
    else assertWithin(window.count, truth, 0.02, `pane ${pane}`);
    for (const ahead of [5, 40]) {
      const first = pane + ahead - 7 * panesPerDay;
      const later = [...window.newest.values()].filter((newest) => newest >= first).length;
      if (later <= 32_768) assert.equal(window.readFrom(first), later);
      else assertWithin(window.readFrom(first), later, 0.02, `pane ${pane}, ${ahead} ahead`);
    }
  }
  assert.ok(largest > 110_000);
});

test('a decline of traffic in steps stays within 2 % at every step', () => {
  const window = new Window(new DistinctSet(), 1, 40, records(200));
  for (let pane = 0; pane < 140; pane++) {
    window.leave(pane - 40);
    const visitors = Math.round(15_000 * Math.exp(-pane / 15)) + 20;
    for (let i = 0; i < visitors; i++) window.add(`${pane}/${i}`, pane);
    const truth = window.newest.size;
    if (truth <= 32_768) assert.equal(window.count, truth, `pane ${pane}`);
    else assertWithin(window.count, truth, 0.02, `pane ${pane}`);
  }
});

test('values that come late to a pane nobody knew are not counted again', () => {
  const window = new Window(new DistinctSet(), 1, 10, records(20));
  for (let i = 0; i < 200_000; i++) window.add(i, 9);
  const before = window.count;
  assertWithin(before, 200_000, 0.02, 'before');
  for (let i = 0; i < 2_000; i++) window.add(i, 4);
  assert.equal(window.count, before);
  for (let i = 200_000; i < 260_000; i++) window.add(i, 4);
  assertWithin(window.count, 260_000, 0.02, 'after');
});

test('emptied panes give their memory back', () => {
  const set = new DistinctSet();
  const free = records(64);
  let first = 0;
  for (let round = 0; round < 20; round++) {
    const window = new Window(set, 1 + (round % 4), 10, free);
    for (let i = 0; i < 60_000; i++) window.add(round * 1e6 + i, i % 10);
    if (round === 0) first = set.bytes;
    window.leave(100);
    assert.equal(window.count, 0);
  }
  // How many entries are held at most depends a little on which values are sampled.
  assertWithin(set.bytes, first, 0.01, 'bytes');
});

test('a dump in the middle of a sampled count changes nothing afterwards', () => {
  const runs = [false, true].map((isInterrupted) => {
    const window = new Window(new DistinctSet(), 1, 10, records(40));
    const counts: number[] = [];
    for (let pane = 0; pane < 30; pane++) {
      window.leave(pane - 10);
      for (let i = 0; i < 9_000; i++) window.add(pane * 4_000 + i, pane);
      counts.push(window.count);
      if (!isInterrupted) continue;
      const kept = window.set.dump();
      window.set = new DistinctSet();
      window.set.restore(kept);
    }
    return counts;
  });
  assert.deepEqual(runs[0], runs[1]);
});
