import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellKind } from '../../src/datasets/cell.js';
import type { CollectedColumn } from '../../src/datasets/collected-column.js';
import { TextDictionary } from '../../src/datasets/text-dictionary.js';
import { numberSide } from '../../src/reports/exact-tests.js';
import { freeze } from '../../src/reports/frozen-column.js';
import { binPicture, numberPicture } from '../../src/reports/picture.js';
import type { ColumnPicture } from '../../src/reports/report.js';
import { barLabels, barOf, roundAxis } from '../../src/reports/round-axis.js';
import { distributionPlot } from '../../src/reports/svg-plots.js';
import { normal, uniform } from './streams.js';

function column(cells: readonly (number | null)[]): CollectedColumn {
  const kinds = Uint8Array.from(cells, (cell) => (cell === null ? cellKind.null : cellKind.number));
  const values = Float64Array.from(cells, (cell) => cell ?? 0);
  return { name: 'x', kinds, values, texts: new TextDictionary() };
}

/** As whole files are shown, and as windows are. */
function pictures(cells: readonly (number | null)[]): readonly ColumnPicture[] {
  const one = column(cells);
  const frozen = freeze(one, 'number', 100);
  return [
    numberPicture('x', 'number', numberSide(one), numberSide(one)),
    binPicture(frozen, frozen.counts, frozen.counts),
  ];
}

test('few different numbers have a bar each, labelled by what they are', () => {
  const next = uniform(2);
  const few = Array.from({ length: 1000 }, () => Math.floor(8 * next()));
  for (const { labels, reference } of pictures(few)) {
    assert.deepEqual(labels, ['0', '1', '2', '3', '4', '5', '6', '7']);
    const expected = labels.map((label) => few.filter((x) => String(x) === label).length);
    assert.deepEqual([...Array.from(reference)], expected);
  }
  for (const { labels, reference } of pictures(Array(50).fill(7))) {
    assert.deepEqual([labels, [...Array.from(reference)]], [['7'], [50]]);
  }
});

test('many numbers have bars between round ones; the outermost and missing cells are told', () => {
  const next = normal(4);
  const cells = Array.from({ length: 5000 }, (_, i) => (i % 10 === 0 ? null : next()));
  for (const picture of pictures(cells)) {
    const { labels, reference } = picture;
    assert.match(labels[0] ?? '', /^< -\d(\.5)?$/);
    assert.match(labels.at(-2) ?? '', /^≥ \d(\.5)?$/);
    assert.deepEqual([labels.at(-1), reference[labels.length - 1]], ['missing', 500]);
    for (const label of labels.slice(1, -2)) assert.match(label, /^-?\d(\.5)?$/);
    const sum = Array.from(reference).reduce((all, one) => all + one, 0);
    assert.ok(Math.abs(sum - 5000) < 1e-6);
    assert.match(distributionPlot(picture), /class="end"[^>]*>missing</);
  }
});

test('ends of bars are 1, 2 or 5 of a power of ten, whatever the size of the values', () => {
  const shown = (value: number) => String(Number(value.toPrecision(10)));
  for (const [low, high, labels] of [
    [0, 60, ['0', '5', '10']],
    [-0.31, 0.29, ['-0.35', '-0.3', '-0.25']],
    [1_000_003, 1_000_040, ['1000002', '1000004', '1000006']],
  ] as const) {
    const axis = roundAxis(low, high);
    const found = barLabels(axis, { below: false, above: false }, shown);
    assert.deepEqual(found.slice(0, 3), labels);
    assert.ok(axis.bars <= 25);
    assert.equal(barOf(axis, low - 1e6), 0);
    assert.equal(barOf(axis, high + 1e6), axis.bars - 1);
  }
  assert.equal(barOf(roundAxis(0, 2.3), 0.3), 3);
  for (const [low, high] of [
    [-1.7e308, 1.7e308],
    [1e-320, 2e-320],
    [1e17, 1e17 + 64],
  ] as const) {
    const axis = roundAxis(low, high);
    assert.ok(axis.width > 0 && Number.isFinite(axis.low) && axis.bars <= 25);
    assert.ok(barOf(axis, (low + high) / 2) >= 0);
  }
});
