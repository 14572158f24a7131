import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calibrate } from '../../../src/monitors/calibration/calibrate.js';
import type { Design, ValueLaw } from '../../../src/monitors/calibration/design.js';
import { binaryTest } from '../../../src/monitors/calibration/evidence.js';
import { lawOf } from '../../../src/monitors/calibration/value-law.js';
import { countValues } from '../../../src/stats/bin-of.js';
import { frozenEdges } from '../../../src/stats/frozen-edges.js';
import { mergePlan } from '../../../src/stats/merge-plan.js';
import { evidenceOf } from '../../proof/sliding-detector.js';
import { readGolden } from '../../stats/golden.js';

const design: Design = {
  features: 50,
  nReference: 10_000,
  nWindow: 1000,
  slide: 100,
  looks: 200,
  periods: 1,
  ofPeriods: 1,
  alpha: 0.05,
};
const laws: readonly ValueLaw[] = ['any', 'point-mass', 'binary'];

test('a law is binary by two values, of a point mass by the share of its least or greatest', () => {
  assert.equal(lawOf([0, 980, 0, 20]), 'binary');
  assert.equal(lawOf([0, 1000, 0]), 'binary');
  assert.equal(lawOf([600, 0, 399, 1]), 'point-mass');
  assert.equal(lawOf([1, 399, 600, 0]), 'point-mass');
  assert.equal(lawOf([599, 400, 1]), 'any');
  assert.equal(lawOf([100, 800, 100]), 'any');
});

test('the more the tests tell the same, the higher the level that is known', () => {
  for (const slide of [100, 1000]) {
    for (const periods of [1, 2]) {
      const rule = { slide, periods, ofPeriods: 2 * periods - 1 };
      const ruled = { ...design, ...rule, features: 1, alpha: 0.5 };
      const levels = laws.map((law) => calibrate({ ...ruled, law }).level);
      assert.ok(levels[0]! < levels[1]! && levels[1]! < levels[2]!, `${slide}: ${levels}`);
    }
  }
});

test('where the tail of a law does not come with the code, the level is that of any', () => {
  const odd = { ...design, features: 1, nReference: 300, nWindow: 100, slide: 100, looks: 1 };
  const levels = laws.map((law) => calibrate({ ...odd, law }).level);
  assert.deepEqual(levels, [levels[0], levels[0], levels[0]]);
});

interface Rare {
  readonly n: number;
  readonly m: number;
  /** P(that many or more in the window) by scipy's hypergeometric law. */
  readonly rare: readonly { reference: number; current: number; oneSided: number }[];
}

test('of two values the p-value is that of the exact tail, within what a row makes', () => {
  const { n, m, rare } = readGolden<Rare>('ties.json');
  for (const { reference, current, oneSided } of rare) {
    const found = binaryTest([n - reference, reference], [m - current, current]);
    const ratio = found!.pValue / (2 * oneSided);
    assert.ok(ratio > 0.35 && ratio < 1.1, `${current} beside ${reference}: ${ratio}`);
    const isUsual = Math.min(reference, n - reference) >= 500;
    assert.ok(ratio > 0.5 || !isUsual, `${current} beside ${reference}: ${ratio}`);
  }
});

/** P(X = k) of the binomial law, k from 0 to n, by its recurrence from the mode. */
function binomial(n: number, share: number): Float64Array {
  const law = new Float64Array(n + 1);
  const mode = Math.floor((n + 1) * share);
  const odds = share / (1 - share);
  law[mode] = 1;
  for (let k = mode; k < n; k++) law[k + 1] = (law[k]! * odds * (n - k)) / (k + 1);
  for (let k = mode; k > 0; k--) law[k - 1] = (law[k]! * k) / (odds * (n - k + 1));
  const sum = law.reduce((all, one) => all + one, 0);
  return law.map((one) => one / sum);
}

test('of two values a level is reached as often as it says, by the binomial law', () => {
  const { nReference: n, nWindow: m } = design;
  for (const share of [0.01, 0.02, 0.08, 0.12, 0.3, 0.5]) {
    const window = binomial(m, share);
    const likely = [...window.keys()].filter((set) => window[set]! > 1e-12);
    // Every seventh count of the reference stands for its neighbours, each at other whole rows.
    const before = binomial(n, share);
    const counts = [...before.keys()].filter((set) => set % 7 === 0 && before[set]! > 1e-9);
    for (const level of [1e-3, 7e-6]) {
      let reached = 0;
      let all = 0;
      for (const set of counts) {
        all += before[set]!;
        for (const now of likely) {
          const found = binaryTest([n - set, set], [m - now, now]);
          if (found!.pValue < level) reached += before[set]! * window[now]!;
        }
      }
      const size = reached / all / level;
      assert.ok(size > (share < 0.02 ? 0.3 : 0.85), `${share} at ${level}: ${size}`);
      assert.ok(size < 1.15, `${share} at ${level}: ${size}`);
    }
  }
});

test('of two values all tests have one p-value, and of three each its own', () => {
  const flags = (rows: number, share: number, third: number) =>
    Array.from({ length: rows }, (_, i) => (i < third ? 2 : Number(i < rows * share)));
  const pValues = (third: number) => {
    const values = flags(10_000, 0.1, third);
    const bins = frozenEdges(values);
    const reference = countValues(bins, values);
    const current = countValues(bins, flags(1000, 0.15, third / 10));
    const plan = mergePlan(bins, reference);
    return (['psi', 'ks', 'rank-sum'] as const).map(
      (one) => evidenceOf(one, bins, plan, reference, current).pValue,
    );
  };
  assert.equal(new Set(pValues(0)).size, 1);
  assert.equal(new Set(pValues(500)).size, 3);
});
