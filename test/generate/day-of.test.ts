import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayOf } from '../../src/generate/day-of.js';
import { dayMs } from '../../src/generate/options.js';
import { createWorld } from '../../src/generate/world.js';
import { recordsOfDays } from './rows.js';

const small = { seed: 7, users: 300, places: 120 };

test('the same seed and options give the same records', () => {
  const first = recordsOfDays(createWorld(small), 0, 4);
  assert.deepEqual(recordsOfDays(createWorld(small), 0, 4), first);
  assert.ok(first.length > 5_000);
});

test('another seed gives other records', () => {
  const lines = new Set(dayOf(createWorld(small), 1).map(({ line }) => line));
  const other = dayOf(createWorld({ ...small, seed: 8 }), 1);
  const shared = other.filter(({ topic, line }) => topic === 'interactions' && lines.has(line));
  assert.equal(shared.length, 0);
});

test('day 17 alone is day 17 of a run, and asking twice changes nothing', () => {
  const run = createWorld(small);
  for (let day = 0; day < 17; day++) dayOf(run, day);
  const inRun = dayOf(run, 17);
  const alone = createWorld(small);
  assert.deepEqual(dayOf(alone, 17), inRun);
  assert.deepEqual(dayOf(alone, 17), inRun);
});

test('days follow each other in order of arrival, tables first on a tie', () => {
  const world = createWorld({ ...small, late: 0.02, timeStepMs: 60_000 });
  const { startMs } = world.options;
  let lastMs = startMs;
  for (let day = 0; day < 3; day++) {
    const records = dayOf(world, day);
    for (const [i, record] of records.entries()) {
      assert.ok(record.arrivalMs >= lastMs, `record ${i} of day ${day} arrives in order`);
      assert.equal(Math.floor((record.arrivalMs - startMs) / dayMs), day);
      const before = records[i - 1];
      if (before?.arrivalMs === record.arrivalMs && before.topic === 'interactions')
        assert.equal(record.topic, 'interactions');
      lastMs = record.arrivalMs;
    }
  }
});

test('sessions that run past midnight go on in the next day', () => {
  const world = createWorld({ ...small, late: 0, disorder: 0 });
  const sessionsOf = (day: number): Set<string> =>
    new Set(dayOf(world, day).flatMap(({ line }) => /"session_id":"(\w+)"/.exec(line)?.[1] ?? []));
  const first = sessionsOf(0);
  const both = [...sessionsOf(1)].filter((id) => first.has(id));
  assert.ok(both.length > 3, `${both.length} sessions on both days`);
});

test('the initial row of every place comes before the first interaction', () => {
  const records = dayOf(createWorld(small), 0);
  const rows = records.slice(0, 120).filter(({ topic }) => topic === 'place-updates');
  assert.equal(rows.length, 120);
  assert.equal(new Set(rows.map(({ line }) => line.slice(0, 21))).size, 120);
});

test('a drift changes no byte of the days before it', () => {
  const quiet = recordsOfDays(createWorld(small), 0, 3);
  for (const name of ['prices', 'weekend', 'categories', 'labels', 'activity'] as const) {
    const world = createWorld({ ...small, drifts: [{ name, day: 3 }] });
    assert.deepEqual(recordsOfDays(world, 0, 3), quiet, name);
  }
});

test('an ordinary day of the default world has about 12,000 interactions', () => {
  const world = createWorld({ seed: 3 });
  const count = recordsOfDays(world, 1, 8).filter(({ topic }) => topic === 'interactions').length;
  assert.ok(Math.abs(count / 7 / 12_000 - 1) < 0.03, `${count / 7} a day`);
});
