import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowReader } from '../../src/streams/row-reader.js';
import { topics } from '../operators/frames.js';

const visitsAt = topics.findIndex(({ topic }) => topic === 'visits');
const itemsAt = topics.findIndex(({ topic }) => topic === 'items');

test("a record's text gives its row again", () => {
  const read = rowReader(topics);
  const at = '2025-01-01T00:00:00Z';
  const first = read(visitsAt, JSON.stringify({ who: 'ann', item: 7, kind: 'buy', at }));
  assert.deepEqual({ ...first }, { who: 'ann', item: 7, kind: 'buy' });
  const update = read(itemsAt, JSON.stringify({ item: 7, price: null, at }));
  assert.deepEqual({ ...update }, { item: 7, price: null });
  // Rows are of their own: reading another changes none.
  read(visitsAt, JSON.stringify({ who: 'bob', item: 8, kind: 'look', at }));
  assert.deepEqual({ ...first }, { who: 'ann', item: 7, kind: 'buy' });
});

test('a text that the definition no longer takes says so, with the remedy', () => {
  assert.throws(() => rowReader(topics)(visitsAt, '{"who":"ann"}'), {
    code: 'segment-corrupt',
    message: /^the log holds a record of visits as used .+ changed: start over with --reset$/,
  });
});
