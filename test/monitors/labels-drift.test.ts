import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Binning, binningOf } from '../../src/monitors/binning.js';
import { type MonitorDefinition, monitor } from '../../src/monitors/definition.js';
import {
  advanceLabels,
  createLabelSampler,
  observeOutcome,
  observeScore,
} from '../../src/monitors/label-sampler.js';
import type { MonitoredFeature } from '../../src/monitors/monitored-feature.js';
import { advance, createSampler, observe, useBinning } from '../../src/monitors/sampler.js';
import { createWatch, type Watched, watch } from '../../src/monitors/watch.js';
import { dayMs, normalOf, seeded, startMs } from './simulation.js';

const common = { group: 'scores', kind: 'stationary', values: 'numeric', windowMs: 0 } as const;
const features: readonly MonitoredFeature[] = [
  { ...common, name: 'score', column: 0, row: 0 },
  { ...common, name: 'distance', column: 1, row: 1 },
  { ...common, name: 'hour', column: 2, row: 2 },
];
const definition: MonitorDefinition = {
  ...monitor({ name: 'labels', model: 'ranker', policy: { schedule: 'off' } }),
  horizonMs: dayMs,
};
const groups = ['scores', 'labels'];

/**
 * Scores of a model that knows how labels depend on the distance; from `turnDay` on they depend on
 * it the other way round, while features and scores stay as they were.
 */
function run(seed: number, days: number, turnDay: number): readonly Watched[] {
  const random = seeded(seed);
  const normal = normalOf(random);
  const watching = { definition, features, modelVersion: '1', reference: null, capturePeriods: 10 };
  const task = createWatch({ ...watching, sources: groups });
  const scores = createSampler({ group: 'scores', features, periodMs: dayMs, binning: null });
  const labels = createLabelSampler({
    columns: [0, 1, 2],
    periodMs: dayMs,
    horizonMs: dayMs,
    binning: null,
  });
  const use = (found: Watched): Watched => {
    if (found.captured === null) return found;
    const binningFor = (group: string): Binning =>
      binningOf(found.captured, features, group, definition)!;
    useBinning(scores, binningFor('scores'));
    labels.binning = binningFor('labels');
    return found;
  };
  return Array.from({ length: days }, (_, day) => {
    const fromMs = startMs + day * dayMs;
    for (let user = 0; user < 600; user++) {
      const distance = normal();
      const score = 1 / (1 + Math.exp(1 + 1.5 * distance));
      const turned = 1 / (1 + Math.exp(1 - 1.5 * distance));
      const values = [score, distance, normal()];
      observe(scores, user, fromMs + user, values);
      observeScore(labels, user, 'place', fromMs + user, values);
      const isPositive = random() < (day >= turnDay ? turned : score);
      if (isPositive) observeOutcome(labels, user, 'place', fromMs + user + 3_600_000);
    }
    const endMs = fromMs + dayMs;
    return [
      use(watch(task, 0, advance(scores, endMs))),
      use(watch(task, 1, advanceLabels(labels, endMs))),
    ];
  }).flat();
}

test('labels that turn round while features stay are one episode with one event', () => {
  for (const seed of [1, 2]) {
    const turnDay = 16;
    const found = run(seed, 24, turnDay);
    const emissions = found.flatMap((one) => one.emissions);
    const dayOf = (timeMs: number) => (timeMs - startMs) / dayMs;
    assert.deepEqual(
      emissions.map((one) => [one.kind, dayOf(one.timeMs)]),
      // Labels of the first turned day are known one day later; the second day decides.
      [
        ['alert', turnDay + 3],
        ['retraining', turnDay + 3],
      ],
      `seed ${seed}`,
    );
    const drifts = found.flatMap((one) => one.checks).filter((one) => one.verdict === 'drift');
    const what = new Set(drifts.map((check) => `${check.subject}/${check.feature}/${check.test}`));
    assert.deepEqual(
      [...what].sort(),
      [
        'concept/distance/correlation',
        'performance/performance/accuracy',
        'performance/performance/auc',
        'performance/performance/f1',
        'performance/performance/log-loss',
      ],
      `seed ${seed}`,
    );
    // The window is that of the scores, a day before the period in which their labels matured.
    assert.equal(drifts[0]?.periodStartMs, startMs + turnDay * dayMs);
  }
});

test('forty quiet days of labels raise no alarm', () => {
  const found = run(9, 40, 1_000);
  assert.deepEqual(
    found.flatMap((one) => one.emissions),
    [],
  );
  const labelled = found.flatMap((one) => one.checks).filter((one) => one.test === 'auc');
  assert.ok(labelled.length >= 25);
  assert.ok(labelled.every((check) => check.verdict === 'ok'));
});
