import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, type Random } from '../../../src/generate/random.js';
import { checkedDesign, type SlidingTest } from '../../../src/monitors/calibration/design.js';
import { strengthOf } from '../../../src/monitors/calibration/strength.js';
import { countValues } from '../../../src/stats/bin-of.js';
import type { NumericBins } from '../../../src/stats/bins.js';
import { frozenEdges } from '../../../src/stats/frozen-edges.js';
import { mergePlan } from '../../../src/stats/merge-plan.js';
import { evidenceOf } from '../../proof/sliding-detector.js';

type Law = (random: Random, shift: number) => number | null;

const laws: Readonly<Record<string, Law>> = {
  smooth: (random, shift) => random.normal(shift, 1),
  tied: (random, shift) => random.poisson(2 + shift),
  'with nulls': (random, shift) => (random.unit() < 0.1 + shift / 10 ? null : random.normal(0, 1)),
  'a rare value': (random, shift) => (random.unit() < 0.01 + shift / 50 ? 1 : 0),
  'mostly zero': (random, shift) => (random.unit() < 0.6 ? 0 : random.normal(2 + shift, 1)),
  constant: () => 4,
};
const design = checkedDesign({
  features: 1,
  nReference: 3000,
  nWindow: 400,
  slide: 100,
  looks: 10,
  periods: 1,
  ofPeriods: 1,
  alpha: 0.05,
});

function compare(law: Law, shift: number, seed: number) {
  const random = createRandom(seed, 1);
  const values = Array.from({ length: design.nReference }, () => law(random, 0));
  const bins: NumericBins = frozenEdges(values);
  const reference = countValues(bins, values);
  const window = Array.from({ length: design.nWindow }, () => law(random, shift));
  const current = countValues(bins, window);
  const plan = mergePlan(bins, reference);
  const pValues: Readonly<Record<SlidingTest, number>> = {
    psi: evidenceOf('psi', bins, plan, reference, current).pValue,
    ks: evidenceOf('ks', bins, plan, reference, current).pValue,
    'rank-sum': evidenceOf('rank-sum', bins, plan, reference, current).pValue,
  };
  const strength = (tests: readonly SlidingTest[]) =>
    strengthOf({ ...design, tests }, reference, plan)(Float64Array.from(current));
  return { pValues, strength };
}

test('the strength of a window is -ln p of each test, and of the smallest of all', () => {
  for (const [name, law] of Object.entries(laws)) {
    for (const [seed, shift] of [0, 0.1, 0.3, 1].entries()) {
      const { pValues, strength } = compare(law, shift, seed);
      for (const [only, p] of Object.entries(pValues)) {
        const what = `${name}, shift ${shift}: ${only}`;
        // The keys of pValues are the tests.
        const found = strength([only as SlidingTest]);
        // The tables have steps; where p is above a half nothing hangs on it.
        const slack = p > 0.5 ? 0.1 : 0.02;
        assert.ok(Math.abs(found + Math.log(Math.max(p, 1e-29))) < slack || found > 60, what);
      }
      const smallest = Math.max(1e-29, Math.min(...Object.values(pValues)));
      const all = strength(['psi', 'ks', 'rank-sum']);
      const slack = smallest > 0.5 ? 0.1 : 0.02;
      assert.ok(Math.abs(all + Math.log(smallest)) < slack || all > 60, `${name}: all`);
    }
  }
});

test('a constant feature has no strength at all', () => {
  assert.equal(compare(laws.constant!, 0, 1).strength(['psi', 'ks', 'rank-sum']), 0);
});
