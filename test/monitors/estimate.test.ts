import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { calibrationOf, estimateOf } from '../../src/monitors/estimate.js';
import { readReference } from '../../src/monitors/reference-file.js';
import { countValues } from '../../src/stats/bin-of.js';
import { binCount, type NumericBins } from '../../src/stats/bins.js';
import { frozenEdges } from '../../src/stats/frozen-edges.js';

interface Counted {
  readonly values: readonly number[];
  readonly negative: readonly number[];
  readonly positive: readonly number[];
}

interface Golden {
  readonly decision: number;
  readonly reference: Counted;
  readonly periods: readonly (Counted & {
    readonly estimate: Readonly<Record<'accuracy' | 'auc' | 'f1', number>>;
  })[];
}

const path = new URL('../../../test/monitors/golden/estimate.json', import.meta.url);
const golden: Golden = JSON.parse(readFileSync(path, 'utf8'));

function rows({ values, negative, positive }: Counted, label: 'negative' | 'positive' | 'both') {
  const count = (i: number): number =>
    (label === 'positive' ? 0 : negative[i]!) + (label === 'negative' ? 0 : positive[i]!);
  return values.flatMap((value, i) => new Array<number>(count(i)).fill(value));
}

const bins = frozenEdges(rows(golden.reference, 'both'));
const labelled = {
  negative: [...countValues(bins, rows(golden.reference, 'negative'))],
  positive: [...countValues(bins, rows(golden.reference, 'positive'))],
};
const calibration = calibrationOf(bins, labelled, golden.decision)!;

test('what is estimated without labels is what CBPE of NannyML estimates', () => {
  for (const [i, period] of golden.periods.entries()) {
    const found = estimateOf(calibration, countValues(bins, rows(period, 'both')));
    // Its curve is rounded to five digits of a count.
    for (const name of ['accuracy', 'auc', 'f1'] as const) {
      const apart = Math.abs(found[name]! - period.estimate[name]);
      assert.ok(apart < 1e-7, `period ${i}: ${name} ${found[name]}, ${period.estimate[name]}`);
    }
  }
});

test('the estimate is right within its errors while a score means what it meant', () => {
  for (const [i, period] of golden.periods.entries()) {
    const found = estimateOf(calibration, countValues(bins, rows(period, 'both')));
    const right = period.values.reduce((sum, value, k) => {
      return sum + (value >= golden.decision ? period.positive[k]! : period.negative[k]!);
    }, 0);
    const error = found.accuracy! - right / found.n;
    assert.ok(Math.abs(error) < 4 * found.outcomeError, `period ${i}: off by ${error}`);
    assert.ok(found.outcomeError > 0 && found.outcomeError < 0.02);
  }
});

test('of the reference itself the estimate is what came', () => {
  const { negative, positive } = golden.reference;
  const found = estimateOf(calibration, countValues(bins, rows(golden.reference, 'both')));
  const right = golden.reference.values.reduce((sum, value, k) => {
    return sum + (value >= golden.decision ? positive[k]! : negative[k]!);
  }, 0);
  // Only the block that the decision cuts is spread over both sides.
  assert.ok(Math.abs(found.accuracy! - right / found.n) < 0.005);
});

test('the reference that comes with the model holds labels to calibrate by', () => {
  const file = new URL('../../../models/places-ranker.reference.json', import.meta.url);
  const { labelled, figures } = readReference(fileURLToPath(file));
  const all = [...labelled!.negative, ...labelled!.positive].reduce((sum, one) => sum + one, 0);
  const accuracy = figures.find(({ name }) => name === 'performance/performance//accuracy');
  assert.equal(all, accuracy?.n);
});

test('errors of an estimate are those of drawn scores and of drawn labels', () => {
  // Half of the scores are right with chance 0.9, half with 0.6, in bins on one side of 0.5 each.
  const two: NumericBins = { kind: 'numeric', edges: [0.5, 1] };
  const labels = { negative: [90, 40, 0, 0, 0], positive: [10, 60, 0, 0, 0] };
  const known = calibrationOf(two, labels, 0.5000001)!;
  const found = estimateOf(known, [200, 200, 0, 0, 0]);
  assert.ok(Math.abs(found.accuracy! - 0.75) < 1e-6);
  assert.ok(Math.abs(found.samplingError - 0.15 / 20) < 1e-6);
  assert.ok(Math.abs(found.outcomeError - Math.sqrt((0.09 + 0.24) / 2 / 400)) < 1e-6);
});

test('the bin of the decision says yes in part; nulls and no labels have no estimate', () => {
  const one: NumericBins = { kind: 'numeric', edges: [0, 1] };
  const labels = { negative: [0, 20, 0, 7, 0], positive: [0, 80, 0, 3, 0] };
  const known = calibrationOf(one, labels, 0.75)!;
  assert.deepEqual([...known.yes], [0, 0.25, 1]);
  const counts = [0, 40, 0, 1_000, 1_000];
  const found = estimateOf(known, counts);
  assert.equal(found.n, 40);
  assert.ok(Math.abs(found.accuracy! - (0.25 * 0.8 + 0.75 * 0.2)) < 1e-12);
  assert.ok(Math.abs(found.auc! - 0.5) < 1e-12);
  assert.equal(estimateOf(known, [0, 0, 0, 9, 9]).accuracy, null);
  const none = new Array<number>(binCount(one)).fill(0);
  assert.equal(calibrationOf(one, { negative: none, positive: none }, 0.5), null);
});
