import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayOf } from '../../src/generate/day-of.js';
import { dayMs } from '../../src/generate/options.js';
import { createWorld } from '../../src/generate/world.js';
import { monitor } from '../../src/monitors/definition.js';
import { place, user } from '../../src/pipelines/places.js';
import { ranker } from '../../src/pipelines/places-ranker.js';
import { noModels } from '../../src/streams/load-models.js';
import { pipeline } from '../../src/streams/pipeline.js';
import { closeDays, createWorldRun, runDays } from '../proof/world-run.js';

const world = createWorld({ seed: 6, users: 30, places: 30, disorder: 0, late: 0, broken: 0 });
const days = 5;
const watched = monitor({ name: 'watched', model: ranker.name });
const shop = pipeline({
  name: 'shop',
  views: [user, place],
  models: [ranker],
  monitors: [watched],
});

test('all scores whose labels are known count for the policy, whatever the partitions', async () => {
  const records = Array.from({ length: days }, (_, day) => [...dayOf(world, day)]).flat();
  const known = records.filter(({ topic, line }) => {
    if (topic !== 'interactions') return false;
    const { event_type: what, timestamp } = JSON.parse(line.toString());
    const matureMs = Date.parse(timestamp) + dayMs;
    return (what === 'view' || what === 'click') && matureMs < world.options.startMs + days * dayMs;
  }).length;
  for (const partitions of [1, 3]) {
    const run = createWorldRun({ pipeline: shop, loaded: noModels, partitions });
    await runDays(run, world, 0, days);
    await closeDays(run, world, days);
    assert.equal(run.graph.monitors[0]?.policy.labelled, known);
  }
  assert.ok(known > 2 * world.options.users * (days - 1), `${known}: more than each user's first`);
});
