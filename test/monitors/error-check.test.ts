import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binningOf } from '../../src/monitors/binning.js';
import type { Check } from '../../src/monitors/check.js';
import { type MonitorDefinition, monitor } from '../../src/monitors/definition.js';
import {
  advanceLabels,
  createLabelSampler,
  observeOutcome,
  observeScore,
  restoreLabelSampler,
  snapshotLabelSampler,
} from '../../src/monitors/label-sampler.js';
import type { MonitoredFeature } from '../../src/monitors/monitored-feature.js';
import { sealReference } from '../../src/monitors/reference.js';
import { createWatch, replaceModel, switchReference, watch } from '../../src/monitors/watch.js';
import { restoreWatch, snapshotWatch } from '../../src/monitors/watch-snapshot.js';
import { dayMs, seeded, startMs } from './simulation.js';

const hourMs = dayMs / 24;
const features: readonly MonitoredFeature[] = [
  {
    ...{ name: 'score', group: 'scores', kind: 'stationary', values: 'numeric', windowMs: 0 },
    ...{ column: 0, row: 0 },
  },
];
const definition: MonitorDefinition = {
  ...monitor({ name: 'labels', model: 'ranker', policy: { schedule: 'off' } }),
  horizonMs: dayMs,
};

interface Play {
  readonly days: number;
  readonly partitions?: number;
  readonly restarts?: boolean;
  /** From this hour on a fifth of the labels is turned round. */
  readonly turnHour?: number;
  /** Whether the reference has labels of its scores. */
  readonly isLabelled?: boolean;
}

/** Users come at any time of the day; what they are scored is the chance of their label. */
function play(given: Play) {
  const { days, partitions = 1, restarts = false, turnHour = 1e9, isLabelled = true } = given;
  const random = seeded(4);
  const names = Array.from({ length: partitions }, () => 'labels');
  // The group of scores closes with the labels: its source is not looked at here.
  const sources = ['scores', ...names];
  const watching = { definition, features, modelVersion: '1', reference: null, sources };
  const options = { ...watching, capturePeriods: null };
  const reference = sealReference({
    ...{ monitor: 'labels', model: 'ranker', modelVersion: '1', periodMs: dayMs },
    ...{ createdFrom: 'a test', fromMs: startMs - dayMs, toMs: startMs, covariates: [] },
    features: [
      {
        ...{ name: 'score', windowMs: 0, n: 1_000, seasons: null, segments: [] },
        bins: { kind: 'numeric', edges: tenths },
        counts: [...tenths.map(() => 100), 0, 0, 0],
      },
    ],
    figures: [],
    ...(isLabelled ? { labelled: labelledTenths } : {}),
  });
  const sampling = { columns: [0], periodMs: dayMs, horizonMs: dayMs };
  const binning = binningOf(reference, features, 'labels', definition);
  const create = () => createLabelSampler({ ...sampling, binning });
  let samplers = names.map(create);
  let task = createWatch(options);
  switchReference(task, reference, startMs);
  const checks: Check[] = [];
  for (let day = 0; day < days; day++) {
    const fromMs = startMs + day * dayMs;
    for (let user = 0; user < 900; user++) {
      const atMs = fromMs + Math.floor(random() * dayMs);
      const score = random();
      const isTurned = atMs >= startMs + turnHour * hourMs && random() < 0.2;
      const sampler = samplers[user % partitions]!;
      observeScore(sampler, user, day, atMs, [score]);
      if (random() < score !== isTurned) observeOutcome(sampler, user, day, atMs + hourMs);
    }
    const endMs = fromMs + dayMs;
    watch(task, 0, { closedUpToMs: endMs, observedFromMs: startMs, periods: [] });
    samplers.forEach((one, i) => {
      checks.push(...watch(task, i + 1, advanceLabels(one, endMs)).checks);
    });
    if (restarts) {
      task = restoreWatch(options, JSON.parse(JSON.stringify(snapshotWatch(task))));
      samplers = samplers.map((one) => {
        const anew = create();
        restoreLabelSampler(anew, JSON.parse(JSON.stringify(snapshotLabelSampler(one))));
        return anew;
      });
    }
  }
  return { checks, task, options, reference };
}

const tenths = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
const labelledTenths = {
  positive: [...tenths.map((upper) => Math.round(100 * (upper - 0.05))), 0, 0, 0],
  negative: [...tenths.map((upper) => 100 - Math.round(100 * (upper - 0.05))), 0, 0, 0],
};
const errorsIn = (checks: readonly Check[]) => checks.filter(({ test: name }) => name === 'adwin');
const turnHour = 10 * 24 + 15;
const turned = play({ days: 16, turnHour });

test('each period says whether errors changed, and since which hour', () => {
  const errors = errorsIn(turned.checks);
  const dayOf = (check: Check) => (check.periodStartMs - startMs) / dayMs;
  // The first day was not wholly observed.
  assert.deepEqual(errors.map(dayOf), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  for (const check of errors) {
    assert.deepEqual([check.subject, check.feature, check.level], ['concept', 'errors', null]);
    if (dayOf(check) < 10) assert.deepEqual([check.verdict, check.detail], ['ok', '']);
    if (dayOf(check) < 12) continue;
    assert.equal(check.verdict, 'warning');
    const since = Date.parse(check.detail.replace('changed at ', ''));
    assert.ok(Math.abs(since - startMs - turnHour * hourMs) <= 4 * hourMs, check.detail);
    assert.ok(Math.abs(check.nullMean!) < 0.02, `${check.nullMean} before`);
  }
  // Of a fifth turned round, as many more are wrong as were right less those that were wrong.
  const { statistic } = errors.at(-1)!;
  assert.ok(Math.abs(statistic! - 0.2 * (0.75 - 0.25)) < 0.03, `${statistic}`);
});

test('errors are the same however many partitions count them', () => {
  const parted = errorsIn(play({ days: 16, turnHour, partitions: 3 }).checks);
  assert.deepEqual(parted, errorsIn(turned.checks));
});

test('a restart after every period gives the same bytes', () => {
  const restarted = play({ days: 16, turnHour, restarts: true });
  assert.equal(JSON.stringify(restarted.checks), JSON.stringify(turned.checks));
  const [kept, whole] = [snapshotWatch(restarted.task), snapshotWatch(turned.task)];
  assert.equal(JSON.stringify(kept.policy), JSON.stringify(whole.policy));
});

test('a snapshot of a former version goes on with an empty window', () => {
  const { task, options } = play({ days: 6 });
  const { errors, ...policy } = snapshotWatch(task).policy;
  assert.equal(errors?.parts.length, 4 * 24);
  const former = { ...snapshotWatch(task), policy };
  const resumed = restoreWatch(options, JSON.parse(JSON.stringify(former)));
  assert.equal(resumed.policy.errors, undefined);
});

test('a new model begins the stream anew', () => {
  const { task } = play({ days: 6 });
  replaceModel(task, '2', null, startMs + 6 * dayMs);
  assert.equal(task.policy.errors, undefined);
});

test('forty quiet days have no change', () => {
  const errors = errorsIn(play({ days: 40 }).checks);
  assert.deepEqual(
    new Set(errors.map(({ detail, verdict }) => `${verdict} ${detail}`)),
    new Set(['ok ']),
  );
  assert.equal(errors.length, 38);
});

test('a reference without labelled scores says nothing of errors', () => {
  const { checks, task } = play({ days: 4, isLabelled: false });
  assert.deepEqual(errorsIn(checks), []);
  assert.equal(task.policy.errors, undefined);
});
