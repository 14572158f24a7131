import { cellKind } from '../../src/datasets/cell.js';
import { TextDictionary } from '../../src/datasets/text-dictionary.js';
import { type FrozenColumn, freeze } from '../../src/reports/frozen-column.js';
import { Criticals, windowTests } from '../../src/reports/window-tests.js';
import { createNormal, createUniform } from '../../src/stats/random.js';
import { type Claim, shareClaim } from './claim.js';

/** A column, its counts, and those of the current window of one run. */
type Draw = () => readonly [FrozenColumn, ArrayLike<number>, ArrayLike<number>];

const wanted = new Set(['psi'] as const);
/** Levels, and the bounds on how often p may be below them. */
const levels = [
  { level: 0.05, least: 0.04, most: 0.06 },
  { level: 0.001, least: 0, most: 0.002 },
];
const enoughRuns = 20_000;

/** @param isWhole rows are so few that p comes in steps: it may be below a level less often */
function sizeClaims(title: string, draw: Draw, runs: number, isWhole: boolean): Claim[] {
  const criticals = new Criticals(0.05);
  const significant = levels.map(() => 0);
  for (let run = 0; run < runs; run++) {
    const [column, reference, current] = draw();
    const [figures] = windowTests(column, reference, current, wanted, criticals);
    if (figures?.test !== 'psi' || figures.verdict === 'insufficient-data') {
      throw new Error(`${title}: too few samples a bin for the law`);
    }
    for (const [i, { level }] of levels.entries()) {
      if ((figures.pValue ?? 1) < level) significant[i]!++;
    }
  }
  return levels.map(({ level, least, most }, i) => {
    // A short run's share scatters about the true one: three standard errors more.
    const isShort = runs < enoughRuns;
    const slack = isShort ? 3 * Math.sqrt((level * (1 - level)) / runs) + 2 / runs : 0;
    const low = isWhole ? 0 : Math.max(0, least - slack);
    return shareClaim(`${title}, p < ${level}`, [low, most + slack], significant[i]!, runs);
  });
}

const cellsOf = (values: readonly (number | null)[]) => ({
  kinds: Uint8Array.from(values, (value) => (value === null ? cellKind.null : cellKind.number)),
  values: Float64Array.from(values, (value) => value ?? 0),
});

function frozen(values: readonly (number | null)[], nWindow: number): FrozenColumn {
  const column = { name: 'x', ...cellsOf(values), texts: new TextDictionary() };
  // PSI knows no ties: the law of KS at them, which is dear, is left out.
  return { ...freeze(column, 'number', nWindow), ties: null };
}

/** Both sides drawn from shares that are given, each bin a group of its own. */
function drawShares(weights: readonly number[], n: number, m: number, uniform: () => number): Draw {
  const all = weights.reduce((a, b) => a + b, 0);
  let sum = 0;
  const upTo = weights.map((weight) => (sum += weight / all));
  // The first bin that a number of so many thousandths may be in.
  const first = Array.from({ length: 1000 }, (_, i) => upTo.findIndex((end) => end > i / 1000));
  const counts = (size: number): Uint32Array => {
    const result = new Uint32Array(weights.length);
    for (let i = 0; i < size; i++) {
      const u = uniform();
      let bin = first[Math.floor(u * 1000)]!;
      while (bin < upTo.length - 1 && u >= upTo[bin]!) bin++;
      result[bin]!++;
    }
    return result;
  };
  const plan = { groupOf: weights.map((_, i) => i), groupCount: weights.length };
  const column = { ...frozen([1, 2, 3], m), plan, firstMissing: weights.length };
  return () => [column, counts(n), counts(m)];
}

/** A reference freezes its own edges, as a monitor's does; values, ties and nulls of one law. */
function drawFrozen(value: () => number | null, n: number, m: number): Draw {
  const sample = (size: number) => Array.from({ length: size }, value);
  return () => {
    const column = frozen(sample(n), m);
    const current = new Uint32Array(column.counts.length);
    const { kinds, values } = cellsOf(sample(m));
    for (let i = 0; i < m; i++) current[column.place(kinds[i]!, values[i]!)]!++;
    return [column, column.counts, current];
  };
}

const even = (bins: number) => new Array<number>(bins).fill(1);
const zipf = (bins: number) => Array.from({ length: bins }, (_, i) => 1 / (i + 1));

/** Bins, their shares, reference, window, and whether rows are so few that p comes in steps. */
const given: readonly (readonly [string, readonly number[], number, number, boolean])[] = [
  ['10 even bins', even(10), 10_000, 1_000, false],
  ['10 even bins', even(10), 1_000, 1_000, false],
  ['10 even bins', even(10), 10_000, 10_000, false],
  ['20 even bins', even(20), 10_000, 2_000, false],
  ['5 bins of 2–60 %', [60, 25, 8, 5, 2], 10_000, 1_000, false],
  // From here on at the bound of `insufficient-data`, 20 rows of the window a bin, or rare bins.
  ['10 even bins', even(10), 10_000, 200, false],
  ['20 bins of Zipf', zipf(20), 10_000, 400, true],
  ['200 bins of Zipf', zipf(200), 10_000, 4_000, true],
  ['7 bins of 0.5–90 %', [90, 5, 2, 1, 1, 0.5, 0.5], 5_000, 500, true],
  ['7 bins of 0.5–90 %', [90, 5, 2, 1, 1, 0.5, 0.5], 5_000, 140, true],
  ['3 bins, one of 0.5 %', [60, 39.5, 0.5], 10_000, 1_000, true],
];

/**
 * How often the p-value that `weir monitor` gives for PSI is below a level where nothing drifts:
 * with given bins, and with those that a reference freezes.
 */
export function psiSizeClaims(runs: number): Claim[] {
  const uniform = createUniform(20_240_115);
  const normal = createNormal(uniform);
  const title = (bins: string, n: number, m: number) =>
    `PSI, ${bins}, reference ${n.toLocaleString('en')}, window ${m.toLocaleString('en')}`;
  const ofFrozen: readonly (readonly [string, () => number | null, number, number])[] = [
    ['frozen quantiles of normal values', normal, 2_000, 1_000],
    ['frozen bins of counts with nulls', () => tied(uniform), 2_000, 1_000],
  ];
  return [
    ...given.flatMap(([bins, shares, n, m, isWhole]) =>
      sizeClaims(title(bins, n, m), drawShares(shares, n, m, uniform), runs, isWhole),
    ),
    ...ofFrozen.flatMap(([bins, value, n, m]) =>
      sizeClaims(title(bins, n, m), drawFrozen(value, n, m), runs, false),
    ),
  ];
}

/** Geometric counts, a tenth of them missing. */
function tied(uniform: () => number): number | null {
  if (uniform() < 0.1) return null;
  return Math.floor(-3 * Math.log(1 - uniform()));
}
