import {
  binaryTest,
  type GroupsTest,
  groupsTest,
  rankSumPValue,
} from '../monitors/calibration/evidence.js';
import { categoryApart } from '../stats/category-apart.js';
import { chiSquareIsf, chiSquareSf } from '../stats/chi-square.js';
import { chiSquareHomogeneity } from '../stats/chi-square-homogeneity.js';
import { invertDecreasing } from '../stats/invert-decreasing.js';
import { ksEffectiveSize } from '../stats/ks-effective-size.js';
import type { TiesFactor } from '../stats/ks-ties.js';
import { kstwoIsf, kstwoSf } from '../stats/kstwo.js';
import { mergeCounts } from '../stats/merge-plan.js';
import { normalIsf } from '../stats/normal.js';
import { rankSumAtEdges } from '../stats/rank-sum-at-edges.js';
import { type Counts, total, usedBins } from '../stats/shares.js';
import { skewedSum } from '../stats/skewed-score.js';
import { totalVariation } from '../stats/total-variation.js';
import { wassersteinAtEdges } from '../stats/wasserstein-at-edges.js';
import {
  divergenceTest,
  type Figures,
  insufficient,
  judged,
  variationTest,
  wassersteinJudged,
} from './comparison.js';
import { manyCategories } from './exact-tests.js';
import type { FrozenColumn } from './frozen-column.js';
import { noNulls, nullsTest } from './nulls-test.js';
import type { TestName } from './report.js';
import { limits, verdictOf } from './verdict.js';

const floor = 1e-4;
/** Independent rows below which no null law is to be trusted. */
const rowsMin = 20;

/** Quantiles of null laws by their parameters: they stay the same from window to window. */
export class Criticals {
  readonly level: number;
  readonly normal: number;
  readonly #chi = new Map<number, number>();
  readonly #ks = new Map<TiesFactor | null, Map<number, number>>();

  constructor(level: number) {
    this.level = level;
    this.normal = normalIsf(level / 2);
  }

  chi(df: number): number {
    const known = this.#chi.get(df) ?? chiSquareIsf(this.level, df);
    this.#chi.set(df, known);
    return known;
  }

  ks(size: number, ties: TiesFactor | null): number {
    const bySize = this.#ks.get(ties) ?? new Map<number, number>();
    this.#ks.set(ties, bySize);
    const known = bySize.get(size) ?? this.#ksOf(size, ties);
    bySize.set(size, known);
    return known;
  }

  #ksOf(size: number, ties: TiesFactor | null): number {
    const high = kstwoIsf(this.level, size);
    if (ties === null || size <= 1) return high;
    return invertDecreasing((d) => ksPValue(d, size, ties), this.level, high / 2, high);
  }
}

/**
 * Tests of one window's counts against those of the reference in the same frozen bins. Where rows
 * hang together each sample counts as one of n / inflation independent rows, in every null law.
 */
export function windowTests(
  column: FrozenColumn,
  reference: Counts,
  current: Counts,
  wanted: ReadonlySet<TestName>,
  criticals: Criticals,
): readonly Figures[] {
  const { firstMissing: end, inflation } = column;
  const r = upTo(reference, end);
  const c = upTo(current, end);
  const sizes = { nReference: total(r), nCurrent: total(c) };
  const missing = { reference: total(reference) - sizes.nReference, current: 0 };
  missing.current = total(current) - sizes.nCurrent;
  const { level } = criticals;
  const merged = {
    reference: mergeCounts(column.plan, reference),
    current: mergeCounts(column.plan, current),
  };
  const results: Figures[] = [];
  const blind = tooRare(column, r);
  const told = (figures: Figures): Figures =>
    blind === null ? figures : insufficient(figures.test, sizes, blind);
  const other = groupsTest(merged.reference, merged.current, inflation);
  const ofGroups = psiTest(merged.reference, merged.current, criticals, inflation, other);
  if (wanted.has('psi')) results.push(told(ofGroups));
  const few = Math.min(sizes.nReference, sizes.nCurrent) / inflation < rowsMin;
  const by = column.type === 'category' ? 'chi2' : 'ks';
  let main: Figures;
  if (few && by === 'ks') main = ownWindowsTest(column, r, c, sizes);
  else if (few) main = insufficient(by, sizes, tooFew(sizes.nCurrent, inflation));
  else if (by === 'ks') main = ksTest(column, r, c, sizes, criticals);
  else main = chiTest(r, c, sizes, criticals, inflation);
  if (wanted.has(by)) results.push(main);
  if (by === 'ks' && wanted.has('rank-sum')) {
    if (few) results.push(insufficient('rank-sum', sizes, tooFew(sizes.nCurrent, inflation)));
    else results.push(rankSumTest(r, c, sizes, criticals, inflation));
  }
  for (const test of ['js', 'hellinger'] as const) {
    if (!wanted.has(test)) continue;
    const { reference: mergedR, current: mergedC } = merged;
    results.push(told(divergenceTest(test, mergedR, mergedC, level, inflation, other)));
  }
  if (wanted.has('tv')) {
    const variation = variationTest(merged.reference, merged.current, ofGroups, level, inflation);
    results.push(told(variation));
  }
  if (by === 'ks' && wanted.has('wasserstein') && !few) {
    results.push(wassersteinTest(column, r, c, main, level));
  }
  if (wanted.has('nulls')) {
    results.push(...nullsTest(sizes, missing, level, 'log-likelihood', inflation));
    if (results.length === 0) results.push(noNulls(sizes));
  }
  return results;
}

function upTo(counts: Counts, end: number): Float64Array {
  const part = new Float64Array(end);
  for (let i = 0; i < end; i++) part[i] = counts[i]!;
  return part;
}

/** Why distances over few groups tell nothing: rare categories and new ones share their bins. */
function tooRare({ type, shared }: FrozenColumn, reference: Counts): string | null {
  const n = total(reference);
  if (type !== 'category' || n === 0) return null;
  let rows = 0;
  for (let bin = reference.length - 1 - shared; bin < reference.length; bin++) {
    rows += reference[bin]!;
  }
  if (rows <= n / 2) return null;
  const percent = ((100 * rows) / n).toFixed(0);
  return `expected half of the rows in categories of a bin of their own, ${percent} % are of rarer ones; chi2 looks at more bins`;
}

function tooFew(rows: number, inflation: number): string {
  const dependent =
    inflation > 1
      ? `; neighbouring rows hang together, ${inflation.toFixed(1)} tell as much as one`
      : '';
  return `expected at least ${rowsMin} independent rows on each side, found ${rows} rows${dependent}`;
}

function named(method: string, inflation: number): string {
  return inflation > 1 ? `${method}, ${inflation.toFixed(2)} rows as one` : method;
}

/**
 * As `psi`, the quantiles known and the null law of `inflation` rows as one. Where that law does
 * not hold significance is that of `other`.
 */
function psiTest(
  reference: Counts,
  current: Counts,
  criticals: Criticals,
  inflation: number,
  other: GroupsTest | null,
) {
  const sizes = { nReference: total(reference), nCurrent: total(current) };
  const { nReference: n, nCurrent: m } = sizes;
  if (n === 0 || m === 0) return insufficient('psi', sizes, 'one side has no rows');
  let value = 0;
  for (let i = 0; i < reference.length; i++) {
    if (reference[i] === 0 && current[i] === 0) continue;
    const r = Math.max(reference[i]! / n, floor);
    const c = Math.max(current[i]! / m, floor);
    value += (c - r) * Math.log(c / r);
  }
  const groups = usedBins(reference, current);
  const df = groups - 1;
  const scale = (1 / n + 1 / m) * inflation;
  const pValue = df === 0 ? 1 : (other?.pValue ?? chiSquareSf(value / scale, df));
  const critical = other === null ? criticals.chi(df) * scale : null;
  const effect = value - df * scale;
  const isEnough = m >= 20 * groups * inflation;
  const detail = isEnough ? '' : `expected 20 independent rows a bin, ${20 * groups}`;
  const figures = judged('psi', sizes, {
    statistic: value,
    pValue,
    method: named(`${other?.method ?? 'chi2'}, ${groups} bins`, inflation),
    effect,
    critical: df === 0 ? 0 : critical,
    verdict: isEnough
      ? verdictOf('psi', pValue < criticals.level, effect, inflation)
      : 'insufficient-data',
  });
  return isEnough ? figures : { ...figures, detail };
}

interface Sizes {
  readonly nReference: number;
  readonly nCurrent: number;
}

/** The distance at the edges, a lower bound of that of the samples. */
function ksTest(
  { inflation, ties }: FrozenColumn,
  r: Counts,
  c: Counts,
  sizes: Sizes,
  criticals: Criticals,
) {
  const { nReference: n, nCurrent: m } = sizes;
  const statistic = distanceAtEdges(r, c, sizes);
  const size = Math.max(1, ksEffectiveSize(n / inflation, m / inflation));
  const binary = binaryTest(r, c, inflation);
  const pValue = binary?.pValue ?? ksPValue(statistic, size, ties);
  const law = ties === null ? 'kstwo at edges' : 'kstwo at edges, ties';
  return judged('ks', sizes, {
    statistic,
    pValue,
    method: named(binary?.method ?? law, inflation),
    effect: statistic,
    critical: binary === null ? criticals.ks(size, ties) : null,
    verdict: verdictOf('ks', pValue < criticals.level, statistic, inflation),
  });
}

function ksPValue(distance: number, size: number, ties: TiesFactor | null): number {
  return kstwoSf(distance, size) * (ties?.(distance, size) ?? 1);
}

function distanceAtEdges(r: Counts, c: Counts, { nReference: n, nCurrent: m }: Sizes): number {
  let before = 0;
  let widest = 0;
  for (let i = 0; i < r.length; i++) {
    before += r[i]! * m - c[i]! * n;
    widest = Math.max(widest, Math.abs(before));
  }
  return widest / (n * m);
}

/**
 * The distance where too few rows are independent for a p-value, as in a window shorter than the
 * season: drift where it lies beyond half of what the reference's own windows leave up to 1.
 */
function ownWindowsTest(column: FrozenColumn, r: Counts, c: Counts, sizes: Sizes): Figures {
  const { ownDistance, inflation } = column;
  const detail = tooFew(sizes.nCurrent, inflation);
  // A window that is mostly nulls tells nothing either.
  if (ownDistance === null || inflation === 1 || sizes.nCurrent < rowsMin) {
    return insufficient('ks', sizes, detail);
  }
  const statistic = distanceAtEdges(r, c, sizes);
  const critical = (1 + ownDistance) / 2;
  const isWarning = statistic > ownDistance && statistic >= limits.ks.warning;
  const unusual = isWarning ? 'warning' : 'ok';
  const figures = judged('ks', sizes, {
    statistic,
    pValue: null,
    method: "beyond the reference's own windows",
    effect: statistic,
    critical,
    verdict: statistic > critical ? 'drift' : unusual,
  });
  return { ...figures, detail: `no p-value: ${detail}` };
}

/** The effect is Cliff's delta, `|P(current above) - P(current below)|`. */
function rankSumTest(r: Counts, c: Counts, sizes: Sizes, criticals: Criticals, inflation: number) {
  const found = rankSumAtEdges(r, c);
  const binary = binaryTest(r, c, inflation);
  const pValue = binary?.pValue ?? rankSumPValue(found, inflation);
  const root = Math.sqrt(inflation);
  const score = found.z < 0 ? -criticals.normal : criticals.normal;
  const effect = Math.abs(2 * found.superiority - 1);
  return judged('rank-sum', sizes, {
    statistic: found.z,
    pValue,
    method: named(binary?.method ?? 'skewed normal at edges', inflation),
    effect,
    critical: binary === null ? Math.abs(skewedSum(score, found.skewness * root)) * root : null,
    verdict: verdictOf('rank-sum', pValue < criticals.level, effect, inflation),
  });
}

function chiTest(r: Counts, c: Counts, sizes: Sizes, criticals: Criticals, inflation: number) {
  const independent = (counts: Counts) =>
    inflation === 1 ? counts : Float64Array.from(counts, (count) => count / inflation);
  const found = chiSquareHomogeneity(independent(r), independent(c), 'log-likelihood');
  const { statistic, df } = found;
  const isDrowned = df >= manyCategories;
  const binary = binaryTest(r, c, inflation);
  const one = isDrowned ? categoryApart(independent(r), independent(c)) : 1;
  const plain = binary ?? found;
  const pValue = isDrowned ? Math.min(1, 2 * Math.min(found.pValue, one)) : plain.pValue;
  const method = isDrowned && one < found.pValue ? 'fisher of one' : plain.method;
  const effect = totalVariation(r, c);
  return judged('chi2', sizes, {
    statistic,
    pValue,
    method: named(`${method}, ${df + 1} categories`, inflation),
    effect,
    critical: df > 0 ? criticals.chi(df) : null,
    verdict: verdictOf('chi2', pValue < criticals.level, effect, inflation),
  });
}

/** At the edges; the effect is in deviations of the reference, taken from its percentiles. */
function wassersteinTest(column: FrozenColumn, r: Counts, c: Counts, by: Figures, level: number) {
  const sizes = { nReference: total(r), nCurrent: total(c) };
  if (column.bins.kind !== 'numeric') return insufficient('wasserstein', sizes, 'no numbers');
  const { bins } = column;
  const all = (counts: Counts) =>
    Float64Array.from({ length: counts.length + 2 }, (_, i) => counts[i] ?? 0);
  const statistic = wassersteinAtEdges(bins, all(r), all(c));
  const deviation = spreadAtEdges(bins.edges, r, sizes.nReference);
  const method = 'at edges, significance by ks';
  return wassersteinJudged(sizes, { statistic, deviation, method }, by, level, column.inflation);
}

/** Half of what lies between the 16th and the 84th percentile: the deviation of a normal law. */
function spreadAtEdges(edges: readonly number[], counts: Counts, n: number): number {
  const at = (share: number) => {
    let sum = 0;
    for (let i = 0; i < edges.length; i++) {
      sum += counts[i]!;
      if (sum >= share * n) return edges[i]!;
    }
    return edges.at(-1) ?? 0;
  };
  return at(0.8413) / 2 - at(0.1587) / 2;
}
