import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from '../../src/server/pace.js';

test('a pace is what a total grew by over the last two seconds, however often it is asked', () => {
  const pace = new Pace();
  assert.equal(pace.perSecond(1_000, 0), 0);
  assert.equal(pace.perSecond(1_010, 50), 200);
  assert.equal(pace.perSecond(1_100, 1_000), 100);
  assert.equal(pace.perSecond(1_200, 2_000), 100);
  assert.equal(pace.perSecond(1_900, 3_000), 400); // 800 since the second second began
  assert.equal(pace.perSecond(1_900, 10_000), 0);
});

test('a total that begins anew is no pace below zero', () => {
  const pace = new Pace();
  pace.perSecond(500, 0);
  assert.equal(pace.perSecond(20, 1_000), 0);
});
