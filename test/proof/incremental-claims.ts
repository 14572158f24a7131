import { binOf, countValues } from '../../src/stats/bin-of.js';
import { binCount } from '../../src/stats/bins.js';
import { frozenFourierMap } from '../../src/stats/fourier-map.js';
import { createFourierSums, mergeSums, rowAdder } from '../../src/stats/fourier-sums.js';
import { frozenEdges } from '../../src/stats/frozen-edges.js';
import { ksAtEdges } from '../../src/stats/ks-at-edges.js';
import { ksTwoSample } from '../../src/stats/ks-two-sample.js';
import { mergeCounts, mergePlan } from '../../src/stats/merge-plan.js';
import { psi } from '../../src/stats/psi.js';
import { createNormal, createUniform } from '../../src/stats/random.js';
import { type Claim, errorClaim } from './claim.js';
import { createSlidingDetector, evidenceOf } from './sliding-detector.js';

const thousands = (count: number): string => count.toLocaleString('en');

/** Values with many ties, a drift on the way, nulls, NaN and some that are far outside. */
function valuesOf(seed: number, length: number): () => number | null {
  const uniform = createUniform(seed);
  const normal = createNormal(uniform);
  let i = 0;
  return () => {
    const kind = uniform();
    const shift = (3 * i++) / length;
    if (kind < 0.02) return null;
    if (kind < 0.03) return Number.NaN;
    if (kind < 0.04) return (uniform() - 0.5) * 1e9;
    return kind < 0.6 ? Math.round(2 * (normal() + shift)) / 2 : normal() + shift;
  };
}

/** The detector of sliding windows, against statistics of the window's values from scratch. */
export function slidingClaims(updates: number): Claim[] {
  const next = valuesOf(71, updates);
  const reference = Array.from({ length: 10_000 }, valuesOf(72, 1e12));
  const bins = frozenEdges(reference);
  const counts = countValues(bins, reference);
  const plan = mergePlan(bins, counts);
  const design = {
    features: 1,
    nReference: 10_000,
    nWindow: 1_000,
    slide: 100,
    looks: 1,
    periods: 1,
    ofPeriods: 1,
    alpha: 0.05,
    tests: ['psi', 'ks'],
  } as const;
  const detector = createSlidingDetector(bins, counts, design, { level: 1e-6 });
  const window: (number | null)[] = [];
  const apart: number[] = [];
  let outside = 0;
  for (let i = 0; i < updates; i++) {
    const value = next();
    if (window.length === 1_000) window.shift();
    window.push(value);
    if (detector.push(value) === null || i % 700 !== 699) continue;
    const scratch = countValues(bins, window);
    const psiAgain = psi(mergeCounts(plan, counts), mergeCounts(plan, scratch));
    const ksAgain = ksAtEdges(bins, counts, scratch);
    for (const { test, statistic, pValue } of detector.evidence()) {
      const value = test === 'psi' ? psiAgain.value : ksAgain.lower;
      const again = evidenceOf(test, bins, plan, counts, scratch);
      apart.push(Math.abs(statistic - value), Math.abs(pValue - again.pValue));
    }
    const exact = ksTwoSample(reference, window, 'kstwo').statistic;
    if (!(ksAgain.lower <= exact + 1e-15 && exact <= ksAgain.upper + 1e-15)) outside++;
  }
  const over = `${apart.length / 4} windows over ${thousands(updates)} updates`;
  return [
    errorClaim('sliding PSI and KS, their p-values', 'absolute', 0, apart, over),
    {
      claim: 'exact D of the samples, within the bounds at the edges',
      bound: 'always',
      measured: outside === 0 ? 'always' : `${outside} times not`,
      over,
      holds: outside === 0,
    },
  ];
}

const paneMs = 60_000;
const windowPanes = 12;
const partitions = 4;

/** Event-time panes per partition, late events, merges and eviction, against a new count. */
export function paneClaims(updates: number): Claim[] {
  const next = valuesOf(73, updates);
  const uniform = createUniform(74);
  const reference = Array.from({ length: 5_000 }, valuesOf(75, 1e12));
  const bins = frozenEdges(reference);
  const map = frozenFourierMap(
    reference.map((x) => x ?? Number.NaN),
    1,
    { pairs: 8 },
  );
  const addRow = rowAdder(map);
  const create = () => ({ counts: new Uint32Array(binCount(bins)), sums: createFourierSums(map) });
  const panes = Array.from(
    { length: partitions },
    () => new Map<number, ReturnType<typeof create>>(),
  );
  const total = create();
  let kept: { pane: number; value: number | null }[] = [];
  const apart: number[] = [];
  let looks = 0;
  let oldest = 0;
  const evict = (pane: number) => {
    for (const own of panes) {
      const leaving = own.get(pane);
      if (leaving === undefined) continue;
      own.delete(pane);
      leaving.counts.forEach((count, bin) => {
        total.counts[bin]! -= count;
      });
      mergeSums(total.sums, leaving.sums, -1);
    }
  };
  for (let i = 0; i < updates; i++) {
    const nowMs = (i * 3_600_000 * 24) / updates;
    // A third comes late, by up to the window; what is older than it has no pane any more.
    const timeMs = nowMs - (uniform() < 0.33 ? uniform() * windowPanes * paneMs : 0);
    const newest = Math.floor(nowMs / paneMs);
    for (; oldest <= newest - windowPanes; oldest++) evict(oldest);
    const pane = Math.floor(timeMs / paneMs);
    const value = next();
    if (pane >= oldest && pane >= 0) {
      const own = panes[Math.floor(uniform() * partitions)]!;
      if (!own.has(pane)) own.set(pane, create());
      const to = own.get(pane)!;
      const bin = binOf(bins, value);
      for (const state of [to, total]) {
        state.counts[bin]!++;
        addRow(state.sums, [value ?? Number.NaN]);
      }
      kept.push({ pane, value });
    }
    if (i % 20_000 !== 19_999) continue;
    looks++;
    kept = kept.filter((one) => one.pane >= oldest);
    const scratch = countValues(
      bins,
      kept.map((one) => one.value),
    );
    const merged = create();
    for (const own of [...panes].reverse()) {
      for (const one of own.values()) {
        one.counts.forEach((count, bin) => {
          merged.counts[bin]! += count;
        });
        mergeSums(merged.sums, one.sums);
      }
    }
    const again = createFourierSums(map);
    for (const { value: x } of kept) addRow(again, [x ?? Number.NaN]);
    for (const state of [merged, total]) {
      scratch.forEach((count, bin) => {
        apart.push(Math.abs(count - state.counts[bin]!));
      });
      again.sums.forEach((sum, k) => {
        apart.push(Math.abs(sum - state.sums.sums[k]!));
      });
    }
  }
  const over = `${looks} windows over ${thousands(updates)} updates, a third late, ${partitions} partitions`;
  return [
    errorClaim('panes: counts and sums for MMD, merged and evicted', 'absolute', 0, apart, over),
  ];
}
