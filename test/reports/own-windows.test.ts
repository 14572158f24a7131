import assert from 'node:assert/strict';
import { test } from 'node:test';
import { widestOwnDistance } from '../../src/reports/own-windows.js';

test('a column in two halves: a window of one half lies half away from the whole', () => {
  const bins = Array.from({ length: 40 }, (_, i) => (i < 20 ? 0 : 1));
  assert.equal(widestOwnDistance(bins, 2, 10), 0.5);
});

test('a column that alternates: no window lies away from the whole', () => {
  const bins = Array.from({ length: 40 }, (_, i) => i % 2);
  assert.equal(widestOwnDistance(bins, 2, 10), 0);
});

test('fewer than three windows tell nothing', () => {
  assert.equal(widestOwnDistance([0, 1, 0, 1, 0], 2, 2), null);
});
