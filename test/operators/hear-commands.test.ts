import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WeirError } from '../../src/errors.js';
import { binningOf } from '../../src/monitors/binning.js';
import type { Check } from '../../src/monitors/check.js';
import { monitor } from '../../src/monitors/definition.js';
import { sealReference } from '../../src/monitors/reference.js';
import { referenceText } from '../../src/monitors/reference-file.js';
import { advance, createSampler, observe, useBinning } from '../../src/monitors/sampler.js';
import { restoreSampler, snapshotSampler } from '../../src/monitors/sampler-snapshot.js';
import { createWatch, watch } from '../../src/monitors/watch.js';
import { restoreWatch, snapshotWatch } from '../../src/monitors/watch-snapshot.js';
import { hearModel, optionsAfter } from '../../src/operators/hear-commands.js';
import { createDays, dayMs, simulatedFeatures, startMs } from '../monitors/simulation.js';
import { smallReference } from '../monitors/small-reference.js';
import { batchOf } from './frames.js';

const features = simulatedFeatures(2);
const definition = monitor({ name: 'sim', model: 'ranker', policy: { schedule: 'off' } });
const nextDay = createDays({ seed: 3, features: 2, entities: 300, loyalty: 0.5, shift: () => 0 });
const days = Array.from({ length: 6 }, (_, day) => nextDay(day));
const at = (day: number) => startMs + day * dayMs;
const options = {
  definition,
  features,
  modelVersion: '1',
  reference: null,
  sources: ['user', 'user'],
  capturePeriods: 2,
};
const sampling = { group: 'user', features, periodMs: dayMs, binning: null };
const binOf = (reference: Parameters<typeof binningOf>[0]) =>
  binningOf(reference, features, 'user', definition)!;

test('a model replaced in a period leaves it with the former bins, compared with nothing', () => {
  let task = createWatch(options);
  let samplers = options.sources.map(() => createSampler(sampling));
  const checks: Check[] = [];
  const take = (day: number, partition: number) => {
    for (const [entity, values] of days[day]!.entries()) {
      if (entity % 2 !== partition || values.length === 0) continue;
      observe(samplers[partition]!, entity, at(day) + entity, values);
    }
  };
  const close = (day: number) => {
    for (const [i, one] of samplers.entries()) {
      const { reference } = task;
      checks.push(...watch(task, i, advance(one, at(day + 1))).checks);
      if (task.reference === reference) continue;
      for (const each of samplers) useBinning(each, binOf(task.reference));
    }
  };
  for (const day of [0, 1, 2]) {
    for (const partition of [0, 1]) take(day, partition);
    close(day);
  }
  const first = task.reference!;
  const second = sealReference({ ...first, modelVersion: '2' });
  take(3, 0); // the other partition has not begun the day
  hearModel(task, { ...options, modelVersion: '2', reference: second }, () => at(4));
  const next = task.switches.map((one) => ({ ...one, binning: binOf(one.reference) }));
  for (const each of samplers) useBinning(each, binOf(task.reference), next);
  const kept = JSON.parse(JSON.stringify([snapshotWatch(task), samplers.map(snapshotSampler)]));
  task = restoreWatch({ ...options, modelVersion: '2', reference: second }, kept[0]);
  samplers = samplers.map((_, i) => {
    const one = { ...createSampler(sampling), binning: binOf(task.reference), next };
    restoreSampler(one, kept[1][i], [next[0]!.binning]);
    return one;
  });
  take(3, 1);
  close(3);
  for (const partition of [0, 1]) take(4, partition);
  close(4);
  const of = (day: number) =>
    checks.filter((one) => one.test === 'psi' && one.periodStartMs === at(day));
  const told = [2, 3, 4].map((day) => [
    ...new Set(of(day).map((one) => [one.verdict, one.modelVersion, one.referenceId].join(' '))),
  ]);
  const details = new Set(of(3).map((one) => one.detail));
  assert.deepEqual([...details], [`the period was counted against ${first.id}`]);
  assert.deepEqual(told, [
    [`ok 1 ${first.id}`],
    [`insufficient-data 2 ${second.id}`],
    [`ok 2 ${second.id}`],
  ]);
});

test('a replaced model whose reference does not fit any more goes on without one, and says so', () => {
  const unfit = { ...smallReference, monitor: 'another' };
  const said = {
    kind: 'use-model',
    monitor: 'sim',
    version: '2',
    replaces: '1',
    sha256: 'a'.repeat(64),
    reference: referenceText(sealReference(unfit)),
    importance: null,
    who: 'trainer',
    atMs: 0,
  };
  const told: WeirError[] = [];
  const after = optionsAfter(
    options,
    { ...batchOf([]), commands: [JSON.stringify(said)] },
    (error) => told.push(error),
  );
  assert.deepEqual([after.modelVersion, after.reference], ['2', null]);
  assert.deepEqual(
    told.map(({ code }) => code),
    ['reference-invalid'],
  );
  assert.match(told[0]!.message, /expected a reference of monitor sim.*found .*monitor another/);
});
