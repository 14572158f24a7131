import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayMs } from '../../src/generate/options.js';
import { createWorld } from '../../src/generate/world.js';
import { featureReference } from '../../src/monitors/reference.js';
import { MonitorTask } from '../../src/operators/monitor-task.js';
import { builtInPipelines } from '../../src/pipelines/built-in.js';
import { placesDrift } from '../../src/pipelines/places-drift.js';
import { loadModels } from '../../src/streams/load-models.js';
import {
  closeDays,
  createWorldRun,
  resumeWorldRun,
  runDays,
  snapshotWorldRun,
} from '../proof/world-run.js';

const places = builtInPipelines.find((one) => one.name === 'places')!;
const [ranker] = places.models;

const watched = new MonitorTask(placesDrift, {
  views: places.views,
  model: ranker!,
  modelVersion: '1',
  reference: null,
  partitions: 1,
  capturePeriods: null,
}).features;

/** What is tested for drift. */
const namesOf = (group: string) =>
  watched
    .filter((feature) => feature.group === group && feature.kind !== 'carried')
    .map((feature) => feature.name);

test('of a score the pair, the event and what no view shows are watched, and no feature twice', () => {
  assert.deepEqual(namesOf('scores'), [
    'score',
    'distance_km',
    'price_difference',
    'user_mean_price_30d',
    'device_mobile',
    'device_desktop',
    'device_tablet',
    'is_click',
    'device',
    'category',
    'lat',
  ]);
  assert.deepEqual(
    watched.filter((feature) => feature.values === 'categorical').map((feature) => feature.name),
    ['place.category', 'device', 'category'],
  );
});

test('every feature of a window is watched in its view, and what drifts by nature is not', () => {
  assert.deepEqual(namesOf('place'), [
    'place.weekly_visits',
    'place.unique_visitors',
    'place.avg_rating',
    'place.clicks_24h',
    'place.clicks_7d',
    'place.views_24h',
    'place.views_7d',
    'place.category',
    'place.price_level',
    'place.listed_rating',
    'place.click_through_24h',
    'place.click_through_7d',
  ]);
  const users = namesOf('user');
  assert.equal(users.length, 26);
  const carried = watched.filter(({ kind }) => kind === 'carried').map(({ name }) => name);
  // For their expectations alone.
  assert.deepEqual(carried, ['user.avg_rating_given', 'user.last_activity']);
  for (const lifetime of ['total_interactions', 'active_days', 'home_lat', 'avg_rating_given']) {
    assert.ok(!users.includes(`user.${lifetime}`));
  }
  const days = watched.map((feature) => feature.windowMs / dayMs);
  assert.ok(Math.max(...days) > 30 && Math.max(...days) < 31);
});

test("the model's reference holds every watched feature over the window it has", async () => {
  const { references } = await loadModels(places);
  const reference = references.get('places-drift')!;
  assert.deepEqual(
    watched
      .filter((feature) => featureReference(reference, feature) === undefined)
      .map(({ name, kind }) => `${kind} ${name}`),
    ['carried user.last_activity'], // held against the clock, not against a reference
  );
});

// The short form of test/proof/drift.ts: a small world against a reference of its own.
test('a small world has no retraining event without drift, and one where prices drift', async () => {
  const loaded = await loadModels(places, 'without references');
  const settings = { pipeline: places, loaded, capturePeriods: 10 };
  const worldWith = (drifts: Parameters<typeof createWorld>[0]['drifts']) =>
    createWorld({ seed: 2, users: 420, places: 260, drifts: drifts ?? [] });
  const quiet = worldWith([]);
  const first = createWorldRun(settings);
  await runDays(first, quiet, 0, 42);
  const [reference] = first.captured;
  assert.deepEqual(
    [reference?.fromMs, reference?.toMs],
    [quiet.options.startMs + 31 * dayMs, quiet.options.startMs + 41 * dayMs],
  );
  const snapshot = snapshotWorldRun(first);
  const goOn = async (world: ReturnType<typeof createWorld>) => {
    const run = resumeWorldRun(settings, snapshot);
    await runDays(run, world, 42, 53);
    await closeDays(run, world, 53);
    return run;
  };
  const undrifted = await goOn(quiet);
  // The weekly schedule has its own.
  const byDrift = ({ emissions }: typeof undrifted) =>
    emissions.filter(({ episodeKind }) => episodeKind === 'drift');
  assert.deepEqual(byDrift(undrifted), []);
  const compared = undrifted.checks.filter((check) => check.effect !== null);
  assert.ok(compared.length >= 10 * watched.length);
  const drifting = compared.filter(({ verdict }) => verdict === 'drift');
  assert.deepEqual(drifting, []);
  const quality = compared.filter(
    ({ subject, segment }) => subject === 'quality' && segment === '',
  );
  assert.deepEqual([...new Set(quality.map(({ test }) => test))].sort(), [
    'between',
    'completeness',
    'date-range',
    'duplicates',
    'mean-between',
    'not-null',
    'recent',
    'row-count',
    'std-between',
    'volume',
  ]);
  assert.ok(undrifted.checks.some(({ feature }) => feature === 'satisfaction-floor'));
  const emissions = byDrift(await goOn(worldWith([{ name: 'prices', day: 42 }])));
  const told = emissions.map((one) => [
    one.kind === 'alert' ? one.phase : one.kind,
    (one.timeMs - quiet.options.startMs) / dayMs,
  ]);
  assert.deepEqual(told.slice(0, 2), [
    ['opened', 44],
    ['retraining', 44],
  ]);
  // 30-day means follow, within the same episode.
  assert.ok(told.slice(2).every(([what]) => what === 'worsened'));
  assert.equal(new Set(emissions.map(({ episodeId }) => episodeId)).size, 1);
  const [alert] = emissions;
  assert.ok(alert?.kind === 'alert' && alert.features.includes('place.price_level'));
});
