import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayOfOffset, type GeneratedRecord } from '../../src/generate/generated-record.js';
import { recordsAfter, recordsFrom, sourcesOf } from '../../src/generate/records-from.js';
import { createWorld } from '../../src/generate/world.js';
import { recordsOfDays } from './rows.js';

const small = { seed: 7, users: 100, places: 60 };

function take(records: Generator<GeneratedRecord>, count: number): GeneratedRecord[] {
  const taken: GeneratedRecord[] = [];
  for (const record of records) {
    taken.push(record);
    if (taken.length === count) break;
  }
  return taken;
}

test('records from record k of day d are the run without what came before', () => {
  const days = recordsOfDays(createWorld(small), 2, 5);
  const rest = days.slice(123);
  assert.deepEqual(take(recordsFrom(createWorld(small), 2, 123), rest.length), rest);
});

test('a skip past the end of a day goes on in the next', () => {
  const days = recordsOfDays(createWorld(small), 0, 3);
  const first = recordsOfDays(createWorld(small), 0, 1).length;
  const resumed = take(recordsFrom(createWorld(small), 0, first + 5), 50);
  assert.deepEqual(resumed, days.slice(first + 5, first + 55));
});

test('offsets of a partition rise without gap within a day and name their day', () => {
  const world = createWorld(small);
  const last = new Map<string, number>();
  for (const [day, records] of [0, 1, 2].map((d) => [d, recordsOfDays(world, d, d + 1)] as const)) {
    for (const { topic, partition, offset } of records) {
      const before = last.get(`${topic}/${partition}`);
      assert.equal(dayOfOffset(offset), day);
      if (before !== undefined && dayOfOffset(before) === day) assert.equal(offset, before + 1);
      else assert.equal(offset, day * 10_000_000);
      last.set(`${topic}/${partition}`, offset);
    }
  }
  assert.equal(last.size, sourcesOf(world).length);
});

test('resuming after the offsets taken, uneven over partitions, repeats and loses nothing', () => {
  const world = createWorld(small);
  const all = recordsOfDays(world, 0, 4);
  const taken = new Map<string, number>();
  const isTaken = (i: number, partition: number): boolean => i < 1_700 - 260 * partition;
  const rest: GeneratedRecord[] = [];
  for (const [i, record] of all.entries()) {
    if (isTaken(i, record.partition))
      taken.set(`${record.topic}/${record.partition}`, record.offset);
    else rest.push(record);
  }
  const resumed = recordsAfter(createWorld(small), (topic, partition) =>
    taken.get(`${topic}/${partition}`),
  );
  assert.deepEqual(take(resumed, rest.length), rest);
});
