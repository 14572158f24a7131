import type { GroupsTest } from '../monitors/calibration/evidence.js';
import { chiSquareIsf, chiSquareSf } from '../stats/chi-square.js';
import { hellinger } from '../stats/hellinger.js';
import { jensenShannonDivergence } from '../stats/jensen-shannon.js';
import { type Counts, total, usedBins } from '../stats/shares.js';
import { totalVariation } from '../stats/total-variation.js';
import type { TestName, TestResult, Verdict } from './report.js';
import { limits, verdictOf } from './verdict.js';

/** A result but for its place. */
export type Figures = Omit<TestResult, 'column' | 'window'>;

export interface Sizes {
  readonly nReference: number;
  readonly nCurrent: number;
}

export function insufficient(test: TestName, sizes: Sizes, detail: string): Figures {
  return {
    test,
    ...sizes,
    statistic: null,
    pValue: null,
    method: '',
    effect: null,
    critical: null,
    verdict: 'insufficient-data',
    detail,
  };
}

/** A result whose figures are all there; what is not finite is told as such. */
export function judged(
  test: TestName,
  sizes: Sizes,
  figures: {
    readonly statistic: number;
    readonly pValue: number | null;
    readonly method: string;
    readonly effect: number;
    readonly critical: number | null;
    readonly verdict: Verdict;
  },
): Figures {
  const { statistic, effect } = figures;
  if (!Number.isFinite(statistic) || !Number.isFinite(effect)) {
    return insufficient(test, sizes, 'the values are so large that the figure overflows');
  }
  return { test, ...sizes, ...figures, detail: '' };
}

/** Rows a bin, in the smaller sample, below which figures of bins are no ground for a verdict. */
const rowsOfBin = 20;

/** The result, its verdict taken back where the rows are too few for so many bins. */
export function tooFewForBins(figures: Figures, bins: number, inflation = 1): Figures {
  const found = Math.min(figures.nReference, figures.nCurrent);
  const least = Math.ceil(rowsOfBin * bins * inflation);
  if (found >= least || figures.statistic === null) return figures;
  const rows = inflation > 1 ? 'independent rows' : 'rows';
  const detail = `expected ${rowsOfBin} ${rows} a bin on each side, ${least}, found ${found}`;
  return { ...figures, verdict: 'insufficient-data', detail };
}

/** A distance whose null law is `scale(n, m) chi2(B - 1)` once its `toChi` is taken. */
interface DivergenceLaw {
  readonly distance: (reference: Counts, current: Counts) => number;
  /** The quantity that is chi-square, over (1/n + 1/m)/8. */
  readonly toChi: (distance: number) => number;
  readonly fromChi: (chi: number) => number;
}

const divergences: Readonly<Record<'js' | 'hellinger', DivergenceLaw>> = {
  js: {
    distance: (reference, current) => Math.sqrt(jensenShannonDivergence(reference, current)),
    // Divergence in nats.
    toChi: (distance) => distance * distance * Math.LN2,
    fromChi: (chi) => Math.sqrt(chi / Math.LN2),
  },
  hellinger: {
    distance: hellinger,
    toChi: (distance) => distance * distance,
    fromChi: (chi) => Math.sqrt(chi),
  },
};

/**
 * Jensen-Shannon distance (base 2) or Hellinger distance of counts of the same bins. Near equal
 * shares both squares are `sum (c - r)^2 / 8p`, so p is that of the chi-square law with B - 1
 * degrees of freedom at `8 d^2 / (1/n + 1/m)`.
 * @param other test that is significant in place of the distance, which has no such law
 */
export function divergenceTest(
  test: 'js' | 'hellinger',
  reference: Counts,
  current: Counts,
  level: number,
  inflation = 1,
  other: GroupsTest | null = null,
): Figures {
  const sizes = { nReference: total(reference), nCurrent: total(current) };
  if (sizes.nReference === 0 || sizes.nCurrent === 0) {
    return insufficient(test, sizes, 'one side has no values');
  }
  const { distance, toChi, fromChi } = divergences[test];
  const statistic = distance(reference, current);
  const df = usedBins(reference, current) - 1;
  const scale = ((1 / sizes.nReference + 1 / sizes.nCurrent) / 8) * inflation;
  const pValue = df === 0 ? 1 : (other?.pValue ?? chiSquareSf(toChi(statistic) / scale, df));
  const figures = judged(test, sizes, {
    statistic,
    pValue,
    method: `${other?.method ?? 'chi2'}, ${df + 1} bins`,
    effect: statistic,
    critical: df === 0 ? 1 : other === null ? fromChi(chiSquareIsf(level, df) * scale) : null,
    verdict: verdictOf(test, pValue < level, statistic, inflation),
  });
  return tooFewForBins(figures, df + 1, inflation);
}

/**
 * Total variation: it has no null law of its own, significance is that of `by`, a test of the same
 * bins.
 */
export function variationTest(
  reference: Counts,
  current: Counts,
  by: Figures,
  level: number,
  inflation = 1,
) {
  const sizes = { nReference: total(reference), nCurrent: total(current) };
  if (sizes.nReference === 0 || sizes.nCurrent === 0) {
    return insufficient('tv', sizes, 'one side has no values');
  }
  const statistic = totalVariation(reference, current);
  const figures = judged('tv', sizes, {
    statistic,
    pValue: null,
    method: `significance by ${by.test}`,
    effect: statistic,
    critical: limits.tv.drift,
    verdict: verdictOf('tv', isSignificant(by, level), statistic, inflation),
  });
  return tooFewForBins(figures, usedBins(reference, current), inflation);
}

/**
 * Wasserstein distance, significant where `by` is; the effect is in deviations of the reference.
 * @param deviation not finite where the reference is too large for one
 */
export function wassersteinJudged(
  sizes: Sizes,
  { statistic, deviation, method }: { statistic: number; deviation: number; method: string },
  by: Figures,
  level: number,
  inflation = 1,
): Figures {
  // Of a constant every distance is as large as can be.
  const effect = deviation > 0 ? statistic / deviation : Math.sign(statistic);
  return judged('wasserstein', sizes, {
    statistic,
    pValue: null,
    method,
    effect,
    critical: Number.isFinite(deviation) ? limits.wasserstein.drift * deviation : null,
    verdict: verdictOf('wasserstein', isSignificant(by, level), effect, inflation),
  });
}

function isSignificant({ pValue }: Figures, level: number): boolean {
  return pValue !== null && pValue < level;
}
