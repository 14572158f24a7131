import { chiSquareHomogeneity } from '../../src/stats/chi-square-homogeneity.js';
import { estimatedPerformance } from '../../src/stats/estimated-performance.js';
import { fisherExact } from '../../src/stats/fisher-exact.js';
import { gTest } from '../../src/stats/g-test.js';
import { hellinger } from '../../src/stats/hellinger.js';
import { jensenShannonDivergence } from '../../src/stats/jensen-shannon.js';
import { klDivergence } from '../../src/stats/kl-divergence.js';
import { ksExactP } from '../../src/stats/ks-exact-p.js';
import { ksTwoSample } from '../../src/stats/ks-two-sample.js';
import { kstwoSf } from '../../src/stats/kstwo.js';
import { mcnemar } from '../../src/stats/mcnemar.js';
import { mmdExact } from '../../src/stats/mmd-exact.js';
import { mutualInformation } from '../../src/stats/mutual-information.js';
import { psi } from '../../src/stats/psi.js';
import { totalVariation } from '../../src/stats/total-variation.js';
import { wasserstein } from '../../src/stats/wasserstein.js';
import { wassersteinAtEdges } from '../../src/stats/wasserstein-at-edges.js';
import { welchT } from '../../src/stats/welch-t.js';
import { readGolden } from '../stats/golden.js';
import { hashUnit } from '../stats/hash-unit.js';
import { type Claim, errorClaim, relativeError } from './claim.js';

/** Every statistic against its outside tool; a claim a row. */
export function statisticsClaims(): Claim[] {
  return [...distanceClaims(), ...ksClaims(), ...testClaims(), ...otherClaims()];
}

const thousands = (count: number, what: string): string => `${count.toLocaleString('en')} ${what}`;

interface Distances {
  reference: number[];
  current: number[];
  psi: number;
  jensenShannon: number;
  hellinger: number;
  totalVariation: number;
  kl: number;
  wasserstein?: number;
}

function distanceClaims(): Claim[] {
  const { cases } = readGolden<{ cases: Distances[] }>('wide-counts.json');
  const claim = (title: string, tool: string, error: (row: Distances) => number) =>
    errorClaim(
      title,
      'absolute',
      1e-12,
      cases.map(error),
      `${cases.length} pairs of counts, ${tool}`,
    );
  const withPlaces = cases.filter((row) => row.wasserstein !== undefined);
  const places = withPlaces.map(({ reference, current, wasserstein: expected }) => {
    const bins = { kind: 'numeric', edges: reference.slice(3).map((_, i) => i) } as const;
    return Math.abs(wassersteinAtEdges(bins, reference, current) - expected!);
  });
  return [
    claim('PSI', 'numpy', ({ reference, current, psi: expected }) =>
      Math.abs(psi(reference, current).value - expected),
    ),
    claim('Jensen–Shannon divergence', 'scipy', (row) =>
      Math.abs(jensenShannonDivergence(row.reference, row.current) - row.jensenShannon),
    ),
    claim('Hellinger distance', 'numpy', (row) =>
      Math.abs(hellinger(row.reference, row.current) - row.hellinger),
    ),
    claim('total variation', 'numpy', (row) =>
      Math.abs(totalVariation(row.reference, row.current) - row.totalVariation),
    ),
    claim('Kullback–Leibler divergence', 'scipy', (row) =>
      Math.abs(klDivergence(row.reference, row.current) - row.kl),
    ),
    errorClaim(
      'Wasserstein distance at edges',
      'absolute',
      1e-12,
      places,
      `${places.length} pairs of counts, scipy`,
    ),
  ];
}

interface SampleRule {
  seed: number;
  size: number;
  levels: number;
  power: number;
}

const sampleOf = ({ seed, size, levels, power }: SampleRule): number[] =>
  Array.from({ length: size }, (_, i) => Math.floor(levels * hashUnit(i, seed) ** power));

type Row = [steps: number, n: number, m: number, p: number];

function ksClaims(): Claim[] {
  const { cases } = readGolden<{
    cases: { a: SampleRule; b: SampleRule; steps: number; p: number | null; wasserstein: number }[];
  }>('exact-samples.json');
  const laws = readGolden<{ counted: Row[]; large: Row[]; kstwo: [number, number, number][] }>(
    'kolmogorov-smirnov.json',
  );
  const distances: number[] = [];
  const moved: number[] = [];
  const exact: number[] = [];
  for (const { a, b, steps, p, wasserstein: expected } of cases) {
    const [x, y] = [sampleOf(a), sampleOf(b)];
    const { statistic, pValue } = ksTwoSample(x, y, 'exact');
    distances.push(Math.abs(Math.round(statistic * a.size * b.size) - steps));
    moved.push(relativeError(wasserstein(x, y)!, expected));
    if (p !== null) exact.push(relativeError(pValue, p));
  }
  const counted = [...laws.counted, ...laws.large].map(([steps, n, m, p]) =>
    relativeError(ksExactP(steps, n, m), p),
  );
  const all = [...exact, ...counted];
  const kstwo = laws.kstwo.map(([d, n, p]) => relativeError(kstwoSf(d, n), p));
  const pairs = thousands(cases.length, 'pairs of samples with ties, ');
  return [
    errorClaim(
      'KS distance D, in steps of 1/nm',
      'absolute',
      0,
      distances,
      `${pairs}whole numbers`,
    ),
    errorClaim(
      'KS exact p',
      'relative',
      1e-9,
      all,
      thousands(all.length, 'values, scipy and counting'),
    ),
    errorClaim(
      'KS p by `kstwo`',
      'relative',
      1e-8,
      kstwo,
      thousands(kstwo.length, 'values, scipy'),
    ),
    errorClaim('Wasserstein distance of samples', 'relative', 1e-12, moved, `${pairs}scipy`),
  ];
}

type TestRow = [statistic: number, df: number, p: number];

function testClaims(): Claim[] {
  const counts = readGolden<{
    cases: { reference: number[]; current: number[]; chiSquare?: TestRow; gTest?: TestRow }[];
    fisher: number[][];
  }>('counts.json');
  const pairs = readGolden<{ mcnemar: number[][]; welch: number[][] }>('comparisons.json');
  const tested = counts.cases.filter(({ chiSquare }) => (chiSquare?.[2] ?? 0) > 1e-300);
  const chi = tested.map(({ reference, current, chiSquare }) =>
    relativeError(chiSquareHomogeneity(reference, current).pValue, chiSquare![2]),
  );
  const g = tested.map(({ reference, current, gTest: expected }) =>
    relativeError(gTest(reference, current).pValue, expected![2]),
  );
  const fisher = counts.fisher.map(([a, b, c, d, p]) =>
    relativeError(fisherExact(a!, b!, c!, d!), p!),
  );
  const changed = pairs.mcnemar.map(([b, c, , p]) => relativeError(mcnemar(b!, c!).pValue, p!));
  const means = pairs.welch.map(([m1, v1, n1, m2, v2, n2, , , p]) => {
    const first = { mean: m1!, variance: v1!, count: n1! };
    const { pValue } = welchT(first, { mean: m2!, variance: v2!, count: n2! });
    return relativeError(pValue, p!);
  });
  const claim = (title: string, errors: number[], tool: string) =>
    errorClaim(title, 'relative', 1e-8, errors, `${errors.length} cases, ${tool}`);
  return [
    claim('chi-square test of homogeneity, p', chi, 'scipy'),
    claim('G-test, p', g, 'scipy'),
    claim("Fisher's exact test, p", fisher, 'scipy'),
    claim('McNemar, p', changed, 'statsmodels'),
    claim("Welch's t, p", means, 'scipy'),
  ];
}

function otherClaims(): Claim[] {
  const { information } = readGolden<{
    information: { joint: number[]; columns: number; value: number }[];
  }>('associations.json');
  const mutual = information.map(({ joint, columns, value }) =>
    Math.abs(mutualInformation(joint, columns).value - value),
  );
  const { cases } = readGolden<{
    cases: {
      reference: number[];
      current: number[];
      width: number;
      bandwidth: number;
      value: number;
    }[];
  }>('discrepancy.json');
  const apart = cases.map(({ reference, current, width, bandwidth, value }) => {
    const found = mmdExact(reference, current, width, bandwidth, { runs: 0 });
    return Math.abs(found.value - value);
  });
  const { estimates } = readGolden<{
    estimates: {
      probabilities: number[];
      scores: number[];
      threshold: number;
      auc: number;
      f1: number;
      accuracy: number;
    }[];
  }>('performance.json');
  const expected = estimates.flatMap((row) => {
    const found = estimatedPerformance(row.probabilities, row.scores, row.threshold);
    return [
      Math.abs(found.auc! - row.auc),
      Math.abs(found.f1! - row.f1),
      Math.abs(found.accuracy! - row.accuracy),
    ];
  });
  const claim = (title: string, errors: number[], tool: string) =>
    errorClaim(title, 'absolute', 1e-12, errors, `${errors.length} cases, ${tool}`);
  return [
    claim('mutual information', mutual, 'scikit-learn'),
    claim('exact unbiased MMD²', apart, 'numpy'),
    claim('CBPE: AUC, F1 and accuracy', expected, 'scikit-learn, weighted rows'),
  ];
}
