import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeirError } from '../../../src/errors.js';
import { kept, parsePromise } from '../../../src/monitors/calibration/promise.js';

const hourMs = 3_600_000;

test('plain words are read as looks', () => {
  const read = (text: string) => parsePromise(text, hourMs);
  assert.deepEqual(read('one per 30 days'), { oneInLooks: 720 });
  assert.deepEqual(read('one false alarm per month'), { oneInLooks: 720 });
  assert.deepEqual(read('one in 500 looks'), { oneInLooks: 500 });
  assert.deepEqual(read('5 % over 200 looks'), { chance: 0.05, overLooks: 200 });
  assert.deepEqual(read('2.5% over 2 weeks'), { chance: 0.025, overLooks: 336 });
});

test('one alarm in N looks is a chance of 1 - 1/e of any among N', () => {
  assert.deepEqual(kept({ chance: 0.05, overLooks: 200 }), { alpha: 0.05, looks: 200 });
  const { alpha, looks } = kept({ oneInLooks: 720 });
  assert.equal(looks, 720);
  assert.ok(Math.abs(alpha - 0.6321205588285577) < 1e-15);
});

test('what cannot be kept is refused with what was found', () => {
  const refused = [
    'none at all',
    'two per day',
    '0 % over 5 looks',
    '100 % over 5 looks',
    'one per fortnight',
    'one in 0 looks',
    'one per minute',
  ];
  for (const text of refused) {
    assert.throws(
      () => parsePromise(text, hourMs),
      (error) => error instanceof WeirError && error.message.includes(`found '${text}'`),
      text,
    );
  }
  assert.throws(() => parsePromise('one per 30 days', null), /say how many looks/);
});
