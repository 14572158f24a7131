import { chiSquareSf } from '../../stats/chi-square.js';
import { ksEffectiveSize } from '../../stats/ks-effective-size.js';
import { kstwoSf } from '../../stats/kstwo.js';
import type { MergePlan } from '../../stats/merge-plan.js';
import { normalSf } from '../../stats/normal.js';
import type { Design } from './design.js';

/** -ln of the smallest p-value that the tests of a design give to the counts of a window. */
export type Strength = (counts: Float64Array) => number;

/**
 * The tests of a design as one loop over the counts, some 50 times faster than the tests
 * themselves: sums that never change are hoisted, and -ln p is read from a table.
 */
export function strengthOf(
  { nReference: n, nWindow: m, tests }: Required<Design>,
  reference: ArrayLike<number>,
  plan: MergePlan,
): Strength {
  const bins = reference.length;
  const groupOf = Uint16Array.from(plan.groupOf);
  const groups = new Float64Array(plan.groupCount);
  const groupReference = new Float64Array(plan.groupCount);
  const referenceCounts = Float64Array.from(reference);
  const referenceBelow = new Float64Array(bins);
  const middles = new Float64Array(bins);
  let sum = 0;
  for (let i = 0; i < bins; i++) {
    groupReference[groupOf[i]!]! += reference[i]!;
    middles[i] = sum + reference[i]! / 2;
    sum += reference[i]!;
    referenceBelow[i] = sum;
  }
  const ratio = n / m;
  const used = groupReference.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
  const size = ksEffectiveSize(n, m);
  const ofKs = tableOf((d) => kstwoSf(d, size), Math.min(1, Math.sqrt(DEEPEST / (2 * size))));
  const scale = 1 / n + 1 / m;
  const ofPsi = tableOf((x) => chiSquareSf(x, used - 1), 2 * DEEPEST + 4 * used);
  const ofZ = tableOf((z) => 2 * normalSf(z), Math.sqrt(2 * DEEPEST));
  const withKs = tests.includes('ks');
  // Below 20 rows a bin PSI says `insufficient-data`.
  const withPsi = tests.includes('psi') && m >= 20 * used;
  const withRankSum = tests.includes('rank-sum');
  return (counts) => {
    groups.fill(0);
    let below = 0;
    let highest = 0;
    let lowest = 0;
    let wins = 0;
    let ties = 0;
    for (let i = 0; i < bins; i++) {
      const c = counts[i]!;
      groups[groupOf[i]!]! += c;
      below += c;
      const gap = referenceBelow[i]! - below * ratio;
      highest = gap > highest ? gap : highest;
      lowest = gap < lowest ? gap : lowest;
      wins += c * middles[i]!;
      const tied = referenceCounts[i]! + c;
      ties += tied * tied * tied;
    }
    let most = 0;
    if (withKs) most = Math.max(most, ofKs(Math.max(highest, -lowest) / n));
    if (withRankSum) {
      const all = n + m;
      const variance = ((n * m) / 12) * (all + 1 - (ties - all) / (all * (all - 1)));
      most = Math.max(most, ofZ(Math.abs(wins - (n * m) / 2) / Math.sqrt(variance)));
    }
    if (withPsi) most = Math.max(most, ofPsi(psiOf(groupReference, groups, n, m) / scale));
    return most;
  };
}

function psiOf(reference: Float64Array, current: Float64Array, n: number, m: number): number {
  let value = 0;
  for (let g = 0; g < reference.length; g++) {
    if (reference[g] === 0 && current[g] === 0) continue;
    const r = Math.max(reference[g]! / n, 1e-4);
    const c = Math.max(current[g]! / m, 1e-4);
    value += (c - r) * Math.log(c / r);
  }
  return value;
}

/** -ln p beyond which nothing is told apart: 1e-30, far below any level. */
const DEEPEST = 69;
const STEPS = 2048;

/** -ln of a survival function, linear between 2,048 steps: error below 1e-4 in p. */
function tableOf(survival: (x: number) => number, high: number): (x: number) => number {
  const table = new Float64Array(STEPS + 2);
  for (let i = 0; i <= STEPS; i++) {
    table[i] = Math.min(DEEPEST, -Math.log(survival((i / STEPS) * high)));
  }
  table[STEPS + 1] = DEEPEST;
  const factor = STEPS / high;
  return (x) => {
    const at = x * factor;
    const i = Math.floor(at);
    if (i >= STEPS) return DEEPEST;
    return table[i]! + (at - i) * (table[i + 1]! - table[i]!);
  };
}
