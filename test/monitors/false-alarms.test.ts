import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chanceOfAlarm, looksOf, parseFalseAlarms } from '../../src/monitors/false-alarms.js';
import { defaultPolicy, policySettings } from '../../src/monitors/policy-settings.js';
import { significance, testLevel } from '../../src/monitors/significance.js';

const dayMs = 86_400_000;

test('plain words say how often an alarm may be false', () => {
  const read = (text: string) => parseFalseAlarms(text);
  assert.deepEqual(read('one per 30 days'), { alarms: 1, spanMs: 30 * dayMs });
  assert.deepEqual(read('One false alarm per month'), { alarms: 1, spanMs: 30 * dayMs });
  assert.deepEqual(read('2 in 6 weeks'), { alarms: 2, spanMs: 42 * dayMs });
  for (const text of ['', 'never', 'zero per day', '0 per day', 'one per 30 apples']) {
    assert.equal(read(text), null, text);
  }
  assert.throws(() => policySettings({ falseAlarms: 'seldom' }), /'one per 30 days'; found seldom/);
});

test('the chance over the span is that of looks which alarm once in the span on average', () => {
  const words = { alarms: 1, spanMs: 30 * dayMs };
  assert.equal(looksOf(words, dayMs), 30);
  // Python: 1 - (29 / 30) ** 30.
  assert.ok(Math.abs(chanceOfAlarm(words, dayMs, 30) - 0.638338486538) < 1e-12);
});

test('by alpha and looks the level is that of Bonferroni', () => {
  const family = { periodMs: dayMs, longestWindowMs: 0, nReference: 9_000, nCurrent: 900 };
  assert.equal(testLevel(defaultPolicy, { ...family, tests: 50 }), 0.05 / (50 * 60));
});

test('one that is significant makes the next one easier, as Holm has it; nothing else does', () => {
  // Three tests at 0.01 each: 0.01, then 0.03 / 2, then 0.03.
  assert.deepEqual(significance([0.012, 0.009, 0.02], 0.01), [true, true, true]);
  assert.deepEqual(significance([0.012, 0.011, 0.02], 0.01), [false, false, false]);
  assert.deepEqual(significance([0.009, null, 0.5, 0.02], 0.01), [true, false, false, false]);
});
