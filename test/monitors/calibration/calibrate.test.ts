import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { WeirError } from '../../../src/errors.js';
import { calibrate } from '../../../src/monitors/calibration/calibrate.js';
import type { Design } from '../../../src/monitors/calibration/design.js';
import { checkedDesign } from '../../../src/monitors/calibration/design.js';
import { standardDesign } from '../../../src/monitors/calibration/standard-design.js';
import { createFileTailStore } from '../../../src/monitors/calibration/tail-store.js';

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
  assert.ok(level({ slide: 25 }) > base);
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

test('a stored tail is read instead of simulated; a broken store is no loss', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-tails-'));
  const path = join(folder, 'tails.json');
  const fresh = { ...design, looks: 7 };
  const first = calibrate(fresh, { runs: 500, seed: 11, store: createFileTailStore(path) });
  const [key] = Object.keys(JSON.parse(readFileSync(path, 'utf8')));
  assert.equal(key, 'v1 2000/500/100/7 1of1 ks+psi+rank-sum seed 11 runs 500');
  const planted = { start: 9, slope: 1, slopeError: 0.01, runs: 500 };
  const other = { ...fresh, looks: 8 };
  const plantedKey = key.replace('/7 ', '/8 ');
  writeFileSync(path, JSON.stringify({ [plantedKey]: planted }));
  const store = createFileTailStore(path);
  const { level } = calibrate(other, { runs: 500, seed: 11, store });
  // 9 + ln(ln 2 / 0.002565) + ln(14.85 / 9) / 2 = 14.85, and simulated would be near 1e-4.
  assert.ok(Math.abs(Math.log(level) + 14.85) < 0.15, `${level}`);
  writeFileSync(path, '{ broken');
  const again = calibrate({ ...design, looks: 9 }, { runs: 500, seed: 11, store });
  assert.equal(again.runs, 500);
  assert.equal(first.runs, 500);
  rmSync(folder, { recursive: true });
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
