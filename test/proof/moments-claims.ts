import { key, number } from '../../src/features/fields.js';
import { source } from '../../src/features/source.js';
import { view } from '../../src/features/view.js';
import { ViewState, wanted } from '../../src/features/view-state.js';
import { autocorrelation } from '../../src/stats/autocorrelation.js';
import { addValue, createMoments, mergeMoments, sampleVariance } from '../../src/stats/moments.js';
import { createUniform } from '../../src/stats/random.js';
import { exactMean, exactVariance } from '../features/exact-moments.js';
import { readGolden } from '../stats/golden.js';
import { type Claim, errorClaim, relativeError } from './claim.js';

const thousands = (count: number): string => count.toLocaleString('en');

const readings = source('readings', {
  key: 'sensor',
  time: 'at',
  fields: { sensor: key(), x: number() },
});
const sensor = view({
  name: 'sensor',
  key: 'sensor',
  source: readings,
  features: (on) => ({
    mean: on.mean('x', { over: '60s/1s' }),
    variance: on.variance('x', { over: '60s/1s' }),
    life_mean: on.mean('x', { over: 'lifetime' }),
    life_deviation: on.standardDeviation('x', { over: 'lifetime' }),
  }),
});

/** The state of views, one event after the other. */
function createSensor() {
  const state = new ViewState(sensor.definition, []);
  const numbers = new Float64Array(state.numbers);
  return (x: number, timeMs: number): readonly number[] => {
    state.event({ sensor: 1, x }, 1, timeMs, wanted.after, numbers, 0, [], 0);
    return state.values(numbers, 0, [], 0) as number[]; // every feature is a number
  };
}

/**
 * Means and variances of sliding windows, with ties and late events, against whole numbers: of
 * values of one scale, and of a scale that falls and rises by twelve decades, mean 1,000 deviations
 * from 0, where what large values leave behind is seen most.
 */
export function viewMomentsClaims(updates: number): Claim[] {
  return [
    ...windowMomentsClaims('values of one scale', updates, 0, 1e-13),
    ...windowMomentsClaims('values that fall by twelve decades', updates, 6, 1e-9),
  ];
}

function windowMomentsClaims(
  values: string,
  updates: number,
  decades: number,
  limit: number,
): Claim[] {
  const take = createSensor();
  const uniform = createUniform(81);
  const means: number[] = [];
  const variances: number[] = [];
  let kept: { second: number; x: number }[] = [];
  let clockMs = 0;
  for (let i = 0; i < updates; i++) {
    clockMs += uniform() * 200;
    // Half of them ties, and a large common part.
    const scale = 10 ** (decades * Math.cos(i / 20_000));
    const x = 1_000 * scale + (uniform() < 0.5 ? Math.round(4 * uniform()) : uniform()) * scale;
    const lateMs = uniform() < 0.2 ? uniform() * 50_000 : 0;
    const timeMs = Math.max(0, clockMs - lateMs);
    kept.push({ second: Math.floor(timeMs / 1_000), x });
    const [mean, variance] = take(x, timeMs);
    if (i % 2_500 !== 2_499) continue;
    const first = latest(kept) - 60;
    kept = kept.filter(({ second }) => second >= first);
    const inside = kept.map((one) => one.x);
    means.push(relativeError(mean!, exactMean(inside)));
    variances.push(relativeError(variance!, exactVariance(inside, 1)));
  }
  const over = `${means.length} windows over ${thousands(updates)} events, a fifth late, whole numbers`;
  return [
    errorClaim(`means of views, ${values}`, 'relative', 1e-15, means, over),
    errorClaim(`variances of views, ${values}`, 'relative', limit, variances, over),
  ];
}

const latest = (kept: readonly { second: number }[]): number =>
  kept.reduce((most, { second }) => Math.max(most, second), 0);

/** Moments merged from parts of any size and order, against whole numbers. */
export function mergedMomentsClaims(updates: number): Claim[] {
  const uniform = createUniform(82);
  const means: number[] = [];
  const variances: number[] = [];
  const each = 5_000;
  for (let taken = 0; taken < updates; taken += each) {
    const values = Array.from({ length: each }, () => 1e4 + Math.round(100 * uniform()) / 8);
    const parts = Array.from({ length: 1 + Math.floor(40 * uniform()) }, createMoments);
    for (const x of values) addValue(parts[Math.floor(uniform() ** 2 * parts.length)]!, x);
    while (parts.length > 1) {
      const from = parts.splice(Math.floor(uniform() * parts.length), 1)[0]!;
      mergeMoments(parts[Math.floor(uniform() * parts.length)]!, from);
    }
    means.push(relativeError(parts[0]!.mean, exactMean(values)));
    variances.push(relativeError(sampleVariance(parts[0]!)!, exactVariance(values, 1)));
  }
  const over = `${means.length} random trees of merges over ${thousands(updates)} values`;
  return [
    errorClaim('merged means', 'relative', 1e-14, means, over),
    errorClaim('merged variances', 'relative', 1e-11, variances, over),
  ];
}

interface Dataset {
  readonly name: string;
  readonly data: readonly number[];
  readonly certified: readonly [mean: number, deviation: number, autocorrelation: number];
  /** What the doubles nearest the data give, by mpmath. */
  readonly ofDoubles: readonly [number, number, number];
}

/**
 * The nine univariate datasets of NIST: certified figures to as many digits as doubles hold the
 * data, and what the doubles themselves give to nearly all of theirs.
 */
export function nistClaims(): Claim[] {
  const { datasets } = readGolden<{ datasets: Dataset[] }>('nist-univariate.json');
  const certified: number[] = [];
  const ofDoubles: number[][] = [[], [], []];
  let worst = '';
  for (const { name, data, certified: figures, ofDoubles: possible } of datasets) {
    const take = createSensor();
    let last: readonly number[] = [];
    for (const [i, x] of data.entries()) last = take(x, i);
    const found = [last[2]!, last[3]!, autocorrelation(data)!];
    for (const [i, value] of found.entries()) {
      const error = relativeError(value, figures[i]!);
      if (error > Math.max(0, ...certified)) worst = name;
      certified.push(error);
      ofDoubles[i]!.push(relativeError(value, possible[i]!));
    }
  }
  const over = `${datasets.length} datasets`;
  const names = ['means', 'standard deviations', 'autocorrelations'];
  return [
    errorClaim(
      'NIST StRD: certified figures',
      'relative',
      1e-8,
      certified,
      `${over}; the worst is ${worst}, whose data doubles hold to 8 digits`,
    ),
    ...names.map((name, i) =>
      errorClaim(
        `NIST StRD: ${name} of the data as doubles`,
        'relative',
        1e-12,
        ofDoubles[i]!,
        over,
      ),
    ),
  ];
}
