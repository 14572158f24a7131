import { binOf, countValues } from '../../stats/bin-of.js';
import { binCount, type NumericBins } from '../../stats/bins.js';
import { frozenEdges } from '../../stats/frozen-edges.js';
import { mergePlan } from '../../stats/merge-plan.js';
import { createNormal, createUniform } from '../../stats/random.js';
import type { Design } from './design.js';
import { gammaVariate } from './gamma-variate.js';
import { type Strength, strengthOf } from './strength.js';
import { pointMass } from './value-law.js';

/**
 * What all simulated streams of a design share. Everything rests on ranks, so the reference is the
 * numbers 1 to N, and a row of the window falls into one of the N + 1 gaps around them. Of a point
 * mass, which is the least value, each row counts as a gap.
 */
export interface Setting {
  readonly design: Required<Design>;
  readonly reference: Uint32Array;
  /** Gaps in each bin: the shape of its share, which is Dirichlet over the references. */
  readonly gaps: readonly number[];
  readonly strength: Strength;
}

export function settingOf(design: Required<Design>): Setting {
  const tied = design.law === 'point-mass' ? Math.round(pointMass * design.nReference) : 0;
  const values = Array.from({ length: design.nReference }, (_, i) => Math.max(tied, i + 1));
  const bins: NumericBins = frozenEdges(values);
  const reference = countValues(bins, values);
  const gaps = new Array<number>(binCount(bins)).fill(0);
  for (let i = tied; i <= values.length; i++) gaps[binOf(bins, i + 0.5)]! += 1;
  gaps[binOf(bins, tied)]! += tied;
  const strength = strengthOf(design, reference, mergePlan(bins, reference));
  return { design, reference, gaps, strength };
}

/** Shares are drawn in steps of 1/16384: far below their own spread, and in the fastest cache. */
const CELLS = 16384;

/**
 * The strongest evidence for drift in a stream of one feature that does not drift: -ln of the level
 * at which the rule of the design just alarms within its looks. Each stream has a reference of its
 * own.
 */
export function strongest(setting: Setting, seed: number, stream: number): number {
  const { design, strength } = setting;
  const { nWindow, slide, looks, periods, ofPeriods } = design;
  const uniform = createUniform(Math.imul(seed, 0x9e3779b1) + stream);
  const cells = cellsOf(setting.gaps, uniform);
  const counts = new Float64Array(setting.gaps.length);
  const rows = new Uint16Array(nWindow);
  for (let i = 0; i < nWindow; i++) {
    const bin = cells[Math.floor(uniform() * CELLS)]!;
    rows[i] = bin;
    counts[bin]!++;
  }
  const recent = new Float64Array(ofPeriods);
  let oldest = 0;
  let most = 0;
  for (let look = 0; look < looks; look++) {
    if (look > 0) {
      let bits = 0;
      for (let i = 0; i < slide; i++) {
        // One random number serves two draws of 14 bits.
        bits = (i & 1) === 0 ? uniform() * CELLS * CELLS : bits >>> 14;
        const bin = cells[bits & (CELLS - 1)]!;
        counts[rows[oldest]!]!--;
        counts[bin]!++;
        rows[oldest] = bin;
        oldest = oldest + 1 === nWindow ? 0 : oldest + 1;
      }
    }
    const now = strength(counts);
    recent[look % ofPeriods] = now;
    if (now > most) most = Math.max(most, periods === 1 ? now : held(recent, periods, now));
  }
  return most;
}

/** What is reached now and in `periods` of the recent looks. */
function held(recent: Float64Array, periods: number, now: number): number {
  return Math.min(now, recent.toSorted()[recent.length - periods]!);
}

/** The bins of a sampled reference, by 1/16384 of the population each. */
function cellsOf(gaps: readonly number[], uniform: () => number): Uint16Array {
  const normal = createNormal(uniform);
  const cells = new Uint16Array(CELLS);
  const shares = gaps.map((shape) => (shape === 0 ? 0 : gammaVariate(shape, uniform, normal)));
  const all = shares.reduce((sum, share) => sum + share, 0);
  let sum = 0;
  let from = 0;
  for (const [bin, share] of shares.entries()) {
    sum += share;
    const to = Math.round((sum / all) * CELLS);
    cells.fill(bin, from, to);
    from = to;
  }
  return cells;
}
