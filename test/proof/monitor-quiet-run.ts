import { cellKind } from '../../src/datasets/cell.js';
import { TextDictionary } from '../../src/datasets/text-dictionary.js';
import { createRandom, type Random } from '../../src/generate/random.js';
import { type FrozenColumn, freeze } from '../../src/reports/frozen-column.js';
import {
  columnLaw,
  featuresOf,
  watchedTests,
  windowLevel,
} from '../../src/reports/window-level.js';
import { Criticals, windowTests } from '../../src/reports/window-tests.js';

/** A column that never drifts: numbers, or codes of texts; null for none. */
export interface QuietColumn {
  readonly type: 'number' | 'category';
  readonly draw: (random: Random) => number | null;
}

const flag = (share: number): QuietColumn => ({
  type: 'number',
  draw: (random) => (random.unit() < share ? 1 : 0),
});
const counts = (mean: number): QuietColumn => ({
  type: 'number',
  draw: (random) => random.poisson(mean),
});

export const quietColumns: Readonly<Record<string, QuietColumn>> = {
  normal: { type: 'number', draw: (random) => random.normal(0, 1) },
  'flag (0.1 % set)': flag(0.001),
  'flag (1 % set)': flag(0.01),
  'flag (5 % set)': flag(0.05),
  'flag (12 % set)': flag(0.12),
  'flag (50 % set)': flag(0.5),
  'counts (Poisson, mean 0.2)': counts(0.2),
  'counts (Poisson, mean 3)': counts(3),
  'amounts (log-normal, to the cent, 60 % zero)': {
    type: 'number',
    draw: (random) =>
      random.unit() < 0.6 ? 0 : Math.round(100 * Math.exp(random.normal(2, 1))) / 100,
  },
  'nulls (0.5 %, else normal)': {
    type: 'number',
    draw: (random) => (random.unit() < 0.005 ? null : random.normal(0, 1)),
  },
  'categories (200 of Zipf)': {
    type: 'category',
    draw: zipf(200),
  },
  'categories (12, 88 %)': {
    type: 'category',
    draw: oneOf([12, 88]),
  },
  'categories (70, 20, 6, 2, 1, 0.5, 0.5 %)': {
    type: 'category',
    draw: oneOf([70, 20, 6, 2, 1, 0.5, 0.5]),
  },
};

function zipf(values: number): QuietColumn['draw'] {
  return oneOf(Array.from({ length: values }, (_, i) => 1 / (i + 1)));
}

function oneOf(weights: readonly number[]): QuietColumn['draw'] {
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return (random) => {
    let left = random.unit() * all;
    let code = 0;
    while (code < weights.length - 1 && left >= weights[code]!) left -= weights[code++]!;
    return code;
  };
}

/** What is watched: so many columns of one law, at 5 % over so many looks. */
export interface QuietDesign {
  readonly columns: number;
  readonly nReference: number;
  readonly nWindow: number;
  readonly slide: number;
  readonly looks: number;
}

export const alpha = 0.05;
/** Streams of one reference: a poor one is rare, so that they are nearly independent. */
export const perReference = 4;

export interface QuietCounts {
  readonly streams: number;
  /** Columns, over all families, with a line that says drift: an episode. */
  readonly drifted: number;
  /** With a p-value below the level, whatever the effect. */
  readonly significant: number;
}

/** Cells of one column as the reader of files gives them. */
function cells({ type, draw }: QuietColumn, rows: number, random: Random) {
  const kind = type === 'number' ? cellKind.number : cellKind.text;
  const kinds = new Uint8Array(rows);
  const values = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const value = draw(random);
    kinds[row] = value === null ? cellKind.null : kind;
    values[row] = value ?? 0;
  }
  return { kinds, values };
}

function frozenColumn(law: QuietColumn, design: QuietDesign, random: Random): FrozenColumn {
  const texts = new TextDictionary();
  // Ahead of the rows, so that a code of the law is that of its text.
  if (law.type === 'category') for (let code = 0; code < 1000; code++) texts.cellOf(`c${code}`);
  const column = { name: 'x', ...cells(law, design.nReference, random), texts };
  return freeze(column, law.type, design.nWindow);
}

/**
 * Columns without drift, seen as `weir monitor` with its default tests sees them: the reference
 * frozen, the tests of each window, the level for that many columns of such values.
 */
export function quietCounts(law: QuietColumn, design: QuietDesign, families: number): QuietCounts {
  const tests = watchedTests({ tests: null });
  const sample = frozenColumn(law, design, createRandom(1, 0));
  const features = featuresOf(Array<FrozenColumn>(design.columns).fill(sample), tests);
  const byLaw = new Map<string, Criticals>();
  const criticalsOf = (one: FrozenColumn): Criticals => {
    const law = columnLaw(one);
    const sizes = { ...design, features, alpha };
    const criticals = byLaw.get(law) ?? new Criticals(windowLevel(sizes, tests, law));
    byLaw.set(law, criticals);
    return criticals;
  };
  const streams = families * design.columns;
  let drifted = 0;
  let significant = 0;
  let column = sample;
  for (let stream = 0; stream < streams; stream++) {
    const random = createRandom(3_000_000, stream);
    if (stream % perReference === 0) column = frozenColumn(law, design, random);
    const criticals = criticalsOf(column);
    const found = watch(column, law, design, random, (window) =>
      windowTests(column, column.counts, window, tests, criticals),
    );
    if (found.isDrift) drifted++;
    if (found.isSignificant(criticals.level)) significant++;
  }
  return { streams, drifted, significant };
}

type Tests = (window: Uint32Array) => ReturnType<typeof windowTests>;

/** All looks at one stream. */
function watch(
  column: FrozenColumn,
  law: QuietColumn,
  { nWindow, slide, looks }: QuietDesign,
  random: Random,
  tests: Tests,
) {
  const window = new Uint32Array(column.counts.length);
  const { kinds, values } = cells(law, nWindow + (looks - 1) * slide, random);
  const bins = Uint16Array.from(kinds, (kind, row) => column.place(kind, values[row]!));
  let isDrift = false;
  let smallest = 1;
  for (let row = 0; row < bins.length; row++) {
    window[bins[row]!]!++;
    if (row >= nWindow) window[bins[row - nWindow]!]!--;
    if (row + 1 < nWindow || (row + 1 - nWindow) % slide !== 0) continue;
    for (const { verdict, pValue } of tests(window)) {
      if (verdict === 'drift') isDrift = true;
      if (verdict !== 'insufficient-data') smallest = Math.min(smallest, pValue ?? 1);
    }
  }
  return { isDrift, isSignificant: (level: number) => smallest < level };
}

/** The chance of any column of a family, and its standard error; of none, an upper bound. */
export function familyChance(count: number, streams: number, columns: number) {
  const chance = -Math.expm1(columns * Math.log1p(-count / streams));
  const most = -Math.expm1((columns * -Math.max(1, count)) / streams);
  return { chance, error: most / Math.sqrt(Math.max(1, count)) };
}
