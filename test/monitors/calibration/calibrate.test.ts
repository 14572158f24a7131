import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeirError } from '../../../src/errors.js';
import { calibrate } from '../../../src/monitors/calibration/calibrate.js';
import type { Design } from '../../../src/monitors/calibration/design.js';
import { checkedDesign } from '../../../src/monitors/calibration/design.js';
import { standardDesign } from '../../../src/monitors/calibration/standard-design.js';

const design: Design = {
  features: 20,
  nReference: 2000,
  nWindow: 500,
  slide: 100,
  looks: 20,
  periods: 1,
  ofPeriods: 1,
  alpha: 0.05,
};
const quick = { runs: 1000 };

test('a single look by one test at one feature is significant at alpha itself', () => {
  const once: Design = { ...design, features: 1, looks: 1, tests: ['rank-sum'] };
  const { level, error } = calibrate(once, quick);
  assert.ok(Math.abs(Math.log(level / 0.05)) < 3 * error + 0.05, `level ${level}`);
});

test('the level lies between that of independent looks and that of a single one', () => {
  const { level, error } = calibrate(design, quick);
  const independent = design.alpha / (design.features * design.looks * 3);
  assert.ok(level > independent * Math.exp(-2 * error), `${level}`);
  assert.ok(level < design.alpha / design.features);
});

test('overlap, fewer looks, fewer tests and a k-of-n rule allow a higher level', () => {
  const level = (change: Partial<Design>) => calibrate({ ...design, ...change }, quick).level;
  const base = level({});
  assert.ok(level({ slide: 50 }) > base);
  assert.ok(level({ looks: 10 }) > base);
  assert.ok(level({ tests: ['ks'] }) > base);
  assert.ok(level({ periods: 2, ofPeriods: 3 }) > base);
  assert.ok(level({ features: 2 }) > base);
  assert.ok(level({ alpha: 0.2 }) > base);
});

test('the same design and seed give the same calibration, another seed one within its error', () => {
  assert.deepEqual(
    calibrate(design, { ...quick, seed: 5 }),
    calibrate(design, { ...quick, seed: 5 }),
  );
  const [one, other] = [calibrate(design, quick), calibrate(design, { ...quick, seed: 5 })];
  assert.notEqual(one.level, other.level);
  const distance = Math.abs(Math.log(one.level / other.level));
  assert.ok(distance < 3 * Math.hypot(one.error, other.error), `${distance}`);
});

test('a window of ten thousand rows shares the tail of the same proportions', () => {
  const large = { ...design, nReference: 20_000, nWindow: 10_000, slide: 2000 };
  const small = { ...design, nReference: 2000, nWindow: 1000, slide: 200 };
  const [one, other] = [calibrate(large, quick), calibrate(small, quick)];
  assert.equal(one.level, other.level);
  assert.ok(one.critical.ks < other.critical.ks && one.critical.psi < other.critical.psi);
});

test('a window of a million rows that slides by one is simulated with ten thousand', () => {
  const vast = { ...design, features: 1, nReference: 5_000_000, nWindow: 1_000_000, slide: 1 };
  const checked = checkedDesign({ ...vast, tests: ['ks'] });
  const { nReference, nWindow, slide, looks } = standardDesign(checked);
  assert.deepEqual([nReference, nWindow, slide, looks], [50_000, 10_000, 1, design.looks]);
});

test('neighbours share a design, with a slide and a reference that are no smaller', () => {
  const near = { ...design, nReference: 7777, nWindow: 1234, slide: 150, looks: 5000 };
  const { nReference, nWindow, slide, looks } = standardDesign(checkedDesign(near));
  assert.deepEqual([nReference, nWindow, slide, looks], [10_000, 1000, 200, 200]);
  const small = { ...design, nReference: 100, nWindow: 150, slide: 15 };
  const kept = standardDesign(checkedDesign(small));
  assert.deepEqual([kept.nReference, kept.nWindow, kept.slide], [100, 150, 15]);
});

test('a common design is known, whatever its number of looks', () => {
  const common = { ...design, features: 50, nReference: 10_000, nWindow: 1000 };
  for (const looks of [200, 1000]) {
    for (const rule of [
      { periods: 1, ofPeriods: 1 },
      { periods: 2, ofPeriods: 3 },
    ]) {
      for (const slide of [100, 1000]) {
        const { runs, error } = calibrate({ ...common, ...rule, looks, slide });
        assert.ok(runs >= 10_000 && error < 0.2, `${slide}, ${looks}: ${runs}, ${error}`);
      }
    }
  }
});

test('a tail that is known is that of the tests as they are', () => {
  for (const [periods, slide, law] of [
    [2, 200, 'any'],
    [1, 200, 'point-mass'],
    [1, 20, 'binary'],
  ] as const) {
    const ofPeriods = 2 * periods - 1;
    const rule = { periods, ofPeriods, slide, nReference: 2000, nWindow: 200, looks: 200 };
    const half: Design = { ...design, ...rule, law, features: 1, alpha: 0.5 };
    const [known, anew] = [calibrate(half), calibrate(half, quick)];
    assert.ok(known.runs > anew.runs);
    const x = ({ level, error }: typeof known) => -Math.log(level) - error;
    const distance = Math.abs(x(known) - x(anew));
    assert.ok(distance < 3 * Math.hypot(known.error, anew.error), `${slide}: ${distance}`);
  }
});

test('an impossible design is refused with what was found', () => {
  const refused: readonly (readonly [Partial<Design>, RegExp])[] = [
    [{ features: 0 }, /features: expected a whole number from 1; found 0/],
    [{ slide: 501 }, /slide: expected at most the window's 500 rows; found 501/],
    [{ periods: 3, ofPeriods: 2 }, /periods: expected at most ofPeriods \(2\); found 3/],
    [{ alpha: 1 }, /alpha: expected a probability between 0 and 1; found 1/],
    [{ tests: [] }, /tests: expected some of psi, ks, rank-sum; found none/],
  ];
  for (const [change, message] of refused) {
    assert.throws(
      () => calibrate({ ...design, ...change }),
      (error) => error instanceof WeirError && message.test(error.message),
    );
  }
});
