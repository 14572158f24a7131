import { chiSquareHomogeneity } from '../../stats/chi-square-homogeneity.js';
import { fisherExact } from '../../stats/fisher-exact.js';
import { normalSf } from '../../stats/normal.js';
import type { RankSumAtEdges } from '../../stats/rank-sum-at-edges.js';
import { type Counts, total, usedBins } from '../../stats/shares.js';
import { skewedScore } from '../../stats/skewed-score.js';

/** A group of PSI is rare where fewer rows are expected in the smaller sample. */
const RARE_EXPECTED = 80;

/** Rows of both samples below which a group is rare. */
export function rareBelow(nReference: number, nCurrent: number): number {
  return (RARE_EXPECTED * (nReference + nCurrent)) / Math.min(nReference, nCurrent);
}

/** A test whose p-value is taken for that of another. */
export interface GroupsTest {
  readonly pValue: number;
  readonly method: string;
}

/**
 * The test of the two by two table where both samples have just two values, else null: PSI, KS and
 * rank sum are functions of the one share then, and this p-value is true far out for rare values.
 * Fisher's where a sample has none of a value: a G-test's p-value is a tenth of the truth then.
 * @param inflation rows that tell as much as one independent row
 */
export function binaryTest(reference: Counts, current: Counts, inflation = 1): GroupsTest | null {
  if (usedBins(reference, current) !== 2) return null;
  const [n, m] = [total(reference), total(current)];
  for (let i = 0; i < reference.length; i++) {
    const [r, c] = [reference[i]!, current[i]!];
    if ((r === 0) === (c === 0)) continue;
    const cells = [r, c, n - r, m - c].map((count) => Math.round(count / inflation));
    return { pValue: fisherExact(cells[0]!, cells[1]!, cells[2]!, cells[3]!), method: 'fisher' };
  }
  return pooledTest(reference, current, inflation);
}

/** The likelihood ratio, groups pooled to an expected count of 5, Fisher's test for the rest. */
function pooledTest(reference: Counts, current: Counts, inflation: number): GroupsTest {
  const independent = (counts: Counts) =>
    inflation === 1 ? counts : Float64Array.from(counts, (count) => count / inflation);
  return chiSquareHomogeneity(independent(reference), independent(current), 'log-likelihood');
}

/**
 * The test whose p-value is that of distances of groups where their own law does not hold: of two
 * groups, or with a rare one; else null.
 * @param inflation rows that tell as much as one independent row
 */
export function groupsTest(reference: Counts, current: Counts, inflation = 1): GroupsTest | null {
  const binary = binaryTest(reference, current, inflation);
  if (binary !== null) return binary;
  const least = inflation * rareBelow(total(reference), total(current));
  for (let g = 0; g < reference.length; g++) {
    const both = reference[g]! + current[g]!;
    if (both > 0 && both < least) return pooledTest(reference, current, inflation);
  }
  return null;
}

/**
 * Two-sided p-value of the rank sum by the score's skewed law.
 * @param inflation rows that tell as much as one independent row
 */
export function rankSumPValue(found: RankSumAtEdges, inflation = 1): number {
  if (found.status !== 'ok') return 1;
  const root = Math.sqrt(inflation);
  return 2 * normalSf(Math.abs(skewedScore(found.z / root, found.skewness * root)));
}
