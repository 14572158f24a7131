import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { catalogCoverage } from '../../src/stats/catalog-coverage.js';
import {
  addOutcome,
  classification,
  createConfusion,
  mergeConfusion,
} from '../../src/stats/confusion.js';
import { estimatedPerformance } from '../../src/stats/estimated-performance.js';
import { cosineDistance, intraListDiversity } from '../../src/stats/intra-list-diversity.js';
import { novelty } from '../../src/stats/novelty.js';
import { createUniform } from '../../src/stats/random.js';
import { assertRelative, readGolden } from './golden.js';

const figures = ['accuracy', 'precision', 'recall', 'f1'] as const;
type Figures = Record<(typeof figures)[number], number>;
const golden = readGolden<{
  decisions: (Figures & {
    labels: number[];
    scores: number[];
    threshold: number;
    counts: number[];
    falsePositiveRate: number;
  })[];
  estimates: (Figures & {
    probabilities: number[];
    scores: number[];
    threshold: number;
    auc: number;
  })[];
  lists: {
    vectors: number[][];
    diversity: number;
    counts: number[];
    total: number;
    novelty: number;
  };
}>('performance.json');

test('figures of decisions are those of scikit-learn', () => {
  for (const row of golden.decisions) {
    const confusion = createConfusion();
    row.labels.forEach((label, i) => {
      addOutcome(confusion, label, row.scores[i]!, row.threshold);
    });
    assert.deepEqual(Object.values(confusion), row.counts);
    const found = classification(confusion);
    for (const name of [...figures, 'falsePositiveRate'] as const) {
      assertRelative(found[name]!, row[name], 1e-14, name);
    }
  }
});

test('outcomes of merged panes are those of the whole, and leave without a trace', () => {
  const rows = fc.array(fc.tuple(fc.nat(1), fc.double({ min: 0, max: 1, noNaN: true })));
  const countOf = (list: readonly (readonly [number, number])[]) => {
    const confusion = createConfusion();
    for (const [label, score] of list) addOutcome(confusion, label, score);
    return confusion;
  };
  fc.assert(
    fc.property(rows, rows, (a, b) => {
      const whole = countOf(a);
      mergeConfusion(whole, countOf(b));
      assert.deepEqual(whole, countOf([...a, ...b]));
      mergeConfusion(whole, countOf(a), -1);
      assert.deepEqual(whole, countOf(b));
    }),
  );
});

test('what has nothing to divide by is null', () => {
  const none = { count: 0, accuracy: null, precision: null, recall: null, f1: null };
  assert.deepEqual(classification(createConfusion()), { ...none, falsePositiveRate: null });
  assert.deepEqual(estimatedPerformance([]), { ...none, auc: null });
  assert.equal(estimatedPerformance([1, 1]).auc, null);
  assert.equal(estimatedPerformance([0.5, 0.5], [Number.NaN, 0.1]).auc, null);
});

test('estimated figures are those of rows weighted by their probabilities', () => {
  for (const row of golden.estimates) {
    const found = estimatedPerformance(row.probabilities, row.scores, row.threshold);
    assert.equal(found.count, row.probabilities.length);
    for (const name of [...figures, 'auc'] as const) {
      assertRelative(found[name]!, row[name], 1e-12, name);
    }
  }
});

test('with calibrated probabilities the estimate is what the labels then show', () => {
  const uniform = createUniform(3);
  const probabilities = Array.from({ length: 50_000 }, () => uniform() ** 2);
  const confusion = createConfusion();
  for (const p of probabilities) addOutcome(confusion, uniform() < p ? 1 : 0, p);
  const [estimated, matured] = [estimatedPerformance(probabilities), classification(confusion)];
  for (const name of figures) {
    // Three standard errors of a share of the rows that were called positive.
    assert.ok(Math.abs(estimated[name]! - matured[name]!) < 0.012, name);
  }
});

test('diversity, coverage and novelty of lists are as defined', () => {
  const { vectors, diversity, counts, total, novelty: expected } = golden.lists;
  const found = intraListDiversity(8, (i, j) => cosineDistance(vectors[i]!, vectors[j]!));
  assertRelative(found!, diversity, 1e-12, 'diversity');
  assertRelative(novelty(counts, total)!, expected, 1e-14, 'novelty');
  assert.equal(catalogCoverage([0, 3, 1, 0]), 0.5);
  assert.equal(catalogCoverage([]), null);
  assert.equal(
    intraListDiversity(1, () => 1),
    null,
  );
  assert.equal(novelty([], 9), null);
  assert.equal(novelty([1], 0), null);
  assert.equal(novelty([8], 8), 0);
  assert.equal(cosineDistance([0, 0], [1, 2]), 1);
});
