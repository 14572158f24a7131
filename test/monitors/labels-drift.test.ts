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
import { sealReference } from '../../src/monitors/reference.js';
import { parseReference, referenceText } from '../../src/monitors/reference-file.js';
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
 * it the other way round, while features and scores stay as they were, from `nearDay` on the
 * distances are smaller, so that the model is less sure, and right about that.
 */
function run(seed: number, days: number, turnDay: number, nearDay = 1_000): readonly Watched[] {
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
      const distance = day >= nearDay ? -0.67 + 0.3 * normal() : normal();
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

function estimates(found: readonly Watched[], name: string) {
  const own = found.flatMap((one) => one.checks).filter(({ test }) => test === name);
  assert.ok(own.every((one) => one.subject === 'estimate' && one.feature === 'performance'));
  return own.map(({ verdict, periodStartMs }) => {
    return { verdict, day: (periodStartMs - startMs) / dayMs };
  });
}

test('what no score shows is no change of the estimate, but its error tells of it', () => {
  const found = run(1, 24, 16);
  const expected = estimates(found, 'estimated-accuracy');
  assert.deepEqual(new Set(expected.map(({ verdict }) => verdict)), new Set(['ok']));
  const missed = estimates(found, 'estimate-error');
  for (const { verdict, day } of missed) {
    assert.equal(verdict, day >= 16 ? 'warning' : 'ok', `day ${day}`);
  }
  assert.ok(missed.some(({ day }) => day === 22));
});

test('scores that became less sure are a warning the same day, before any label', () => {
  const found = run(2, 24, 1_000, 18);
  for (const name of ['estimated-accuracy', 'estimated-auc']) {
    for (const { verdict, day } of estimates(found, name)) {
      assert.equal(verdict, day >= 18 ? 'warning' : 'ok', `${name}, day ${day}`);
    }
  }
  const days = estimates(found, 'estimated-accuracy').map(({ day }) => day);
  assert.equal(days.at(-1), 23);
  // The estimate was right: labels say the same a day later.
  const missed = estimates(found, 'estimate-error');
  assert.equal(missed.at(-1)?.day, 22);
  assert.deepEqual(new Set(missed.map(({ verdict }) => verdict)), new Set(['ok']));
});

test('a reference without labelled scores estimates nothing, and says so', () => {
  const captured = run(1, 14, 1_000).flatMap((one) => one.captured ?? [])[0]!;
  const { labelled, ...rest } = captured;
  const figures = rest.figures.filter(({ name }) => !name.startsWith('estimate/'));
  const former = { ...rest, figures };
  assert.equal(
    [...labelled!.negative, ...labelled!.positive].reduce((sum, count) => sum + count, 0),
    9 * 600,
  );
  const text = referenceText(sealReference(former));
  assert.ok(!text.includes('labelled'));
  assert.notEqual(sealReference(former).id, captured.id);
  const reference = parseReference(text, 'former.json');
  assert.deepEqual(parseReference(referenceText(captured), 'own.json'), captured);
  const task = createWatch({
    ...{ definition, features, modelVersion: '1', reference, capturePeriods: null },
    sources: groups,
  });
  const scores = createSampler({
    ...{ group: 'scores', features, periodMs: dayMs },
    binning: binningOf(reference, features, 'scores', definition),
  });
  for (let user = 0; user < 600; user++) observe(scores, user, startMs + user, [0.4, 0, 0]);
  const none = { observedFromMs: startMs, periods: [] };
  watch(task, 1, { ...none, closedUpToMs: startMs + dayMs });
  const { checks } = watch(task, 0, advance(scores, startMs + dayMs));
  const own = checks.filter(({ subject }) => subject === 'estimate');
  assert.deepEqual(
    own.map(({ test, verdict }) => [test, verdict]),
    ['estimated-accuracy', 'estimated-auc', 'estimated-f1'].map((name) => [name, 'no-reference']),
  );
  assert.match(own[0]!.detail, /capture one with 'weir reference capture'/);
});

test('labelled counts that are not of the score’s bins are refused', () => {
  const captured = run(1, 14, 1_000).flatMap((one) => one.captured ?? [])[0]!;
  const labelled = { ...captured.labelled!, positive: [1] };
  const text = referenceText(sealReference({ ...captured, labelled }));
  assert.throws(() => parseReference(text, 'r.json'), {
    code: 'reference-invalid',
    message: /expected \d+ labelled counts; found 1; capture the reference again/,
  });
});
