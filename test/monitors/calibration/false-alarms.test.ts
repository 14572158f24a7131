import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../../src/generate/random.js';
import type { Design } from '../../../src/monitors/calibration/design.js';
import { chanceOfAlarm } from '../../../src/monitors/false-alarms.js';
import { countValues } from '../../../src/stats/bin-of.js';
import { frozenEdges } from '../../../src/stats/frozen-edges.js';
import {
  binDraws,
  binShares,
  firstAlarm,
  firstAlarmARowSooner,
  firstAlarms,
  frozenReference,
  quietLaws,
  watchOf,
} from '../../proof/false-alarms-run.js';

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
    const watch = watchOf(ruled, ruled.looks, 2000);
    const streams = 80;
    for (const [name, law] of Object.entries(quietLaws)) {
      let alarms = 0;
      for (let seed = 0; seed < streams; seed++) {
        const frozen = frozenReference(law, ruled.nReference, 500, seed);
        if (firstAlarm(watch, frozen, 500, seed) !== null) alarms++;
      }
      const error = Math.sqrt((0.3 * 0.7) / streams);
      assert.ok(alarms / streams < 0.3 + 3 * error, `${name}: ${alarms} of ${streams}`);
      // Other values come in whole rows, too few in so small a window.
      if (name === 'normal') assert.ok(alarms / streams > 0.3 - 3 * error, `${alarms}`);
    }
  });
}

test('looks for each alarm are as many as stated, and no fewer for values with ties', () => {
  const promised = 20;
  const alpha = chanceOfAlarm({ alarms: 1, spanMs: promised }, 1, promised);
  const often = { ...design, looks: promised, alpha };
  const watch = watchOf(often, promised, 2000);
  const streams = 100;
  for (const [name, law] of Object.entries(quietLaws)) {
    let alarms = 0;
    for (let seed = 0; seed < streams; seed++) {
      const frozen = frozenReference(law, often.nReference, 900, seed);
      if (firstAlarm(watch, frozen, 900, seed) !== null) alarms++;
    }
    const looks = -promised / Math.log1p(-alarms / streams);
    const error = looks / Math.sqrt(alarms);
    assert.ok(looks + 3 * error > 0.9 * promised, `${name}: ${looks}`);
    if (name === 'normal') assert.ok(looks - 3 * error < 1.1 * promised, `${name}: ${looks}`);
  }
});

test('a flag that is told a row sooner alarms in every stream that alarmed, and no later', () => {
  const law = quietLaws['flag (12 % set)']!;
  for (const rule of [
    { periods: 1, ofPeriods: 1 },
    { periods: 2, ofPeriods: 3 },
  ]) {
    const watch = { design: { ...design, ...rule }, levelOf: () => 0.02, limit: 50 };
    let sooner = 0;
    for (let stream = 0; stream < 40; stream++) {
      const frozen = frozenReference(law, design.nReference, 60, stream);
      const found = firstAlarm(watch, frozen, 60, stream) ?? 51;
      const next = firstAlarmARowSooner(watch, frozen, 60, stream) ?? 51;
      assert.ok(next <= found, `${stream}: ${next}, ${found}`);
      if (next < found) sooner++;
    }
    assert.ok(sooner > 0);
  }
});

test('rows that are drawn as bins come as often as the values of each bin', () => {
  for (const [name, law] of Object.entries(quietLaws)) {
    const random = createRandom(3, 1);
    const values = () => Array.from({ length: 20_000 }, () => law.draw(random));
    const bins = frozenEdges(values(), 20);
    const shares = binShares(bins, law);
    const counts = countValues(bins, values());
    const drawn = new Float64Array(counts.length);
    const draw = binDraws(shares, random);
    for (let i = 0; i < 20_000; i++) drawn[draw()]!++;
    for (const [bin, share] of shares.entries()) {
      const slack = 5 * Math.sqrt(20_000 * share * (1 - share)) + 1e-6;
      assert.ok(Math.abs(counts[bin]! - 20_000 * share) <= slack, `${name}: values of ${bin}`);
      assert.ok(Math.abs(drawn[bin]! - 20_000 * share) <= slack, `${name}: draws of ${bin}`);
    }
  }
});

test('several rules that share one stream alarm as each alone', () => {
  const law = quietLaws.normal!;
  const strict = { design, levelOf: () => 1e-3, limit: 20 };
  const watches = [
    strict,
    { design: { ...design, periods: 2, ofPeriods: 3 }, levelOf: () => 0.01, limit: 20 },
  ];
  for (let stream = 0; stream < 40; stream++) {
    const frozen = frozenReference(law, design.nReference, 77, stream);
    assert.deepEqual(
      firstAlarms(watches, frozen, 77, stream),
      watches.map((watch) => firstAlarm(watch, frozen, 77, stream)),
    );
  }
});
