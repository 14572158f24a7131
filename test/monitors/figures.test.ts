import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { correlationOf, informationOf } from '../../src/monitors/concept.js';
import type { Figure } from '../../src/monitors/figure.js';
import { testFigure } from '../../src/monitors/figure-check.js';
import { addLabelled, labelledSums } from '../../src/monitors/labelled-sums.js';
import { defaultPerformance, performanceOf } from '../../src/monitors/performance.js';
import { countValues } from '../../src/stats/bin-of.js';
import type { NumericBins } from '../../src/stats/bins.js';
import { mergePlan } from '../../src/stats/merge-plan.js';

interface Golden {
  readonly feature: readonly number[];
  readonly score: readonly number[];
  readonly label: readonly number[];
  readonly accuracy: number;
  readonly f1: number;
  readonly log_loss: number;
  readonly log_loss_error: number;
  readonly auc: number;
  readonly spearman: number;
  readonly mutual_information: number;
  readonly prediction: {
    readonly past: readonly number[];
    readonly now: number;
    readonly p_below: number;
    readonly p_either: number;
    readonly critical_below: number;
  };
}

const path = new URL('../../../test/monitors/golden/figures.json', import.meta.url);
const golden: Golden = JSON.parse(readFileSync(path, 'utf8'));

function near(found: number | null | undefined, expected: number, within = 1e-12): void {
  assert.ok(Math.abs((found ?? Number.NaN) - expected) <= within, `${found}, not ${expected}`);
}

/** Counts of each label in bins that hold one value each. */
function countsOf(values: readonly number[]) {
  const edges = [...new Set(values)].sort((a, b) => a - b);
  const bins: NumericBins = { kind: 'numeric', edges };
  const of = (wanted: number) =>
    countValues(
      bins,
      values.filter((_, i) => golden.label[i] === wanted),
    );
  return { bins, counts: { negative: of(0), positive: of(1) } };
}

test('accuracy, F1, log loss and the area under the curve are those of scikit-learn', () => {
  const sums = new Float64Array(labelledSums.length);
  golden.score.forEach((score, i) => {
    addLabelled(sums, score, golden.label[i]!, 0.5);
  });
  addLabelled(sums, null, 1, 0.5); // a failed score counts in none
  const found = performanceOf({ sums }, countsOf(golden.score).counts, defaultPerformance);
  const of = (name: string) => found.find((one) => one.test === name);
  near(of('accuracy')?.value, golden.accuracy);
  near(of('f1')?.value, golden.f1);
  near(of('log-loss')?.value, golden.log_loss);
  near(of('log-loss')?.error, golden.log_loss_error);
  near(of('auc')?.value, golden.auc);
});

test('too few labels, or one of them alone, give no figure', () => {
  const sums = new Float64Array(labelledSums.length);
  for (let i = 0; i < 1_000; i++) addLabelled(sums, 0.2, 0, 0.5);
  const empty = { negative: new Uint32Array(3), positive: new Uint32Array(3) };
  const found = performanceOf({ sums }, empty, defaultPerformance);
  assert.deepEqual(new Set(found.map((one) => one.value)), new Set([null]));
});

test('what a feature says of the label is scipy’s rank correlation and the mutual information', () => {
  const { bins, counts } = countsOf(golden.feature);
  near(correlationOf(bins, counts).value, golden.spearman);
  const both = counts.negative.map((count, bin) => count + counts.positive[bin]!);
  const values = both.filter((count) => count > 0).length;
  const bias = (values - 1) / (2 * golden.label.length); // Miller 1955, two labels
  const plan = { ...mergePlan(bins, both, 1_000), groupCount: both.length };
  const alone = { ...plan, groupOf: both.map((_, bin) => bin) } as unknown as typeof plan;
  near(informationOf(alone, counts).value, golden.mutual_information - bias);
});

const { past, now, p_below, p_either, critical_below } = golden.prediction;

function figure(worse: 'up' | 'down' | 'either', error: number | null = null): Figure {
  const rule = { worse, scale: 'relative', warning: 0.05, threshold: 0.1, leave: 0.05 } as const;
  const place = {
    subject: 'performance',
    feature: 'performance',
    segment: '',
    test: 'auc',
  } as const;
  const size = { value: now, error, n: 1_000, needed: 200, windowMs: 0, lagMs: 0, group: 'labels' };
  return { ...place, ...size, rule };
}

test('a figure is held against the prediction interval of the reference’s periods', () => {
  const below = testFigure(figure('down'), past, now);
  const mean = past.reduce((sum, one) => sum + one, 0) / past.length;
  near(below.pValue, p_below);
  near(below.effect, (mean - now) / mean);
  near(below.criticalAt(0.001), critical_below, 1e-9);
  const either = testFigure(figure('either'), past, now);
  near(either.pValue, p_either);
  near(either.effect, (mean - now) / mean);
  assert.ok(testFigure(figure('up'), past, now).effect < 0);
  assert.ok(testFigure(figure('up'), past, now).pValue > 0.99);
});

test('a figure of few samples is held against its own error; equal periods leave no chance', () => {
  assert.ok(testFigure(figure('down', 0.2), past, now).pValue > 0.2);
  const same = [0.8, 0.8, 0.8, 0.8, 0.8];
  assert.equal(testFigure(figure('down'), same, 0.8).pValue, 1);
  assert.equal(testFigure(figure('down'), same, 0.7).pValue, 0);
});
