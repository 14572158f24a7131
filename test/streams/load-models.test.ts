import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { monitor } from '../../src/monitors/definition.js';
import { place, user } from '../../src/pipelines/places.js';
import { placesDrift } from '../../src/pipelines/places-drift.js';
import { ranker } from '../../src/pipelines/places-ranker.js';
import { loadModels } from '../../src/streams/load-models.js';
import { pipeline } from '../../src/streams/pipeline.js';

const models = fileURLToPath(new URL('.', ranker.manifest));
const directory = mkdtempSync(join(tmpdir(), 'weir-models-'));
after(() => rmSync(directory, { recursive: true }));
copyFileSync(join(models, 'places-ranker.onnx'), join(directory, 'places-ranker.onnx'));

/** The ranker with its manifest changed. */
function rankerWith(name: string, change: Readonly<Record<string, unknown>>) {
  const manifest = JSON.parse(readFileSync(join(models, 'places-ranker.json'), 'utf8'));
  const path = join(directory, `${name}.json`);
  writeFileSync(path, JSON.stringify({ ...manifest, ...change }));
  return { ...ranker, manifest: pathToFileURL(path) };
}

const placesOf = (model = ranker, drift = placesDrift) =>
  pipeline({ name: 'places', views: [user, place], models: [model], monitors: [drift] });
const referencePath = (name: string) => join(directory, name);

test('a model brings the reference its manifest names, to the monitor of the model', async () => {
  const { models, references } = await loadModels(placesOf());
  assert.equal(models.get('places-ranker')?.manifest.version, '1');
  assert.equal(references.get('places-drift')?.model, 'places-ranker');
  const without = await loadModels(placesOf(), 'without references');
  assert.deepEqual([without.models.size, without.references.size], [1, 0]);
});

test('a model without a reference leaves its monitor without one', async () => {
  const { references } = await loadModels(placesOf(rankerWith('none', { reference: null })));
  assert.equal(references.size, 0);
});

test('a manifest that names a file which is not there is told so, with the command', async () => {
  const model = rankerWith('lost', { reference: 'lost.reference.json' });
  await assert.rejects(loadModels(placesOf(model)), {
    code: 'no-reference',
    message: `${referencePath('lost.reference.json')}: expected a reference; found no file; make one with 'weir reference capture'`,
  });
});

const refusal = (path: string, expected: string, found: string) =>
  `${path}: expected a reference of ${expected}; found one of ${found}; capture it again with 'weir reference capture', or name another file in the model's manifest`;

test("another monitor's reference is refused, and one of another period", async () => {
  const other = monitor({ name: 'other-drift', model: 'places-ranker', period: '12h' });
  await assert.rejects(loadModels(placesOf(ranker, other)), {
    code: 'reference-invalid',
    message: refusal(
      join(models, 'places-ranker.reference.json'),
      'monitor other-drift, model places-ranker version 1, periods of 12 h',
      'monitor places-drift, model places-ranker version 1, periods of 24 h',
    ),
  });
});

test('a model that was trained again does not keep the reference of before', async () => {
  const name = 'places-ranker.reference.json';
  copyFileSync(join(models, name), referencePath(name));
  await assert.rejects(loadModels(placesOf(rankerWith('next', { version: '2' }))), {
    code: 'reference-invalid',
    message: refusal(
      referencePath(name),
      'monitor places-drift, model places-ranker version 2, periods of 24 h',
      'monitor places-drift, model places-ranker version 1, periods of 24 h',
    ),
  });
});
