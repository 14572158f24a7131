import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dayMs } from '../../src/generate/options.js';
import { createWorld } from '../../src/generate/world.js';
import { type MonitorOptions, monitor } from '../../src/monitors/definition.js';
import type { Reference } from '../../src/monitors/reference.js';
import type { Step } from '../../src/operators/step.js';
import { place, user } from '../../src/pipelines/places.js';
import { placesDrift } from '../../src/pipelines/places-drift.js';
import { ranker } from '../../src/pipelines/places-ranker.js';
import type { Clickhouse } from '../../src/sinks/clickhouse/client.js';
import { prepareTables } from '../../src/sinks/clickhouse/prepare-tables.js';
import { createClickhouseSink } from '../../src/sinks/clickhouse/sink.js';
import {
  type ClickhouseCapture,
  captureFromClickhouse,
} from '../../src/streams/capture-from-clickhouse.js';
import { loadModels } from '../../src/streams/load-models.js';
import { pipeline } from '../../src/streams/pipeline.js';
import { createWorldRun, runDays } from '../proof/world-run.js';
import { type Running, skip, withEmbedded } from '../sinks/clickhouse/with-embedded.js';

// Windows of 7 days are filled by day 8; days 8 and 9 are captured, day 10 closes the last.
const world = createWorld({ seed: 7, users: 40, places: 30, disorder: 0 });
const at = (day: number): number => world.options.startMs + day * dayMs;
const capturePeriods = 2;
const names = user.definition.shape.features.map(({ name }) => name);
const features = Object.fromEntries([
  ...Object.entries(placesDrift.features),
  ...names.filter((name) => name.endsWith('_30d')).map((name) => [`user.${name}`, 'off']),
  ...['price_difference', 'user_mean_price_30d'].map((name) => [name, 'off']),
  ['score', 'off'], // looks back as far as its inputs
]) as NonNullable<MonitorOptions['features']>; // fromEntries forgets the literal
const short = pipeline({
  name: 'short',
  views: [user, place],
  models: [ranker],
  monitors: [
    monitor({
      name: 'short',
      model: ranker.name,
      features,
      segments: ['device'],
      business: placesDrift.business,
    }),
  ],
});

let running: Running;
let clickhouse: Clickhouse;
let streamed: Reference;
let asked: ClickhouseCapture;

before(async () => {
  if (skip !== false) return;
  running = await withEmbedded();
  clickhouse = running.client('weir');
  const views = short.views.map(({ shape }) => shape);
  await prepareTables(clickhouse, views, short.topics);
  const sink = createClickhouseSink(clickhouse, { views, topics: short.topics });
  const written: Promise<void>[] = [];
  const onStep = (step: Step): void => {
    const blocks = step.outputs.flat().flatMap((output) => output.blocks);
    // Twice, as after a restart: FINAL and the epochs say what counts.
    for (const epoch of [0, 1]) written.push(...blocks.map((one) => sink.vectors(one, epoch)));
    const scores = step.scores.map(({ score }) => score);
    const again = scores.map((one) => ({ ...one, position: { ...one.position, epoch: 1 } }));
    written.push(sink.scores(scores), sink.scores(again));
  };
  const loaded = await loadModels(short, 'without references');
  const run = createWorldRun({ pipeline: short, loaded, capturePeriods, onStep });
  await runDays(run, world, 0, 11);
  await Promise.all(written);
  await sink.close();
  streamed = run.captured[0]!;
  asked = {
    clickhouse,
    pipeline: short,
    monitor: 'short',
    modelVersion: streamed.modelVersion,
    fromMs: at(8),
    toMs: at(8 + capturePeriods),
  };
});
after(() => running?.end());

test('the tables give the counts, bins and segments that the stream gave', { skip }, async () => {
  const captured = await captureFromClickhouse(asked);
  assert.deepEqual([streamed.fromMs, streamed.toMs], [captured.fromMs, captured.toMs]);
  assert.deepEqual(captured.features, streamed.features);
  const groups = captured.features.map(({ name }) => name.split('.').length);
  assert.deepEqual([...new Set(groups)].sort(), [1, 2]); // scores and views
  assert.ok(captured.features.some(({ bins }) => bins.kind === 'categorical'));
  const maps = (one: Reference) => one.covariates.map(({ group, count }) => [group, count]);
  assert.deepEqual(maps(captured), maps(streamed));
  const { createdFrom } = captured;
  assert.equal(
    createdFrom,
    `ClickHouse, ${new Date(at(8)).toISOString()} to ${new Date(at(10)).toISOString()}`,
  );
});

test('figures of events are not among it, others are the same', { skip }, async () => {
  const captured = await captureFromClickhouse(asked);
  const subjects = ({ figures }: Reference) =>
    [...new Set(figures.map(({ name }) => name.split('/')[0]))].sort();
  assert.deepEqual(subjects(streamed), ['business', 'covariates']);
  assert.deepEqual(subjects(captured), ['covariates']);
  for (const { name, n, values } of captured.figures) {
    const expected = streamed.figures.find((one) => one.name === name);
    assert.ok(expected !== undefined, name);
    assert.equal(n, expected.n, name);
    for (const [i, value] of values.entries()) {
      // Sums in another order.
      assert.ok(Math.abs(value - expected.values[i]!) <= 1e-9 * (1 + Math.abs(value)), name);
    }
  }
});

test('the same tables give the same reference', { skip }, async () => {
  const [first, second] = [await captureFromClickhouse(asked), await captureFromClickhouse(asked)];
  assert.equal(first.hash, second.hash);
});

test('a window that was not wholly observed is refused with the first time it is', {
  skip,
}, async () => {
  const early = captureFromClickhouse({ ...asked, fromMs: at(5) });
  await assert.rejects(early, {
    code: 'no-reference',
    message: new RegExp(
      `every window of short filled by ${new Date(at(5)).toISOString()}; .* give --from ${new Date(at(8)).toISOString()} or later`,
    ),
  });
});

test('a period that is not over is refused, and times that are no starts of periods', {
  skip,
}, async () => {
  await assert.rejects(captureFromClickhouse({ ...asked, toMs: at(11) }), {
    code: 'no-reference',
    message:
      /expected rows at or after .*, so that the last period is over; found .* as the latest/,
  });
  await assert.rejects(captureFromClickhouse({ ...asked, fromMs: at(8) + 1 }), {
    code: 'wrong-use',
    message: /--from: expected the start of a period of 24 h, such as /,
  });
  await assert.rejects(captureFromClickhouse({ ...asked, toMs: at(8) }), {
    code: 'wrong-use',
    message: /expected --from before --to/,
  });
});

test('tables without rows of this definition are refused with their place', { skip }, async () => {
  const other = running.client('empty');
  const views = short.views.map(({ shape }) => shape);
  await prepareTables(other, views, short.topics);
  await assert.rejects(captureFromClickhouse({ ...asked, clickhouse: other }), {
    code: 'no-reference',
    message: /expected rows of user in database empty at http.*; found none/,
  });
});
