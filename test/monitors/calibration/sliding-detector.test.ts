import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../../src/generate/random.js';
import type { Design } from '../../../src/monitors/calibration/design.js';
import { countValues } from '../../../src/stats/bin-of.js';
import { frozenCategories } from '../../../src/stats/frozen-categories.js';
import { frozenEdges } from '../../../src/stats/frozen-edges.js';
import { ksAtEdges } from '../../../src/stats/ks-at-edges.js';
import { rankSumAtEdges } from '../../../src/stats/rank-sum-at-edges.js';
import { createSlidingDetector } from '../../proof/sliding-detector.js';

const design: Design = {
  features: 1,
  nReference: 2000,
  nWindow: 300,
  slide: 120,
  looks: 10,
  periods: 1,
  ofPeriods: 1,
  alpha: 0.05,
};

function normals(seed: number, count: number, mean = 0): number[] {
  const random = createRandom(seed, 0);
  return Array.from({ length: count }, () => random.normal(mean, 1));
}

function detectorOf(change: Partial<Design> = {}, level = 1e-4, leastMoved = 0.05) {
  const reference = normals(1, 2000);
  const bins = frozenEdges(reference);
  const counts = countValues(bins, reference);
  const changed = { ...design, ...change };
  const detector = createSlidingDetector(bins, counts, changed, { level }, { leastMoved });
  return { bins, counts, detector };
}

test('a look falls due at the first full window, then at each slide', () => {
  const { detector } = detectorOf();
  const rows = normals(2, 800).flatMap((value) => detector.push(value)?.rows ?? []);
  assert.deepEqual(rows, [300, 420, 540, 660, 780]);
});

test('the window at each look is that of the last rows counted anew', () => {
  const values = [...normals(3, 500), ...normals(4, 700, 0.4)];
  const { bins, counts, detector } = detectorOf();
  let looks = 0;
  for (const [index, value] of values.entries()) {
    if (detector.push(value) === null) continue;
    looks++;
    const window = countValues(bins, values.slice(index + 1 - 300, index + 1));
    const [, ks, rankSum] = detector.evidence();
    assert.equal(ks?.statistic, ksAtEdges(bins, counts, window).lower);
    assert.equal(rankSum?.statistic, rankSumAtEdges(counts, window).z);
  }
  assert.equal(looks, 8);
});

test('an alarm needs k significant looks of the last n, the last one included', () => {
  const { detector } = detectorOf({ periods: 2, ofPeriods: 3 });
  const values = [...normals(5, 300), ...normals(6, 600, 1)];
  const looks = values.flatMap((value) => detector.push(value) ?? []);
  assert.deepEqual(
    looks.map(({ isSignificant, isAlarm }) => [isSignificant, isAlarm]),
    [
      [false, false],
      [true, false],
      [true, true],
      [true, true],
      [true, true],
      [true, true],
    ],
  );
});

test('a significant look at less than the least mass that must have moved is none', () => {
  const values = normals(7, 300, 0.5);
  const last = (leastMoved: number) => {
    const { detector } = detectorOf({}, 1e-4, leastMoved);
    return values.flatMap((value) => detector.push(value) ?? []).at(-1)?.isSignificant;
  };
  assert.equal(last(0.05), true);
  assert.equal(last(0.5), false);
});

test('a category that appears is found by PSI alone', () => {
  const old = Array.from({ length: 2000 }, (_, i) => ['a', 'b', 'c'][i % 3]!);
  const bins = frozenCategories(old);
  const level = { level: 1e-4 };
  const detector = createSlidingDetector(bins, countValues(bins, old), design, level);
  const looks = Array.from({ length: 540 }, (_, i) =>
    detector.push(i > 300 && i % 10 === 0 ? 'new' : old[i]),
  ).filter((look) => look !== null);
  assert.deepEqual(
    looks.map((look) => look.isAlarm),
    [false, true, true],
  );
  assert.deepEqual(
    detector.evidence().map((one) => one.test),
    ['psi'],
  );
});
