import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokenKinds } from '../../src/generate/broken-kinds.js';
import { createWorld } from '../../src/generate/world.js';
import { interactionRows, placeRows, recordsOfDays } from './rows.js';

const world = createWorld({ seed: 11, users: 1_000, places: 300 });
const records = recordsOfDays(world, 0, 6);
const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

test('every good interaction has the shape of the topic', () => {
  const rows = interactionRows(records);
  assert.ok(rows.length > 30_000);
  for (const row of rows) {
    const { context, ...fields } = row;
    const names = Object.keys(fields).filter((name) => name !== 'rating');
    assert.deepEqual(names, ['user_id', 'place_id', 'event_type', 'timestamp']);
    assert.ok(Number.isSafeInteger(row.user_id) && Number.isSafeInteger(row.place_id));
    assert.match(row.timestamp, zoned);
    assert.equal(row.rating !== undefined, row.event_type === 'rate');
    if (row.rating !== undefined)
      assert.ok(row.rating >= 1 && row.rating <= 5 && (row.rating * 2) % 1 === 0);
    assert.ok(['mobile', 'desktop', 'tablet'].includes(context.device));
    assert.match(context.session_id, /^[a-z0-9]+$/);
    if (context.location !== undefined) {
      assert.ok(Math.abs(context.location.lat - 38.72) < 0.5);
      assert.ok(Math.abs(context.location.lng + 9.14) < 0.5);
    }
  }
});

test('every place update has the shape of the topic, the first of a place all fields', () => {
  const known = new Set<number>();
  for (const row of placeRows(records)) {
    assert.deepEqual(Object.keys(row), ['place_id', 'timestamp', 'updates']);
    assert.match(row.timestamp, zoned);
    const { rating, price_level: price } = row.updates;
    if (rating !== undefined) assert.ok(rating >= 1 && rating <= 5);
    if (price !== undefined) assert.ok([1, 2, 3, 4].includes(price));
    if (known.has(row.place_id)) continue;
    known.add(row.place_id);
    assert.deepEqual(Object.keys(row.updates), [
      'name',
      'rating',
      'review_count',
      'category',
      'price_level',
      'location',
      'business_hours',
      'attributes',
    ]);
  }
  assert.equal(known.size, 300);
});

test('the context comes at every full hour', () => {
  const rows = records.filter(({ topic }) => topic === 'context');
  assert.equal(rows.length, 6 * 24);
  for (const [i, { line, timeMs }] of rows.entries()) {
    const row = JSON.parse(line);
    assert.equal(timeMs, world.options.startMs + i * 3_600_000);
    assert.equal(row.timestamp, new Date(timeMs).toISOString());
    assert.ok(row.weather.temp > -15 && row.weather.temp < 45);
    assert.equal(typeof row.weather.condition, 'string');
    assert.ok(Array.isArray(row.events));
    assert.ok(row.traffic.congestion_level >= 0 && row.traffic.congestion_level <= 1);
  }
});

test('disorder, late and broken records come at the given rates', () => {
  const rates = { disorder: 0.2, late: 0.03, broken: 0.04 };
  const faulty = recordsOfDays(createWorld({ seed: 5, users: 1_000, places: 300, ...rates }), 1, 7);
  const events = faulty.filter(({ topic }) => topic === 'interactions');
  const good = events.filter(({ fault }) => ['none', 'disorder', 'late'].includes(fault)).length;
  const share = (fault: string): number => events.filter((e) => e.fault === fault).length / good;
  assert.ok(Math.abs(share('disorder') - 0.2) < 0.01);
  assert.ok(Math.abs(share('late') - 0.03) < 0.004);
  assert.ok(Math.abs(events.length / good - 1.04) < 0.004);
  for (const kind of brokenKinds) assert.ok(Math.abs(share(kind) - 0.005) < 0.002, kind);
});

test('a disordered record is up to a minute behind, a late one 90 minutes to 6 hours', () => {
  for (const { timeMs, arrivalMs, fault } of records) {
    const behindMs = arrivalMs - timeMs;
    if (fault === 'none') assert.equal(behindMs, 0);
    if (fault === 'disorder') assert.ok(behindMs >= 1_000 && behindMs < 60_000);
    if (fault === 'late') assert.ok(behindMs >= 5_400_000 && behindMs < 21_600_000);
  }
});

test('most late records are an hour below the newest of their partition', () => {
  const newest = new Map<number, number>();
  let late = 0;
  let marked = 0;
  for (const { topic, partition, timeMs, fault } of records) {
    if (topic !== 'interactions' || !['none', 'disorder', 'late'].includes(fault)) continue;
    const max = newest.get(partition) ?? 0;
    const isLate = timeMs < max - 3_600_000;
    if (isLate) late++;
    if (fault === 'late') marked++;
    if (!isLate) newest.set(partition, Math.max(max, timeMs));
  }
  assert.ok(marked > 20 && late > 0.9 * marked && late <= marked, `${late} of ${marked}`);
});

test('broken records are broken as they say', () => {
  const rates = { disorder: 0, late: 0, broken: 0.1 };
  const faulty = recordsOfDays(createWorld({ seed: 5, users: 300, places: 60, ...rates }), 1, 4);
  const examples = new Map(faulty.map(({ fault, line }) => [fault, line]));
  const line = (kind: string): string => examples.get(kind as 'none') ?? 'missing';
  assert.throws(() => JSON.parse(line('broken-line')));
  assert.equal(JSON.parse(line('missing-key')).user_id, undefined);
  assert.equal(JSON.parse(line('rating-range')).rating, 7.5);
  assert.equal(JSON.parse(line('coordinate-range')).context.location.lat, 138.7);
  assert.match(line('key-beyond-2^53'), /"user_id":9007199254740993,/);
  assert.match(JSON.parse(line('time-without-zone')).timestamp, /^2025-01-\d\dT[\d:.]+$/);
  assert.ok(Math.abs(JSON.parse(line('time-in-seconds')).timestamp - 1_736_300_000) < 400_000);
  assert.match(JSON.parse(line('time-far-ahead')).timestamp, /^2999-01-01T/);
});

test('a click follows a view of the place in its session, a visit a click, a rating a visit', () => {
  const needs = { view: undefined, click: 'view', visit: 'click', rate: 'visit' } as const;
  const calm = recordsOfDays(createWorld({ seed: 4, users: 500, disorder: 0, late: 0 }), 0, 5);
  const rows = interactionRows(calm);
  const times = new Map<string, number>();
  for (const row of rows) {
    const pair = `${row.context.session_id} ${row.place_id}`;
    const timeMs = Date.parse(row.timestamp);
    const need = needs[row.event_type];
    if (need !== undefined) {
      const before = times.get(`${pair} ${need}`);
      assert.ok(before !== undefined && before < timeMs, `${row.event_type} after ${need}`);
    }
    times.set(`${pair} ${row.event_type}`, timeMs);
  }
  assert.equal(times.size, rows.length);
});

test('a session belongs to one user, one device and one search', () => {
  const told = new Map<string, string>();
  for (const { user_id: user, context } of interactionRows(records)) {
    const says = `${user} ${context.device} ${context.search_query}`;
    assert.equal(told.get(context.session_id) ?? says, says);
    told.set(context.session_id, says);
  }
});

test('a time step makes times that are its multiples', () => {
  const stepped = createWorld({ seed: 5, users: 300, places: 60, timeStepMs: 900_000 });
  const times = interactionRows(recordsOfDays(stepped, 0, 2)).map((row) => row.timestamp);
  assert.ok(times.length > 2_000);
  assert.ok(times.every((time) => Date.parse(time) % 900_000 === 0));
});
