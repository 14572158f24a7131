import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calibrate } from '../../../src/monitors/calibration/calibrate.js';
import type { Design } from '../../../src/monitors/calibration/design.js';
import { chanceOfAlarm } from '../../../src/monitors/false-alarms.js';
import { firstAlarm, quietLaws, runLength } from '../../proof/false-alarms-run.js';

// The short form of the proof false-alarms: higher chances, smaller samples, fixed seeds.

const design: Design = {
  features: 1,
  nReference: 1000,
  nWindow: 200,
  slide: 40,
  looks: 20,
  periods: 1,
  ofPeriods: 1,
  alpha: 0.3,
};

for (const rule of [
  { periods: 1, ofPeriods: 1 },
  { periods: 2, ofPeriods: 3 },
]) {
  test(`without drift, ${rule.periods} of ${rule.ofPeriods} looks alarm as rarely as stated`, () => {
    const ruled = { ...design, ...rule };
    const { level } = calibrate(ruled, { runs: 2000 });
    const streams = 200;
    for (const [name, law] of Object.entries(quietLaws)) {
      let alarms = 0;
      for (let seed = 0; seed < streams; seed++) {
        if (firstAlarm({ design: ruled, level, law }, ruled.looks, 500 + seed, 0) !== null)
          alarms++;
      }
      const error = Math.sqrt((0.3 * 0.7) / streams);
      assert.ok(alarms / streams < 0.3 + 3 * error, `${name}: ${alarms} of ${streams}`);
      // Values without ties use up what is allowed.
      if (name === 'normal') assert.ok(alarms / streams > 0.3 - 3 * error, `${alarms}`);
    }
  });
}

test('the mean run length is the stated one', () => {
  const features = 10;
  const promised = 20;
  const alpha = chanceOfAlarm({ alarms: 1, spanMs: promised }, 1, promised);
  const wide = { ...design, features, looks: promised, alpha };
  const { level } = calibrate(wide, { runs: 2000 });
  const runs = 100;
  let sum = 0;
  for (let run = 0; run < runs; run++) {
    sum += runLength({ design: wide, level, law: quietLaws.normal! }, 200, 900 + run);
  }
  const error = promised / Math.sqrt(runs);
  assert.ok(Math.abs(sum / runs - promised) < 3 * error, `${sum / runs}`);
});
