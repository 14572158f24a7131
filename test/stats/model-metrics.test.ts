import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { auc } from '../../src/stats/auc.js';
import { averagePrecision } from '../../src/stats/average-precision.js';
import { brierScore } from '../../src/stats/brier-score.js';
import { calibrationError } from '../../src/stats/calibration-error.js';
import { logLoss } from '../../src/stats/log-loss.js';
import { ndcg } from '../../src/stats/ndcg.js';
import { assertRelative, readGolden } from './golden.js';

const golden = readGolden<{
  predictions: {
    labels: number[];
    probabilities: number[];
    auc: number;
    logLoss: number;
    brier: number;
    ece: number;
  }[];
  rankings: { relevances: number[]; ndcg: Record<string, number>; averagePrecision: number }[];
}>('comparisons.json');

test('metrics of predictions are those of scikit-learn', () => {
  for (const row of golden.predictions) {
    const { labels, probabilities } = row;
    assertRelative(auc(labels, probabilities)!, row.auc, 1e-12, 'auc');
    assertRelative(logLoss(labels, probabilities)!, row.logLoss, 1e-12, 'log loss');
    assertRelative(brierScore(labels, probabilities)!, row.brier, 1e-12, 'brier');
    const { value, bins } = calibrationError(labels, probabilities);
    assertRelative(value!, row.ece, 1e-9, 'ece');
    assert.equal(
      bins.reduce((sum, bin) => sum + bin.count, 0),
      labels.length,
    );
  }
});

test('metrics of rankings are those of scikit-learn', () => {
  for (const row of golden.rankings) {
    for (const [k, expected] of Object.entries(row.ndcg)) {
      assertRelative(ndcg(row.relevances, Number(k))!, expected, 1e-12, `ndcg@${k}`);
    }
    const all = averagePrecision(row.relevances, row.relevances.length)!;
    assertRelative(all, row.averagePrecision, 1e-12, 'average precision');
  }
});

test('average precision divides by min(k, R), R counting what was not shown', () => {
  assertRelative(averagePrecision([1, 0, 1], 5, 4)!, (1 + 2 / 3) / 4, 1e-15, 'R 4');
  assertRelative(averagePrecision([1, 0, 1, 1], 2)!, 1 / 2, 1e-15, 'k 2');
});

test('the area under the curve is the share of pairs in order, ties one half', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(1), fc.integer({ min: 0, max: 6 })), { maxLength: 40 }),
      (rows) => {
        const positives = rows.filter(([label]) => label === 1);
        const negatives = rows.filter(([label]) => label === 0);
        const expected = positives
          .flatMap(([, p]) => negatives.map(([, n]) => (p > n ? 1 : p === n ? 0.5 : 0)))
          .reduce((sum: number, win) => sum + win, 0);
        const pairs = positives.length * negatives.length;
        const actual = auc(
          rows.map(([label]) => label),
          rows.map(([, score]) => score),
        );
        if (pairs === 0) assert.equal(actual, null);
        else assertRelative(actual!, expected / pairs, 1e-12, 'auc');
      },
    ),
  );
});

test('what is not defined is null', () => {
  assert.equal(auc([1, 1], [0.2, 0.4]), null);
  assert.equal(auc([1, 0], [Number.NaN, 0.4]), null);
  assert.equal(logLoss([], []), null);
  assert.equal(brierScore([], []), null);
  assert.equal(calibrationError([], []).value, null);
  assert.equal(ndcg([0, 0], 5), null);
  assert.equal(averagePrecision([0, 0], 5), null);
});

test('a certain and wrong prediction costs the clipped loss', () => {
  assertRelative(logLoss([1], [0])!, -Math.log(1e-15), 1e-12, 'loss');
  assert.ok(Number.isFinite(logLoss([0], [1])!));
});
