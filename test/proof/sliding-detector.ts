import type { Calibration } from '../../src/monitors/calibration/calibrate.js';
import {
  checkedDesign,
  type Design,
  type SlidingTest,
} from '../../src/monitors/calibration/design.js';
import { binaryTest, groupsTest, rankSumPValue } from '../../src/monitors/calibration/evidence.js';
import { strengthOf } from '../../src/monitors/calibration/strength.js';
import { binOf } from '../../src/stats/bin-of.js';
import { type Bins, binCount } from '../../src/stats/bins.js';
import { greatestDivisor } from '../../src/stats/greatest-divisor.js';
import { ksAtEdges } from '../../src/stats/ks-at-edges.js';
import { ksTiesFactor } from '../../src/stats/ks-ties.js';
import { type MergePlan, mergeCounts, mergePlan } from '../../src/stats/merge-plan.js';
import { psi } from '../../src/stats/psi.js';
import { rankSumAtEdges } from '../../src/stats/rank-sum-at-edges.js';
import type { Counts } from '../../src/stats/shares.js';
import { totalVariation } from '../../src/stats/total-variation.js';

/** What one test says about the window as it stands. */
export interface SlidingEvidence {
  readonly test: SlidingTest;
  readonly statistic: number;
  readonly pValue: number;
}

/**
 * One test of a window's counts, with a p-value that holds for ties and rare values too: of two
 * values all tests are one (`binaryTest`); PSI's is that of `groupsTest` where a group is rare,
 * since the logarithm of a small count is far from normal; KS's is by the law at the jumps of the
 * reference; the rank sum's is corrected for its skewness.
 */
export function evidenceOf(
  test: SlidingTest,
  bins: Bins,
  plan: MergePlan,
  reference: Counts,
  current: Counts,
): SlidingEvidence {
  if (test === 'psi') return psiEvidence(mergeCounts(plan, reference), mergeCounts(plan, current));
  const binary = binaryTest(reference, current)?.pValue;
  if (test === 'rank-sum' || bins.kind === 'categorical') {
    const found = rankSumAtEdges(reference, current);
    return { test, statistic: found.z, pValue: binary ?? rankSumPValue(found) };
  }
  const { lower, pValue, effectiveSize } = ksAtEdges(bins, reference, current);
  const factor = ksTiesFactor(reference)?.(lower, effectiveSize) ?? 1;
  return { test, statistic: lower, pValue: binary ?? pValue * factor };
}

function psiEvidence(reference: Float64Array, current: Float64Array): SlidingEvidence {
  const { value, pValue } = psi(reference, current);
  const other = groupsTest(reference, current);
  return { test: 'psi', statistic: value, pValue: other?.pValue ?? pValue };
}

/** One look of a sliding window at one feature. */
export interface SlidingLook {
  /** Rows seen up to the end of the window. */
  readonly rows: number;
  /** Some test's p-value is below the level, and enough of the mass has moved. */
  readonly isSignificant: boolean;
  /** Significant now and in k of the last n looks. */
  readonly isAlarm: boolean;
}

export interface SlidingDetector {
  /** Takes the next row's value; a look at each slide once the window is full, else null. */
  push(value: unknown): SlidingLook | null;
  /** The same from the bin of the value. */
  pushBin(bin: number): SlidingLook | null;
  /** The tests of the window as it stands, for an alarm's evidence. */
  evidence(): readonly SlidingEvidence[];
}

export interface SlidingOptions {
  /**
   * Total variation at the groups of PSI below which no look is significant, however small its p: a
   * share of the rows. 0.02 by default: chance alone moves as much in windows of 1,000.
   */
  readonly leastMoved?: number;
}

/**
 * Watches one feature for drift over the last `nWindow` rows, every `slide` rows, at the level of a
 * calibration of the same design. State: the counts of the panes that make up the window; a look
 * adds the newest and takes off the oldest. About 60 ns a row and 3 us a look.
 */
export function createSlidingDetector(
  bins: Bins,
  reference: Counts,
  design: Design,
  calibration: Pick<Calibration, 'level'>,
  options: SlidingOptions = {},
): SlidingDetector {
  const plan = mergePlan(bins, reference);
  const tests = checkedDesign(design).tests.filter(
    (test) => bins.kind === 'numeric' || test === 'psi',
  );
  const strength = strengthOf({ ...checkedDesign(design), tests }, reference, plan);
  const { nWindow, slide, periods, ofPeriods } = design;
  const threshold = -Math.log(calibration.level);
  const mergedReference = mergeCounts(plan, reference);
  const panes = createPanes(binCount(bins), nWindow, slide);
  const recent: boolean[] = [];
  const hasMoved = () =>
    totalVariation(mergedReference, mergeCounts(plan, panes.window)) >=
    (options.leastMoved ?? 0.02);
  const pushBin = (bin: number): SlidingLook | null => {
    if (!panes.add(bin)) return null;
    const isSignificant = strength(panes.window) > threshold && hasMoved();
    recent.push(isSignificant);
    if (recent.length > ofPeriods) recent.shift();
    const isAlarm = isSignificant && recent.filter(Boolean).length >= periods;
    return { rows: panes.rows(), isSignificant, isAlarm };
  };
  return {
    push: (value) => pushBin(binOf(bins, value)),
    pushBin,
    evidence: () => tests.map((test) => evidenceOf(test, bins, plan, reference, panes.window)),
  };
}

interface Panes {
  readonly window: Float64Array;
  /** Counts a row; true where a look is due. */
  add(bin: number): boolean;
  rows(): number;
}

/** Panes of the most rows that divide both the window and the slide; one more than a window has. */
function createPanes(size: number, nWindow: number, slide: number): Panes {
  const paneRows = greatestDivisor(nWindow, slide);
  const count = nWindow / paneRows;
  const panes = Array.from({ length: count + 1 }, () => new Uint32Array(size));
  const window = new Float64Array(size);
  let rows = 0;
  let newest = panes[0]!;
  return {
    window,
    add: (bin) => {
      newest[bin]!++;
      rows++;
      if (rows % paneRows !== 0) return false;
      // The pane that is filled next is the one that leaves, empty while the first window fills.
      const oldest = panes[(rows / paneRows) % (count + 1)]!;
      for (let i = 0; i < size; i++) window[i]! += newest[i]! - oldest[i]!;
      oldest.fill(0);
      newest = oldest;
      return rows >= nWindow && (rows - nWindow) % slide === 0;
    },
    rows: () => rows,
  };
}
