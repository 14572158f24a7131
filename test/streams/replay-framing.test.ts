import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseInputs } from '../../src/cli/inputs.js';
import { loadPipeline } from '../../src/cli/load-pipeline.js';
import { key, number, oneOf, optional } from '../../src/features/fields.js';
import { source } from '../../src/features/source.js';
import { view } from '../../src/features/view.js';
import { wanted } from '../../src/features/view-state.js';
import { createWorld } from '../../src/generate/world.js';
import { writeWorld } from '../../src/generate/write-world.js';
import { monitor } from '../../src/monitors/definition.js';
import type { Reference } from '../../src/monitors/reference.js';
import { Graph } from '../../src/streams/graph.js';
import { loadModels, noModels } from '../../src/streams/load-models.js';
import { pipeline } from '../../src/streams/pipeline.js';
import { replay } from '../../src/streams/replay.js';
import { runFiles } from '../../src/streams/run-files.js';
import { differences, directoryContents } from '../kills/directory-contents.js';

const root = mkdtempSync(join(tmpdir(), 'weir-framing-'));
after(() => rmSync(root, { recursive: true }));

// Minutes as times make ties; twelve days fill the windows of a week, so that the monitor judges.
const world = createWorld({
  seed: 5,
  users: 300,
  places: 300,
  eventsPerDay: 400,
  partitions: 2,
  disorder: 0.2,
  late: 0.01,
  broken: 0.01,
  timeStepMs: 60_000,
});
const { files } = writeWorld(world, { days: 12 }, root, { gzip: false, onDay: () => {} });
const words = files.map(({ topic, name }) => `${topic}=${join(root, name)}`);
const nowMs = Date.parse('2026-01-01T00:00:00Z');
const settings = { latenessMs: 3_600_000, disorderMs: 60_000 };
const places = await loadPipeline('places');
const inputs = parseInputs(words, places);
const models = await loadModels(places);

async function outputsAt(name: string, batchRecords: number): Promise<ReadonlyMap<string, string>> {
  const out = join(root, name);
  const own = { nowMs, models, partitions: 4, batchRecords, reset: false };
  const told = { progress: () => {}, warn: () => {} };
  await replay({ pipeline: places, inputs, out, ...settings, ...own, ...told });
  return directoryContents(out);
}

test('a replay gives the same bytes twice and at any frame size, alerts included', async () => {
  const expected = await outputsAt('first', 512);
  for (const name of ['vectors', 'latest', 'scores', 'alerts', 'retraining-events', 'dead-letters'])
    assert.notEqual(readFileSync(join(root, 'first', `${name}.ndjson`)).length, 0, name);
  for (const size of [512, 1, 7, 4096]) {
    const found = await outputsAt(`size-${size}`, size);
    assert.deepEqual(differences(expected, found), [], `frame size ${size}`);
  }
});

// A pipeline of its own: the windows of places take thirty days to fill.
const visits = source('interactions', {
  key: 'user_id',
  time: 'timestamp',
  fields: {
    user_id: key(),
    event_type: oneOf('view', 'click', 'visit', 'rate'),
    rating: optional(number(1, 5)),
  },
});
const habits = view({
  name: 'habits',
  key: 'user_id',
  source: visits,
  features: (on) => ({
    events: on.count({ over: ['1h', '24h'] }),
    rating: on.mean('rating', { over: '24h' }),
  }),
});
const watched = pipeline({
  name: 'watched',
  views: [habits],
  monitors: [monitor({ name: 'habits-drift', period: '6h' })],
});

test('a monitor captures the same reference and judges alike at any frame size', async () => {
  const interactions = words.filter((word) => word.startsWith('interactions='));
  const ownInputs = parseInputs(interactions, watched);
  const at = async (batchRecords: number): Promise<string> => {
    const capture = { ...noModels, capturePeriods: 8 };
    const { latenessMs } = settings;
    const state = { epoch: 0, partitions: 4, latenessMs, wanted: wanted.before };
    const graph = new Graph(watched, { ...capture, ...state });
    const captured: Reference[] = [];
    const judged: unknown[] = [];
    const options = { nowMs, settings: { ...settings, batchRecords } };
    await runFiles(graph, ownInputs, options, (step) => {
      captured.push(...step.captured);
      judged.push(...step.checks, ...step.emissions);
    });
    assert.equal(captured.length, 1);
    assert.ok(judged.length > 20, `${judged.length} checks`);
    return JSON.stringify([captured, judged]);
  };
  const expected = await at(512);
  for (const size of [1, 7, 4096]) assert.ok((await at(size)) === expected, `frame size ${size}`);
});
