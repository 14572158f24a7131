import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binningOf } from '../../src/monitors/binning.js';
import { monitor } from '../../src/monitors/definition.js';
import { advance, createSampler, observe, useBinning } from '../../src/monitors/sampler.js';
import { restoreSampler, snapshotSampler } from '../../src/monitors/sampler-snapshot.js';
import { createWatch, replaceModel, type Watched, watch } from '../../src/monitors/watch.js';
import { restoreWatch, snapshotWatch } from '../../src/monitors/watch-snapshot.js';
import { createDays, dayMs, simulatedFeatures, startMs } from './simulation.js';

const features = simulatedFeatures(6).map((feature) => ({ ...feature, windowMs: 2 * dayMs }));
const definition = monitor({ name: 'sim', model: 'ranker', policy: { schedule: 'off' } });
const world = { seed: 11, features: 6, entities: 700, loyalty: 0.5 };
const shift = (day: number) => (day >= 10 ? 1 : 0);
const nextDay = createDays({ ...world, shift });
const days = Array.from({ length: 14 }, (_, day) => nextDay(day));

/** The days through `partitions` samplers and a watch that captures its own reference. */
function run(
  partitions: number,
  options: { readonly restartDay?: number; readonly switches: boolean },
) {
  const sources = Array.from({ length: partitions }, () => 'user');
  const watching = {
    definition,
    features,
    modelVersion: '1',
    reference: null,
    sources,
    capturePeriods: 4,
  };
  const sampling = { group: 'user', features, periodMs: dayMs };
  let samplers = sources.map(() => createSampler({ ...sampling, binning: null }));
  let task = createWatch(watching);
  const output: Watched[] = [];
  days.forEach((rows, day) => {
    if (day === options.restartDay) {
      const watched = JSON.parse(JSON.stringify(snapshotWatch(task)));
      const sampled = samplers.map((one) => JSON.parse(JSON.stringify(snapshotSampler(one))));
      task = restoreWatch(watching, watched);
      const binning = options.switches
        ? binningOf(task.reference, features, 'user', definition)
        : null;
      samplers = sampled.map((snapshot) => {
        const one = createSampler({ ...sampling, binning });
        restoreSampler(one, snapshot);
        return one;
      });
    }
    rows.forEach((values, entity) => {
      const timeMs = startMs + day * dayMs + entity;
      if (values.length > 0) observe(samplers[entity % partitions]!, entity, timeMs, values);
    });
    samplers.forEach((one, i) => {
      const watched = watch(task, i, advance(one, startMs + (day + 1) * dayMs));
      if (watched.captured !== null && options.switches) {
        for (const each of samplers)
          useBinning(each, binningOf(watched.captured, features, 'user', definition)!);
      }
      output.push(watched);
    });
  });
  const checks = output.flatMap((one) => one.checks);
  const emissions = output.flatMap((one) => one.emissions);
  return { checks, emissions, captured: output.flatMap((one) => one.captured ?? []), task };
}

const plain = run(1, { switches: true });

test('a watch captures its reference once the windows have filled, then finds the drift', () => {
  assert.equal(plain.captured.length, 1);
  // The windows of two days are wholly observed from day 2 on: days 2 to 5.
  assert.equal(plain.captured[0]?.fromMs, startMs + 2 * dayMs);
  assert.equal(plain.captured[0]?.toMs, startMs + 6 * dayMs);
  const verdicts = Array.from({ length: 14 }, (_, day) => {
    const own = plain.checks.filter((one) => one.periodStartMs === startMs + day * dayMs);
    return [...new Set(own.map((one) => one.verdict))].sort().join(' ');
  });
  assert.deepEqual(verdicts, [
    ...new Array(5).fill('no-reference'),
    '',
    // A figure needs five periods of the reference, which has four.
    ...new Array(4).fill('no-reference ok'),
    ...new Array(4).fill('drift no-reference ok'),
  ]);
  assert.deepEqual(
    plain.emissions.map((one) => [one.kind, one.timeMs]),
    [
      ['alert', startMs + 12 * dayMs],
      ['retraining', startMs + 12 * dayMs],
    ],
  );
});

test('partitions, and whether samplers count or the watch does, change nothing', () => {
  const { task: _, ...expected } = plain;
  for (const partitions of [1, 4]) {
    for (const switches of [true, false]) {
      const { task: __, ...found } = run(partitions, { switches });
      assert.deepEqual(found, expected);
    }
  }
});

test('a restart on any day changes nothing', () => {
  const { task: _, ...expected } = plain;
  for (let restartDay = 0; restartDay < 14; restartDay++) {
    const { task: __, ...found } = run(2, { switches: true, restartDay });
    assert.deepEqual(found, expected, `day ${restartDay}`);
  }
});

test('a replaced model closes the episode and has the reference it came with', () => {
  const { task } = run(1, { switches: true });
  const emissions = replaceModel(task, '2', null, startMs + 14 * dayMs);
  assert.deepEqual(
    emissions.map((one) => [one.kind, one.episodeId]),
    [['alert', 'sim/1/1']],
  );
  assert.equal(task.reference, null);
  assert.equal(task.policy.modelVersion, '2');
});

test('the snapshot of another model is refused', () => {
  const snapshot = snapshotWatch(plain.task);
  const options = { ...plain.task.options, definition: monitor({ name: 'sim', model: 'other' }) };
  assert.throws(() => restoreWatch(options, snapshot), {
    code: 'definition-changed',
    message: /expected to be of model other; found ranker; .*--reset/,
  });
});
