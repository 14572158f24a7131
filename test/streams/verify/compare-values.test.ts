import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareValues, symmetricError } from '../../../src/streams/verify/compare-values.js';

test('numbers are equal up to 1e-9, relative or absolute; counts and times only exactly', () => {
  const number = { type: 'number' } as const;
  assert.equal(compareValues(number, 1e9, 1e9 + 0.5), 'equal');
  assert.equal(compareValues(number, 1e9, 1e9 + 2), 'mismatch');
  assert.equal(compareValues(number, 0, 5e-10), 'equal');
  assert.equal(compareValues(number, 0, 2e-9), 'mismatch');
  assert.equal(compareValues({ type: 'integer' }, 1e12, 1e12 + 1), 'mismatch');
  assert.equal(compareValues({ type: 'time' }, 1e12, 1e12 + 1), 'mismatch');
});

test('distinct counts are compared exactly where they are exact, within 2 % where they are sketched', () => {
  const distinct = { type: 'integer', fn: 'distinct' } as const;
  assert.equal(compareValues(distinct, 32_768, 32_767), 'mismatch');
  assert.equal(compareValues(distinct, 40_000, 40_500), 'equal');
  assert.equal(compareValues(distinct, 40_000, 41_000), 'mismatch');
});

test('a value where the events give none is extra, none where they give one is missing', () => {
  const text = { type: 'text' } as const;
  assert.equal(compareValues(text, null, 'bar'), 'missing');
  assert.equal(compareValues(text, 'bar', null), 'extra');
  assert.equal(compareValues(text, null, null), 'equal');
  assert.equal(compareValues(text, 'bar', 'Bar'), 'mismatch');
});

test('lists are compared element by element, in order', () => {
  const a = [
    ['bar', 2],
    ['pub', 1],
  ] as const;
  assert.equal(compareValues({ type: 'counts' }, a, [...a]), 'equal');
  assert.equal(compareValues({ type: 'counts' }, a, [...a].reverse()), 'mismatch');
  assert.equal(compareValues({ type: 'integers' }, [1, 2], [1, 2, 0]), 'mismatch');
});

test('the symmetric error is the distance over the mean size', () => {
  assert.equal(symmetricError(1, 3), 1);
  assert.equal(symmetricError(0, 0), 0);
  assert.equal(symmetricError(0, 5), 2);
  assert.equal(symmetricError([1, 0], [0, 1]), 2);
  assert.equal(symmetricError('a', 'a'), null);
  assert.equal(symmetricError(null, 1), null);
});
