import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdicts } from '../../src/records/batch.js';
import { accountOf, finalWatermarkMs } from '../../src/streams/account.js';

const cursor = (topic: string, partition: number, maxTimeMs: number, counts: object) => ({
  topic,
  partition,
  offset: 0,
  maxTimeMs,
  idle: false,
  counts: verdicts.map((verdict) => (counts as Record<string, number>)[verdict] ?? 0),
});

const cursors = [
  cursor('visits', 0, 5_000, { used: 10, late: 2, future: 1 }),
  cursor('visits', 1, 9_000, { used: 5, invalid: 3, duplicate: 4, filtered: 6 }),
  cursor('items', 0, -Infinity, { invalid: 7 }),
];

test('an account adds up the partitions of its topic, stamps ahead among the invalid', () => {
  const account = { in: 31, used: 15, late: 2, invalid: 4, duplicate: 4, filtered: 6 };
  assert.deepEqual(accountOf('visits', cursors), account);
  const { in: all, ...parts } = account;
  assert.equal(
    all,
    Object.values(parts).reduce((a, b) => a + b),
  );
  assert.deepEqual(Object.keys(accountOf('visits', cursors)), Object.keys(account));
});

test('a topic of which nothing came has an account of zeros', () => {
  const zeros = { in: 0, used: 0, late: 0, invalid: 0, duplicate: 0, filtered: 0 };
  assert.deepEqual(accountOf('context', cursors), zeros);
});

test('the final watermark is the largest time of any partition less the disorder', () => {
  assert.equal(finalWatermarkMs('visits', cursors, 1_000), 8_000);
  assert.equal(finalWatermarkMs('items', cursors, 1_000), -Infinity);
  assert.equal(finalWatermarkMs('context', cursors, 1_000), -Infinity);
});
