import { cellKind } from '../../src/datasets/cell.js';
import type { CollectedColumn } from '../../src/datasets/collected-column.js';
import { TextDictionary } from '../../src/datasets/text-dictionary.js';
import { createRandom, type Random } from '../../src/generate/random.js';
import { categoricalTests, numberSide, numericTests } from '../../src/reports/exact-tests.js';
import { wholeFileLevel } from '../../src/reports/whole-file-level.js';

/** A column of a pair of files: numbers, or codes of texts; null for none. */
export interface FileLaw {
  readonly type: 'number' | 'category';
  readonly draw: (random: Random) => number | null;
}

/** A pair of files: so many columns of one law, rows of reference and input. */
export interface FilePair {
  readonly name: string;
  readonly law: FileLaw;
  readonly columns: number;
  readonly rows: readonly [number, number];
}

const numbers = (draw: FileLaw['draw']): FileLaw => ({ type: 'number', draw });
const texts = (weights: readonly number[]): FileLaw => ({ type: 'category', draw: oneOf(weights) });
const zipf = (values: number, power = 1): FileLaw =>
  texts(Array.from({ length: values }, (_, i) => (i + 1) ** -power));

export const fileLaws = {
  normal: numbers((random) => random.normal(0, 1)),
  shifted: numbers((random) => random.normal(0.25, 1)),
  nulls: numbers((random) => (random.unit() < 0.01 ? null : random.normal(0, 1))),
  poisson: numbers((random) => random.poisson(3)),
  amounts: numbers((random) => (random.unit() < 0.6 ? 0 : Math.exp(random.normal(2, 1)))),
  flag: numbers((random) => (random.unit() < 0.01 ? 1 : 0)),
  seven: texts([90, 5, 2, 1, 1, 0.5, 0.5]),
  sevenMoved: texts([84, 5, 2, 7, 1, 0.5, 0.5]),
  zipf30: zipf(30),
  zipf50: zipf(50),
  zipf200: zipf(200),
  zipf300: zipf(300, 0.8),
  zipf1000: zipf(1000, 0.8),
} as const;

const pair = (
  name: string,
  law: keyof typeof fileLaws,
  columns: number,
  ...rows: readonly [number, number]
): FilePair => ({ name, law: fileLaws[law], columns, rows });

/** Files that do not differ but by chance. */
export const quietPairs: readonly FilePair[] = [
  pair('normal', 'normal', 10, 5000, 30),
  pair('normal', 'normal', 10, 30, 5000),
  pair('normal', 'normal', 10, 50, 50),
  pair('normal', 'normal', 10, 250, 250),
  pair('normal', 'normal', 10, 250, 5000),
  pair('normal', 'normal', 10, 1000, 1000),
  pair('normal, 1 % nulls', 'nulls', 10, 2000, 500),
  pair('Poisson, mean 3', 'poisson', 10, 300, 300),
  pair('Poisson, mean 3', 'poisson', 10, 300, 3000),
  pair('log-normal, 60 % zero', 'amounts', 10, 500, 500),
  pair('flag, 1 % set', 'flag', 10, 5000, 500),
  pair('categories 90, 5, 2, 1, 1, 0.5, 0.5 %', 'seven', 5, 5000, 500),
  pair('30 categories of Zipf', 'zipf30', 10, 1000, 300),
  pair('50 categories of Zipf', 'zipf50', 5, 2000, 500),
  pair('200 categories of Zipf', 'zipf200', 5, 4000, 4000),
  pair('300 categories of Zipf, power 0.8', 'zipf300', 1, 1000, 1000),
  pair('1,000 categories of Zipf, power 0.8', 'zipf1000', 1, 3000, 3000),
];

function oneOf(weights: readonly number[]): FileLaw['draw'] {
  let sum = 0;
  const upTo = weights.map((weight) => (sum += weight));
  return (random) => {
    const at = random.unit() * sum;
    const code = upTo.findIndex((end) => at < end);
    return code < 0 ? weights.length - 1 : code;
  };
}

const dictionary = new TextDictionary();
for (let code = 0; code < 1000; code++) dictionary.cellOf(`c${code}`);

/** Cells as the reader of files gives them. */
function column({ type, draw }: FileLaw, rows: number, random: Random): CollectedColumn {
  const kind = type === 'number' ? cellKind.number : cellKind.text;
  const kinds = new Uint8Array(rows);
  const values = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const value = draw(random);
    kinds[row] = value === null ? cellKind.null : kind;
    values[row] = value ?? 0;
  }
  return { name: 'x', kinds, values, texts: dictionary };
}

export interface PairCounts {
  readonly pairs: number;
  /** Pairs of files with any line that says drift. */
  readonly drifted: number;
  /** Or warning. */
  readonly warned: number;
  /** Lines that say drift, by test. */
  readonly byTest: ReadonlyMap<string, number>;
}

/**
 * Pairs of files of one law as `weir compare` judges them at alpha = 5 %, all default tests.
 * @param moved law of the input where it is another
 */
export function pairCounts(
  { law, columns, rows: [n, m] }: FilePair,
  pairs: number,
  moved: FileLaw = law,
): PairCounts {
  const level = wholeFileLevel({ alpha, tests: null }, columns);
  const byTest = new Map<string, number>();
  let drifted = 0;
  let warned = 0;
  for (let i = 0; i < pairs; i++) {
    const random = createRandom(5_000_000, i);
    const verdicts = new Set<string>();
    for (let j = 0; j < columns; j++) {
      const [first, second] = [column(law, n, random), column(moved, m, random)];
      const all =
        law.type === 'number'
          ? numericTests(numberSide(first), numberSide(second), level)
          : categoricalTests(first, second, level);
      for (const { test, verdict } of all) {
        verdicts.add(verdict);
        if (verdict === 'drift') byTest.set(test, (byTest.get(test) ?? 0) + 1);
      }
    }
    if (verdicts.has('drift')) drifted++;
    if (verdicts.has('drift') || verdicts.has('warning')) warned++;
  }
  return { pairs, drifted, warned, byTest };
}

export const alpha = 0.05;

/** A share of the pairs, and its standard error. */
export function shareOf(count: number, pairs: number) {
  const share = count / pairs;
  return { share, error: Math.sqrt(Math.max(share * (1 - share), 1 / pairs) / pairs) };
}
