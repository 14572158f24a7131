import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellKind } from '../../src/datasets/cell.js';
import type { CollectedColumn } from '../../src/datasets/collected-column.js';
import { TextDictionary } from '../../src/datasets/text-dictionary.js';
import { categoricalTests, numberSide, numericTests } from '../../src/reports/exact-tests.js';
import { wholeFileLevel } from '../../src/reports/whole-file-level.js';
import { fileLaws, pairCounts, quietPairs } from '../proof/compare-quiet-run.js';
import { uniform } from './streams.js';

const pairs = 20;
/** Of 20 pairs at 5 % more than 4 come once in 400 runs; the figures here are always the same. */
const most = 4;

for (const pair of quietPairs.filter(({ rows: [n, m] }) => n * m <= 2.5e6)) {
  test(`files that do not differ keep to the promise: ${pair.name}, ${pair.rows.join(' / ')}`, () => {
    const { drifted, byTest } = pairCounts(pair, pairs);
    assert.ok(drifted <= most, `${drifted} of ${pairs}: ${JSON.stringify([...byTest])}`);
  });
}

test('a real change is found: a quarter of a deviation, a category from 1 to 7 %', () => {
  const shift = { name: '', law: fileLaws.normal, columns: 10, rows: [5000, 1000] } as const;
  assert.equal(pairCounts(shift, 10, fileLaws.shifted).drifted, 10);
  const moved = { name: '', law: fileLaws.seven, columns: 5, rows: [5000, 500] } as const;
  assert.equal(pairCounts(moved, 10, fileLaws.sevenMoved).drifted, 10);
});

test('one new category among a thousand is found', () => {
  const next = uniform(8);
  const draw = () => `c${Math.floor(1000 * next() ** 1.5)}`;
  const first = Array.from({ length: 3000 }, draw);
  const second = Array.from({ length: 3000 }, (_, i) => (i % 60 === 0 ? 'new' : draw()));
  const chi2 = categoricalTests(texts(first), texts(second), 0.05 / 250).find(
    (one) => one.test === 'chi2',
  );
  assert.equal(chi2?.verdict, 'drift');
  assert.match(chi2?.detail ?? '', /^rare categories: verdict by fisher of one of \d+, p /);
});

function texts(cells: readonly string[]): CollectedColumn {
  const dictionary = new TextDictionary();
  const all = cells.map((cell) => dictionary.cellOf(cell));
  return {
    name: 'x',
    kinds: Uint8Array.from(all, ({ kind }) => kind),
    values: Float64Array.from(all, ({ value }) => value),
    texts: dictionary,
  };
}

const level = wholeFileLevel({ alpha: 0.05, tests: null }, 1);

test('figures of rare categories depend neither on the order of rows nor on the side', () => {
  const next = uniform(3);
  const draw = () => `c${Math.floor(400 * next() ** 2)}`;
  const first = Array.from({ length: 1000 }, draw);
  const second = Array.from({ length: 1000 }, draw);
  const figures = (a: readonly string[], b: readonly string[]) =>
    categoricalTests(texts(a), texts(b), level);
  const found = figures(first, second);
  assert.deepEqual(figures(first.toReversed(), second.toSorted()), found);
  const swapped = figures(second, first);
  for (const [i, { test: name, pValue, verdict, detail }] of found.entries()) {
    assert.equal(swapped[i]?.verdict, verdict, name);
    assert.equal(swapped[i]?.detail, detail, name);
    const gap = Math.abs((swapped[i]?.pValue ?? 0) - (pValue ?? 0));
    assert.ok(gap <= 1e-12, `${name}: ${gap}`);
  }
});

/** Numbers of which a share is null. */
function numbers(rows: number, nulls: number): CollectedColumn {
  const next = uniform(5);
  const values = Float64Array.from({ length: rows }, () => next());
  const kinds = Uint8Array.from(values, (_, i) =>
    i < nulls * rows ? cellKind.null : cellKind.number,
  );
  return { name: 'x', kinds, values, texts: new TextDictionary() };
}

test('total variation is significant by its own bins, of which the missing are one', () => {
  const reference = numberSide(numbers(2000, 0));
  for (const nulls of [0.5, 0.9]) {
    const tv = numericTests(reference, numberSide(numbers(2000, nulls)), level).find(
      (one) => one.test === 'tv',
    );
    assert.equal(tv?.verdict, 'drift');
    assert.ok(Math.abs((tv?.effect ?? 0) - nulls) < 0.05);
  }
});

test('a single row is no ground for a verdict by bins, however large the effect', () => {
  const all = numericTests(numberSide(numbers(2000, 0)), numberSide(numbers(1, 0)), level);
  for (const name of ['psi', 'js', 'hellinger', 'tv']) {
    const one = all.find(({ test: found }) => found === name);
    assert.equal(one?.verdict, 'insufficient-data', name);
    assert.equal(one?.detail, 'expected 20 rows a bin on each side, 200, found 1');
  }
});

test('the level is alpha over all p-values that are asked for', () => {
  const of = (tests: Parameters<typeof wholeFileLevel>[0]['tests'], columns: number) =>
    0.05 / wholeFileLevel({ alpha: 0.05, tests }, columns);
  assert.equal(Math.round(of(null, 10)), 50);
  assert.equal(Math.round(of(['ks'], 10)), 10);
  assert.equal(Math.round(of(['ks', 'chi2', 'wasserstein'], 10)), 10);
  assert.equal(Math.round(of(['ks', 'mmd'], 10)), 11);
  assert.equal(Math.round(of(['psi', 'js', 'tv'], 10)), 20);
});
