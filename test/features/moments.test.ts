import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { log1p, multiply } from '../../src/features/expression.js';
import { key, number, optional } from '../../src/features/fields.js';
import { source } from '../../src/features/source.js';
import { view } from '../../src/features/view.js';
import { ViewState, wanted } from '../../src/features/view-state.js';
import { exactMean, exactSum, exactVariance } from './exact-moments.js';

const readings = source('readings', {
  key: 'sensor',
  time: 'at',
  fields: { sensor: key(), x: optional(number()) },
});

const sensor = view({
  name: 'sensor',
  key: 'sensor',
  source: readings,
  features: (on) => ({
    sum: on.sum('x', { over: '60s/1s' }),
    mean: on.mean('x', { over: '60s/1s' }),
    variance: on.variance('x', { over: '60s/1s' }),
    population: on.populationVariance('x', { over: '60s/1s' }),
    deviation: on.standardDeviation('x', { over: '60s/1s' }),
    life_mean: on.mean('x', { over: 'lifetime' }),
    life_deviation: on.standardDeviation('x', { over: 'lifetime' }),
  }),
});

type Moments = Readonly<Record<string, number | null>>;

class Sensor {
  readonly #state = new ViewState(sensor.definition, []);
  readonly #numbers = new Float64Array(this.#state.numbers);
  readonly #others: unknown[] = [];

  take(x: number | null, second: number): Moments {
    const row = { sensor: 1, x };
    this.#state.event(row, 1, second * 1_000, wanted.after, this.#numbers, 0, this.#others, 0);
    return this.#moments();
  }

  readAt(second: number): Moments {
    this.#state.read(1, second * 1_000, this.#numbers, 0, this.#others, 0);
    return this.#moments();
  }

  #moments(): Moments {
    const values = this.#state.values(this.#numbers, 0, this.#others, 0);
    const named = sensor.definition.shape.features.map(({ name }, i) => [name, values[i]]);
    return Object.fromEntries(named) as Moments; // every feature is a number
  }
}

function assertNear(found: number | null | undefined, truth: number, relative: number, what = '') {
  assert.ok(typeof found === 'number', `${what}: ${found}`);
  const apart = Math.abs(found - truth);
  assert.ok(apart <= relative * Math.abs(truth), `${what}: ${found}, not ${truth}`);
}

function assertExact(found: Moments, values: readonly number[], relative = 1e-14): void {
  assertNear(found.sum, exactSum(values), relative, 'sum');
  assertNear(found.mean, exactMean(values), relative, 'mean');
  if (values.length < 2) return;
  assertNear(found.variance, exactVariance(values, 1), relative, 'variance');
  assertNear(found.population, exactVariance(values, 0), relative, 'population');
  assertNear(found.deviation, Math.sqrt(exactVariance(values, 1)), relative, 'deviation');
}

const repeated = (first: number, low: number, high: number): number[] => [
  first,
  ...Array.from({ length: 1_000 }, (_, i) => (i % 2 === 0 ? low : high)),
];

/** Michelson's speed of light in air, 1879, in 1000 km/s. */
const michelson = [
  ...[850, 740, 900, 1070, 930, 850, 950, 980, 980, 880, 1000, 980, 930, 650, 760, 810, 1000, 1000],
  ...[
    960, 960, 960, 940, 960, 940, 880, 800, 850, 880, 900, 840, 830, 790, 810, 880, 880, 830, 800,
  ],
  ...[
    790, 760, 800, 880, 880, 880, 860, 720, 720, 620, 860, 970, 950, 880, 910, 850, 870, 840, 840,
  ],
  ...[
    850, 840, 840, 840, 890, 810, 810, 820, 800, 770, 760, 740, 750, 760, 910, 920, 890, 860, 880,
  ],
  ...[
    720, 840, 850, 850, 780, 890, 840, 780, 810, 760, 810, 790, 810, 820, 850, 870, 870, 810, 740,
  ],
  ...[810, 940, 950, 800, 810, 870],
].map((x) => 299 + x / 1_000);

/** NIST StRD, univariate: certified mean and standard deviation; how far doubles hold the data. */
const certified = [
  {
    name: 'Michelso',
    data: michelson,
    mean: 299.8524,
    deviation: 0.0790105478190518,
    limit: 1e-11,
  },
  { name: 'NumAcc1', data: [10000001, 10000003, 10000002], mean: 10000002, deviation: 1, limit: 0 },
  { name: 'NumAcc2', data: repeated(1.2, 1.1, 1.3), mean: 1.2, deviation: 0.1, limit: 1e-14 },
  {
    name: 'NumAcc3',
    data: repeated(1000000.2, 1000000.1, 1000000.3),
    mean: 1000000.2,
    deviation: 0.1,
    limit: 1e-9,
  },
  {
    name: 'NumAcc4',
    data: repeated(10000000.2, 10000000.1, 10000000.3),
    mean: 10000000.2,
    deviation: 0.1,
    limit: 1e-8,
  },
];

for (const { name, data, mean, deviation, limit } of certified) {
  test(`${name} of NIST has its certified mean and standard deviation, even after outliers have left`, () => {
    const found = new Sensor();
    for (const outlier of [1e9, -3e12, 7.7e15, 1e200, -1e308, 1e308]) found.take(outlier, 3);
    let last: Moments = {};
    for (const [i, x] of data.entries()) last = found.take(x, 100 + i * 0.01);
    assertNear(last.mean, mean, 1e-15, 'mean');
    assertNear(last.deviation, deviation, limit, 'deviation');
    assertExact(last, data, Math.max(limit / 1_000, 1e-14));
    const alone = new Sensor();
    for (const [i, x] of data.entries()) last = alone.take(x, 100 + i);
    assertNear(last.life_mean, mean, 1e-15, 'lifetime mean');
    assertNear(last.life_deviation, deviation, limit, 'lifetime deviation');
  });
}

test('thousandths are exact when billions have left the window', () => {
  const found = new Sensor();
  for (let i = 0; i < 500; i++) found.take(i % 2 === 0 ? 1e9 + i / 7 : -3e11 / (i + 1), i * 0.1);
  const small: number[] = [];
  for (let i = 0; i < 50; i++) {
    small.push(1e-3 * (1 + (i % 13) / 100));
    found.take(small[i]!, 50 + i);
  }
  assertExact(found.readAt(110.9), small);
  assertExact(found.take(2e-3, 110.9), [...small, 2e-3]);
});

test('values that shrink by a factor of a thousand a minute leave no residue on each other', () => {
  const found = new Sensor();
  const kept: [number, number][] = [];
  for (let second = 0; second < 300; second++) {
    const x = 1e9 * 1000 ** (-second / 60) * (1 + ((second * 7_919) % 101) / 1_000);
    kept.push([second, x]);
    const inside = kept.filter(([at]) => at >= second - 60).map(([, value]) => value);
    assertExact(found.take(x, second), inside, 1e-13);
  }
});

test('a value beyond all bounds spoils its window only, not what comes after', () => {
  const found = new Sensor();
  found.take(1e308, 0);
  found.take(1e308, 0);
  const during = found.take(4, 10);
  assert.equal(during.sum, null);
  assert.equal(during.variance, null);
  found.take(6, 30);
  for (const moments of [found.readAt(61), found.take(8, 61)]) {
    const values = moments === during ? [] : [4, 6, ...(moments.sum === 18 ? [8] : [])];
    assertExact(moments, values);
  }
  assert.equal(found.readAt(61).sum, 18);
});

test('an emptied window is exactly 0 and without a mean', () => {
  const found = new Sensor();
  for (const x of [0.1, 0.2, 0.3, 1e17]) found.take(x, 0);
  for (const moments of [found.readAt(100), found.take(null, 200)]) {
    assert.equal(moments.sum, 0);
    assert.equal(moments.mean, null);
    assert.equal(moments.deviation, null);
  }
});

test('sums and variances of any values in any windows are exact to 32 digits of the largest', () => {
  const magnitude = fc.constantFrom(1e-9, 1e-3, 1, 1e3, 1e9, 1e12);
  const value = fc
    .tuple(fc.integer({ min: -999, max: 999 }), magnitude)
    .map(([n, scale]) => (n / 7) * scale);
  const readingsOf = fc.array(fc.tuple(value, fc.integer({ min: 0, max: 40 })), {
    minLength: 1,
    maxLength: 80,
  });
  fc.assert(
    fc.property(readingsOf, (list) => {
      const found = new Sensor();
      const kept: [number, number][] = [];
      let second = 0;
      for (const [x, later] of list) {
        second += later;
        kept.push([second, x]);
        const moments = found.take(x, second);
        const inside = kept.filter(([at]) => at >= second - 60).map(([, one]) => one);
        const size = Math.max(...inside.map(Math.abs), 1e-30);
        // Relative to what is in the window, not to what cancels in it; and two doubles hold about
        // 32 digits of the largest value that ever was there.
        const trace = 2 ** -98 * Math.max(...kept.map(([, one]) => Math.abs(one)));
        const apart = Math.abs(moments.sum! - exactSum(inside));
        assert.ok(apart <= 1e-15 * size * inside.length + trace);
        if (inside.length < 2) continue;
        const truth = exactVariance(inside, 1);
        const limit = 1e-14 * truth + 1e-24 * size * size + 4 * trace * size;
        assert.ok(Math.abs(moments.variance! - truth) <= limit);
      }
    }),
    { numRuns: 150 },
  );
});

test('values that are not finite are not known: they count nowhere', () => {
  const odd = view({
    name: 'odd',
    key: 'sensor',
    source: readings,
    features: (on) => ({
      logs: on.sum(log1p(on.column('x')), { over: '60s/1s' }),
      log_mean: on.mean(log1p(on.column('x')), { over: '60s/1s' }),
      least: on.min(log1p(on.column('x')), { over: '60s/1s' }),
      huge: on.max(multiply(on.column('x'), 1e300), { over: '60s/1s' }),
    }),
  });
  const state = new ViewState(odd.definition, []);
  const numbers = new Float64Array(state.numbers);
  for (const [second, x] of [-1, -2, 0, 1e10, 0].entries()) {
    state.event({ sensor: 1, x }, 1, second * 1_000, wanted.after, numbers, 0, [], 0);
  }
  const [logs, logMean, least, huge] = state.values(numbers, 0, [], 0);
  assert.equal(logs, Math.log1p(1e10));
  assert.equal(logMean, Math.log1p(1e10) / 3);
  assert.equal(least, 0);
  assert.equal(huge, 0);
});
