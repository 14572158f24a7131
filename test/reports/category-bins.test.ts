import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { cellKind } from '../../src/datasets/cell.js';
import { TextDictionary } from '../../src/datasets/text-dictionary.js';
import { categoryBins, categoryPlace } from '../../src/reports/category-bins.js';
import { monitorWindows } from '../../src/reports/monitor-windows.js';
import { type QuietColumn, quietCounts } from '../proof/monitor-quiet-run.js';
import { KeptReport } from './read-report.js';
import { monitorSettings } from './settings.js';
import { uniform, writeColumns } from './streams.js';

const directory = mkdtempSync(join(tmpdir(), 'weir-categories-'));
after(() => rmSync(directory, { recursive: true }));

/** Category numbers that are drawn in proportion to their weights. */
function drawn(weights: readonly number[], seed: number): () => number {
  const next = uniform(seed);
  const ends: number[] = [];
  for (const weight of weights) ends.push((ends.at(-1) ?? 0) + weight);
  return () => {
    const at = next() * ends.at(-1)!;
    return ends.findIndex((end) => at < end);
  };
}

const alike = (count: number) => Array<number>(count).fill(1);
const zipf = (count: number) => Array.from({ length: count }, (_, i) => 1 / (i + 1));

const laws: Readonly<Record<string, readonly number[]>> = {
  '400 alike': alike(400),
  '100 alike': alike(100),
  'the first 200 of Zipf': zipf(200),
  'the first 1,000 of Zipf': zipf(1000),
  'three large, 600 small': [300, 120, 60, ...alike(600).map(() => 0.2)],
};

for (const [name, weights] of Object.entries(laws)) {
  test(`many categories that do not drift keep to the promise: ${name}`, () => {
    const ends: number[] = [];
    for (const weight of weights) ends.push((ends.at(-1) ?? 0) + weight);
    const law: QuietColumn = {
      type: 'category',
      draw: (random) => {
        const at = random.unit() * ends.at(-1)!;
        return ends.findIndex((end) => at < end);
      },
    };
    const design = { columns: 50, nReference: 2000, nWindow: 200, slide: 20, looks: 100 };
    const { significant } = quietCounts(law, design, 1);
    assert.ok(significant <= 1, `${significant} of 50 streams`);
  });
}

function column(texts: readonly string[]) {
  const dictionary = new TextDictionary();
  const values = Float64Array.from(texts, (text) => dictionary.cellOf(text).value);
  const kinds = new Uint8Array(texts.length).fill(cellKind.text);
  return { name: 'x', kinds, values, texts: dictionary };
}

test('a few categories have a bin each, and one that is new is told from them all', () => {
  const read = column(Array.from({ length: 900 }, (_, i) => `c${i % 9}`));
  const frozen = categoryBins(read, 100);
  assert.equal(frozen.shared, 0);
  assert.equal(frozen.bins.values.length, 9);
  const place = categoryPlace(frozen, read.texts);
  assert.equal(place(cellKind.text, read.texts.cellOf('c0').value), 0);
  assert.equal(place(cellKind.text, read.texts.cellOf('new').value), 9);
  assert.equal(place(cellKind.null, 0), 10);
});

test('of more categories than bins each keeps its bin, and new ones are spread over them', () => {
  const next = drawn(alike(2000), 1);
  const read = column(Array.from({ length: 20_000 }, () => `c${next()}`));
  const frozen = categoryBins(read, 20_000);
  assert.equal(frozen.bins.values.length, 255);
  const place = categoryPlace(frozen, read.texts);
  const bins = read.values.map((value) => place(cellKind.text, value));
  const again = Array.from({ length: 5000 }, (_, i) =>
    place(cellKind.text, read.texts.cellOf(`new${i}`).value),
  );
  assert.deepEqual(
    read.values.map((value) => place(cellKind.text, value)),
    bins,
  );
  assert.ok(new Set(again).size > 240 && Math.max(...again) < 255);
});

test('a category that appears among hundreds is one episode, found within 1,500 rows', async () => {
  const [reference, input] = [join(directory, 'r.csv'), join(directory, 'i.csv')];
  const weights = zipf(1000);
  const before = drawn(weights, 2);
  const now = drawn(weights, 3);
  const appears = uniform(4);
  writeColumns(reference, 5000, { city: () => `c${before()}` });
  writeColumns(input, 12_000, {
    city: (row) => (row >= 6000 && appears() < 0.06 ? 'new' : `c${now()}`),
  });
  const kept = new KeptReport();
  const settings = { ...monitorSettings({ reference, input }), window: 1000, slide: 100 };
  await monitorWindows(settings, kept);
  assert.equal(kept.episodes.length, 1);
  const { opened, closed } = kept.episodes[0]!;
  assert.ok(opened > 6000 && opened <= 7500 && closed === null, `${opened} ${closed}`);
});

test('where rare categories are all replaced, chi2 says so and PSI that it cannot tell', async () => {
  const [reference, input] = [join(directory, 'former.csv'), join(directory, 'replaced.csv')];
  const city = drawn(alike(500), 5);
  writeColumns(reference, 2000, { city: () => `c${city()}` });
  writeColumns(input, 2000, { city: () => `d${city()}` });
  const kept = new KeptReport();
  await monitorWindows(
    { ...monitorSettings({ reference, input }), window: 2000, slide: 500 },
    kept,
  );
  assert.equal(kept.of('city', 'psi')[0]?.verdict, 'insufficient-data');
  assert.equal(kept.of('city', 'chi2')[0]?.verdict, 'drift');
  assert.equal(kept.summary?.verdict, 'drift');
});
