import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AlarmMaker,
  alwaysAlarms,
  delayQuantile,
  delayRun,
  goalDesign,
  neverAlarms,
  weirAlarm,
} from '../../proof/delay-run.js';

// The short form of the proof delay.

function medianDelay(make: AlarmMaker, shift: number, runs: number): number | null {
  return delayQuantile(
    Array.from({ length: runs }, (_, run) => delayRun(make, shift, 7_000_000 + run)),
    0.5,
  );
}

test('the median delay meets its goals at 5 % over 50 features and 200 looks', () => {
  const weir = weirAlarm(goalDesign);
  for (const [shift, goal] of [
    [1, 300],
    [0.5, 500],
    [0.25, 800],
  ] as const) {
    const median = medianDelay(weir, shift, 25);
    assert.ok(median !== null && median <= goal, `${shift} sigma: ${median}`);
  }
});

test('a detector that never alarms has no delay, one that always does has one event', () => {
  assert.equal(medianDelay(neverAlarms, 1, 3), null);
  assert.equal(medianDelay(alwaysAlarms, 1, 3), 1);
});
