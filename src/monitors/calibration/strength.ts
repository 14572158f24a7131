import { ksEffectiveSize } from '../../stats/ks-effective-size.js';
import type { MergePlan } from '../../stats/merge-plan.js';
import { sumSkewness } from '../../stats/rank-sum-at-edges.js';
import { type Counts, usedBins } from '../../stats/shares.js';
import { skewedScore } from '../../stats/skewed-score.js';
import type { Design } from './design.js';
import { binaryTest, groupsTest, rareBelow } from './evidence.js';
import { chiSquareTable, deepest, ksTiesTable, rankSumTable } from './p-tables.js';

/** -ln of the smallest p-value that the tests of a design give to the counts of a window. */
export type Strength = (counts: Float64Array) => number;

/**
 * The tests of a design over the counts of a window; one and the same where a reference of one or
 * two values and the window have two in all.
 */
export function strengthOf(design: Required<Design>, reference: Counts, plan: MergePlan): Strength {
  const ofMany = strengthOfMany(design, reference, plan);
  if (usedBins(reference, reference) > 2) return ofMany;
  return (counts) => {
    const binary = binaryTest(reference, counts);
    return binary === null ? ofMany(counts) : depthOf(binary.pValue);
  };
}

const depthOf = (pValue: number): number => Math.min(deepest, -Math.log(pValue));

/**
 * The tests of a design as one loop over the counts, some 20 times faster than the tests
 * themselves: sums that never change are hoisted, and -ln p is read from a table.
 */
function strengthOfMany(
  { nReference: n, nWindow: m, tests }: Required<Design>,
  reference: Counts,
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
  const all = n + m;
  const used = usedBins(groupReference, groups);
  const ofKs = ksTiesTable(reference, ksEffectiveSize(n, m));
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
    let belowBoth = -all / 2;
    let squares = 0;
    let cubes = 0;
    for (let i = 0; i < bins; i++) {
      const c = counts[i]!;
      groups[groupOf[i]!]! += c;
      below += c;
      const gap = referenceBelow[i]! - below * ratio;
      highest = gap > highest ? gap : highest;
      lowest = gap < lowest ? gap : lowest;
      wins += c * middles[i]!;
      const tied = referenceCounts[i]! + c;
      const middle = belowBoth + tied / 2;
      belowBoth += tied;
      const square = tied * middle * middle;
      squares += square;
      cubes += square * middle;
    }
    let most = 0;
    if (withKs) most = Math.max(most, ofKs(Math.max(highest, -lowest) / n));
    if (withRankSum && squares > 0) {
      const z = (wins - (n * m) / 2) / Math.sqrt((n * m * squares) / (all * (all - 1)));
      const score = skewedScore(z, sumSkewness(n, m, squares, cubes));
      most = Math.max(most, rankSumTable(Math.abs(score)));
    }
    if (withPsi) most = Math.max(most, ofGroups(groupReference, groups, n, m));
    return most;
  };
}

/** -ln p of the groups: of PSI, or of the test of two groups or rare ones. */
function ofGroups(reference: Float64Array, current: Float64Array, n: number, m: number): number {
  const least = rareBelow(n, m);
  let value = 0;
  let used = 0;
  let isRare = false;
  for (let g = 0; g < reference.length; g++) {
    const both = reference[g]! + current[g]!;
    if (both === 0) continue;
    used++;
    isRare ||= both < least;
    const r = Math.max(reference[g]! / n, 1e-4);
    const c = Math.max(current[g]! / m, 1e-4);
    value += (c - r) * Math.log(c / r);
  }
  if (used === 2 || isRare) return depthOf(groupsTest(reference, current)?.pValue ?? 1);
  return chiSquareTable(used - 1)(value / (1 / n + 1 / m));
}
