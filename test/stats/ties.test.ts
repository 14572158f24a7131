import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ksTiesFactor } from '../../src/stats/ks-ties.js';
import { normalSf } from '../../src/stats/normal.js';
import { rankSumAtEdges } from '../../src/stats/rank-sum-at-edges.js';
import { skewedScore, skewedSum } from '../../src/stats/skewed-score.js';
import { readGolden } from './golden.js';

interface Golden {
  bridge: { law: string; shares: number[]; s: number; twoSided: number }[];
  stretch: { jump: number; s: number; oneSided: number }[];
  n: number;
  m: number;
  rare: { reference: number; current: number; oneSided: number }[];
}
const golden = readGolden<Golden>('ties.json');
const size = 900;

/** P(at or above s somewhere), as the factor has it. */
function oneSided(reference: readonly number[], s: number): number {
  const factor = ksTiesFactor(reference);
  assert.ok(factor !== null);
  return factor(s / Math.sqrt(size), size) * Math.exp(-2 * s * s);
}

test('the distance at few tied values has the tail of a Brownian bridge at their jumps', () => {
  for (const { law, shares, s, twoSided } of golden.bridge) {
    const found =
      2 *
      oneSided(
        shares.map((p) => Math.round(1e6 * p)),
        s,
      );
    const most = law === 'thirty values' ? 1.35 : 1.1;
    assert.ok(found > 0.99 * twoSided, `${law}, ${s}: ${found}, truth ${twoSided}`);
    assert.ok(found < most * twoSided, `${law}, ${s}: ${found}, truth ${twoSided}`);
  }
});

test('beside a point mass, the values without ties count as continuous', () => {
  for (const { jump, s, oneSided: truth } of golden.stretch) {
    const fine = new Array<number>(1000).fill(1e3 * (1 - jump));
    const found = oneSided([1e6 * jump, ...fine], s);
    assert.ok(found > 0.95 * truth, `${jump}, ${s}: ${found}, truth ${truth}`);
    assert.ok(found < 1.1 * truth, `${jump}, ${s}: ${found}, truth ${truth}`);
  }
});

test('without ties, or with ties in the tails alone, nothing is taken off', () => {
  assert.equal(ksTiesFactor(new Array<number>(256).fill(40)), null);
  assert.equal(ksTiesFactor([980, 20]), null);
  assert.equal(ksTiesFactor(new Array<number>(20).fill(1)), null);
});

test('the rank sum of a rare value, its skewness corrected, has its exact tail within bounds', () => {
  for (const { reference, current, oneSided: exact } of golden.rare) {
    const { z, skewness } = rankSumAtEdges(
      [golden.n - reference, reference],
      [golden.m - current, current],
    );
    const p = normalSf(Math.abs(skewedScore(z, skewness)));
    const what = `${current} beside ${reference}: ${p}, truth ${exact}`;
    assert.ok(p > 0.25 * exact, what);
    assert.ok(p < 20 * exact, what);
  }
});

test('a skewed score is the plain one where nothing is skewed, and mirrors with the sign', () => {
  assert.equal(skewedScore(4, 0), 4);
  assert.ok(Math.abs(skewedScore(4, 0.001) - 4) < 0.01);
  assert.equal(skewedScore(-4, -0.3), -skewedScore(4, 0.3));
  for (const skewness of [-0.8, 0, 0.3, 1]) {
    assert.ok(Math.abs(skewedScore(skewedSum(3.5, skewness), skewness) - 3.5) < 1e-12);
  }
});
