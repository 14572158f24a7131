import { countValues } from '../../src/stats/bin-of.js';
import { frozenEdges } from '../../src/stats/frozen-edges.js';
import { mergeCounts, mergePlan } from '../../src/stats/merge-plan.js';
import { psi } from '../../src/stats/psi.js';
import { createNormal, createUniform } from '../../src/stats/random.js';
import { type Claim, shareClaim } from './claim.js';

/** Counts of the reference and of the current window of one run. */
type Draw = () => readonly [ArrayLike<number>, ArrayLike<number>];

function sizeClaim(title: string, draw: Draw, runs: number): Claim {
  let significant = 0;
  for (let run = 0; run < runs; run++) {
    const { status, pValue } = psi(...draw());
    if (status !== 'ok') throw new Error(`${title}: too few samples a bin for the law`);
    if (pValue < 0.05) significant++;
  }
  // A short run's share scatters about the true one: three standard errors more.
  const slack = runs >= 20_000 ? 0 : 3 * Math.sqrt((0.05 * 0.95) / runs);
  return shareClaim(title, [0.04 - slack, 0.06 + slack], significant, runs);
}

/** Both sides drawn from shares that are given. */
function drawShares(shares: readonly number[], n: number, m: number, uniform: () => number): Draw {
  const upTo = shares.map((_, i) => shares.slice(0, i + 1).reduce((a, b) => a + b, 0));
  const counts = (size: number): Uint32Array => {
    const result = new Uint32Array(shares.length);
    for (let i = 0; i < size; i++) {
      const u = uniform();
      let bin = 0;
      while (bin < upTo.length - 1 && u >= upTo[bin]!) bin++;
      result[bin]!++;
    }
    return result;
  };
  return () => [counts(n), counts(m)];
}

/** A reference sample freezes its own edges, as monitors do; values, ties and nulls of one law. */
function drawFrozen(value: () => number | null, n: number, m: number): Draw {
  const sample = (size: number) => Array.from({ length: size }, value);
  return () => {
    const reference = sample(n);
    const bins = frozenEdges(reference);
    const fine = countValues(bins, reference);
    const plan = mergePlan(bins, fine);
    return [mergeCounts(plan, fine), mergeCounts(plan, countValues(bins, sample(m)))];
  };
}

/**
 * How often PSI is significant at 5 % where nothing drifts: with given bins, and through the whole
 * path of a monitor. The sizes are those of `insufficient-data`'s bound and above.
 */
export function psiSizeClaims(runs: number): Claim[] {
  const uniform = createUniform(20_240_115);
  const normal = createNormal(uniform);
  const even = (bins: number) => new Array<number>(bins).fill(1 / bins);
  const title = (bins: string, n: number, m: number) =>
    `PSI at 5 %, ${bins}, reference ${n.toLocaleString('en')}, window ${m.toLocaleString('en')}`;
  const given: readonly (readonly [string, readonly number[], number, number])[] = [
    ['10 even bins', even(10), 10_000, 1_000],
    ['10 even bins', even(10), 1_000, 1_000],
    ['10 even bins', even(10), 10_000, 10_000],
    ['20 even bins', even(20), 10_000, 2_000],
    ['5 bins of 2–60 %', [0.6, 0.25, 0.08, 0.05, 0.02], 10_000, 1_000],
  ];
  const frozen: readonly (readonly [string, () => number | null, number, number])[] = [
    ['frozen quantiles of normal values', normal, 2_000, 1_000],
    ['frozen bins of counts with nulls', () => tied(uniform), 2_000, 1_000],
  ];
  return [
    ...given.map(([bins, shares, n, m]) =>
      sizeClaim(title(bins, n, m), drawShares(shares, n, m, uniform), runs),
    ),
    ...frozen.map(([bins, value, n, m]) =>
      sizeClaim(title(bins, n, m), drawFrozen(value, n, m), runs),
    ),
  ];
}

/** Geometric counts, a tenth of them missing. */
function tied(uniform: () => number): number | null {
  if (uniform() < 0.1) return null;
  return Math.floor(-3 * Math.log(1 - uniform()));
}
