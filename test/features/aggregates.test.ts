import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { atLeast, hourOfDay } from '../../src/features/expression.js';
import { key, number, oneOf, optional, text } from '../../src/features/fields.js';
import type { FeatureValue } from '../../src/features/shape.js';
import { source } from '../../src/features/source.js';
import { view } from '../../src/features/view.js';
import { ViewState, type Wanted, wanted } from '../../src/features/view-state.js';
import {
  aggregatesOf,
  mostFrequent,
  type NaiveWindow,
  type Visit,
  windowAt,
} from './naive-vectors.js';

const minuteMs = 60_000;
const hourMs = 3_600_000;

const visits = source('visits', {
  key: 'who',
  time: 'at',
  fields: {
    who: key(),
    kind: oneOf('look', 'buy'),
    paid: optional(number()),
    label: optional(text()),
    item: optional(key()),
  },
});

/** Under the suffix of their features; `hourly` has panes that do not divide it. */
const windows: Readonly<Record<string, NaiveWindow | null>> = {
  '5m': { lengthMs: 5 * minuteMs, paneMs: 5_000 },
  '1h': { lengthMs: hourMs, paneMs: 7 * minuteMs },
  '24h': { lengthMs: 24 * hourMs, paneMs: 24 * hourMs },
  lifetime: null,
};
const over = ['5m', '1h/7m', '24h/24h', 'lifetime'] as const;

const visitor = view({
  name: 'visitor',
  key: 'who',
  source: visits,
  features: (on) => ({
    all: on.count({ over }),
    bought: on.count({ where: { kind: 'buy' }, over }),
    dear: on.count({ where: atLeast(on.column('paid'), 3), over }),
    paid_sum: on.sum('paid', { where: { kind: 'buy' }, over }),
    paid_mean: on.mean('paid', { over }),
    paid_min: on.min('paid', { over }),
    paid_max: on.max('paid', { where: { kind: 'buy' }, over }),
    paid_var: on.variance('paid', { over }),
    paid_popvar: on.populationVariance('paid', { over }),
    paid_sd: on.standardDeviation('paid', { where: { kind: 'buy' }, over }),
    items: on.distinct('item', { over }),
    labels: on.distinct('label', { where: { kind: 'buy' }, over }),
    hours: on.histogram(hourOfDay(on.time), { size: 24, over }),
    levels: on.histogram('paid', { size: 3, from: 1, over }),
    top: on.topCounts('label', { size: 2, over: 'lifetime' }),
    last: on.lastTime(),
    hours_since: on.hoursSinceLast(),
  }),
});

/** Of one key: what it has seen, in order of arrival, seen from an instant. */
function naive(events: readonly Visit[], atMs: number, lastMs: number | null) {
  const values: Record<string, unknown> = {
    top: mostFrequent(
      events.map(({ label }) => label),
      2,
    ),
    last: lastMs,
    hours_since: lastMs === null ? null : (atMs - lastMs) / hourMs,
  };
  for (const [suffix, window] of Object.entries(windows)) {
    const aggregates = aggregatesOf(windowAt(events, window, atMs));
    for (const [name, value] of Object.entries(aggregates)) values[`${name}_${suffix}`] = value;
  }
  return values;
}

function assertSame(found: readonly FeatureValue[], expected: Record<string, unknown>): void {
  for (const [i, { name }] of visitor.definition.shape.features.entries()) {
    const [a, b] = [found[i], expected[name]];
    if (typeof a === 'number' && typeof b === 'number' && !Number.isInteger(b)) {
      assert.ok(Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(b)), `${name}: ${a}, not ${b}`);
    } else assert.deepEqual(a, b, name);
  }
  assert.equal(Object.keys(expected).length, found.length);
}

class Driver {
  state = new ViewState(visitor.definition, []);
  readonly seen = new Map<string, Visit[]>();
  readonly #numbers = new Float64Array(this.state.numbers + 2);
  readonly #others: unknown[] = [];

  event(visit: Visit, mode: Wanted): FeatureValue[] {
    const { who, atMs, kind, paid, label, item } = visit;
    const row = { who, kind, paid, label, item };
    this.state.event(row, who, atMs, mode, this.#numbers, 2, this.#others, 1);
    return this.state.values(this.#numbers, 2, this.#others, 1);
  }

  /** The vector at an instant and until when it holds. */
  read(who: string | number, atMs: number): { values: FeatureValue[]; untilMs: number } {
    const k = this.state.keys.find(who);
    const untilMs = this.state.read(k, atMs, this.#numbers, 2, this.#others, 1);
    return { values: this.state.values(this.#numbers, 2, this.#others, 1), untilMs };
  }

  restart(): void {
    const parts = new Map<string, Uint8Array>();
    for (const [name, bytes] of this.state.dump()) parts.set(name, Buffer.concat(bytes));
    this.state = new ViewState(visitor.definition, []);
    this.state.restore(parts);
  }
}

/** A signature of what each window holds at an instant. */
function contents(events: readonly Visit[], atMs: number): string {
  return Object.values(windows)
    .map((window) => windowAt(events, window, atMs).length)
    .join(' ');
}

/** Sums of eighths are exact in doubles, so that the naive sums are. */
const eighths = fc.integer({ min: -40, max: 40 }).map((n) => n / 8);
const label = fc.constantFrom('a', 'b', 'c', '', 'A', 'é', '__proto__');
/** Steps of time from ties to beyond a window, and onto edges of panes. */
const step = fc.oneof(
  fc.constant(0),
  fc.integer({ min: -20 * minuteMs, max: 20 * minuteMs }),
  fc.integer({ min: -30, max: 30 }).map((panes) => panes * 5_000),
  fc.integer({ min: -2, max: 12 }).map((panes) => panes * 7 * minuteMs),
  fc.constantFrom(-30 * hourMs, 23 * hourMs, 24 * hourMs, 49 * hourMs, hourMs - 1),
);
const arrival = fc.record({
  who: fc.constantFrom<string | number>(12, '12', 'ann', '012', 0, -3),
  step,
  onEdge: fc.boolean(),
  kind: fc.constantFrom('look', 'buy', 'never heard of'),
  paid: fc.option(fc.oneof(eighths, fc.constantFrom(1, 2, 3)), { freq: 3 }),
  label: fc.option(label, { freq: 3 }),
  item: fc.option(fc.constantFrom<string | number>(7, '7', '07', 'x', -0, 0), { freq: 3 }),
  restart: fc.integer({ min: 0, max: 14 }),
  readAhead: fc.integer({ min: 0, max: 30 * hourMs }),
});

/** Times of a sequence of steps, some drawn onto an edge of panes. */
function visitsOf(arrivals: readonly { step: number; onEdge: boolean }[]): number[] {
  let now = Date.UTC(2025, 0, 5, 22, 58, 59, 500);
  return arrivals.map(({ step: by, onEdge }) => {
    now += by;
    return onEdge ? Math.floor(now / (7 * minuteMs)) * 7 * minuteMs : now;
  });
}

test('before and after each event, every aggregate is what a filter and a fold over all events give', () => {
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 40 }), (arrivals) => {
      for (const mode of [wanted.before, wanted.after] as const) {
        const driver = new Driver();
        const times = visitsOf(arrivals);
        for (const [i, { restart, who, kind, paid, label, item }] of arrivals.entries()) {
          if (restart === 0) driver.restart();
          const visit: Visit = { who, atMs: times[i]!, kind, paid, label, item };
          const found = driver.event(visit, mode);
          const before = driver.seen.get(String(who)) ?? [];
          const after = [...before, visit];
          driver.seen.set(String(who), after);
          const asOfMs = Math.max(...after.map((event) => event.atMs));
          assert.equal(driver.state.asOfMs(driver.state.keys.find(who)), asOfMs);
          const taken = mode === wanted.before ? before : after;
          const last = taken.length === 0 ? null : Math.max(...taken.map((event) => event.atMs));
          assertSame(found, naive(taken, asOfMs, last));
        }
      }
    }),
    { numRuns: 120 },
  );
});

test('read at any later instant, the windows have moved on, and hold until the instant it tells', () => {
  fc.assert(
    fc.property(fc.array(arrival, { minLength: 1, maxLength: 30 }), (arrivals) => {
      const driver = new Driver();
      const times = visitsOf(arrivals);
      for (const [i, { restart, readAhead, ...rest }] of arrivals.entries()) {
        const visit: Visit = { ...rest, atMs: times[i]! };
        driver.event(visit, wanted.none);
        const seen = [...(driver.seen.get(String(visit.who)) ?? []), visit];
        driver.seen.set(String(visit.who), seen);
        const lastMs = Math.max(...seen.map((event) => event.atMs));
        for (const atMs of [lastMs, lastMs + readAhead]) {
          const { values, untilMs } = driver.read(visit.who, atMs);
          assertSame(values, naive(seen, atMs, lastMs));
          const now = contents(seen, atMs);
          if (untilMs === Infinity) assert.equal(contents(seen, atMs + 1_000 * hourMs), now);
          else {
            assert.ok(untilMs > atMs);
            assert.equal(contents(seen, untilMs - 1), now);
            assert.notEqual(contents(seen, untilMs), now);
          }
          const k = driver.state.keys.find(visit.who);
          if (atMs === lastMs) assert.equal(driver.state.changeMs(k), untilMs);
        }
        if (restart === 0) driver.restart();
      }
    }),
    { numRuns: 120 },
  );
});

test('hundreds of keys outgrow every first allocation and stay apart', () => {
  const driver = new Driver();
  const start = Date.UTC(2025, 5, 1);
  for (let i = 0; i < 6_000; i++) {
    const who = (i * 7_919) % 700;
    const atMs = start + i * 20_000 - (i % 7) * 60_000;
    const kind = i % 3 === 0 ? 'buy' : 'look';
    const visit = { who, atMs, kind, paid: (i % 33) / 8, label: `l${i % 5}`, item: i % 11 };
    driver.event(visit, wanted.none);
    driver.seen.set(String(who), [...(driver.seen.get(String(who)) ?? []), visit]);
  }
  for (let who = 0; who < 700; who += 13) {
    const seen = driver.seen.get(String(who))!;
    const lastMs = Math.max(...seen.map((event) => event.atMs));
    assertSame(driver.read(who, lastMs).values, naive(seen, lastMs, lastMs));
  }
});

test('a key that comes for the first time has empty windows before and itself after', () => {
  const visit = {
    who: 'ann',
    atMs: Date.UTC(2025, 0, 1, 13),
    kind: 'buy',
    paid: 2,
    label: 'a',
    item: 7,
  };
  const named = (values: readonly FeatureValue[]) =>
    Object.fromEntries(visitor.definition.shape.features.map(({ name }, i) => [name, values[i]]));
  const before = named(new Driver().event(visit, wanted.before));
  assert.equal(before.all_1h, 0);
  assert.equal(before.paid_sum_1h, 0);
  assert.equal(before.paid_mean_1h, null);
  assert.equal(before.paid_sd_lifetime, null);
  assert.equal(before.last, null);
  assert.equal(before.hours_since, null);
  assert.deepEqual(before.top, []);
  const after = named(new Driver().event(visit, wanted.after));
  assert.equal(after.all_1h, 1);
  assert.equal(after.paid_mean_1h, 2);
  assert.equal(after.paid_popvar_1h, 0);
  assert.equal(after.paid_var_1h, null);
  assert.deepEqual(after.levels_5m, [0, 1, 0]);
  assert.equal(after.last, visit.atMs);
  assert.equal(after.hours_since, 0);
});
