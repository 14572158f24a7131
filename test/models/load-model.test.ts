import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { WeirError } from '../../src/errors.js';
import { loadModel } from '../../src/models/load-model.js';
import { ranker } from '../../src/pipelines/places-ranker.js';
import { sampleModel } from './sample-model.js';

const models = fileURLToPath(new URL('../../../models', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'weir-models-'));
after(() => rmSync(dir, { recursive: true }));

type Json = Record<string, unknown>;

/** The committed manifest with a change, beside a copy of the committed model. */
function changed(change: (manifest: Json) => void): typeof ranker {
  cpSync(join(models, 'places-ranker.onnx'), join(dir, 'places-ranker.onnx'));
  const manifest: Json = JSON.parse(readFileSync(join(models, 'places-ranker.json'), 'utf8'));
  change(manifest);
  const path = join(dir, 'places-ranker.json');
  writeFileSync(path, JSON.stringify(manifest));
  return { ...ranker, manifest: path };
}

async function refusal(definition: typeof ranker): Promise<string> {
  const error: WeirError = await loadModel(definition).then(
    () => assert.fail('expected a refusal'),
    (reason) => reason,
  );
  assert.equal(error.code, 'model-invalid');
  assert.match(error.message, /; (train the model again|restore the file or train)/);
  return error.message
    .slice(error.message.indexOf(': ') + 2)
    .split('; ')
    .slice(0, 2)
    .join('; ');
}

test('the committed model belongs to the committed definition', async () => {
  const { manifest, session } = await loadModel(ranker);
  assert.equal(session.inputCount, ranker.inputs.length);
  assert.deepEqual(
    manifest.inputs,
    ranker.inputs.map((input) => input.name),
  );
  await session.close();
});

test('another order of inputs is refused, naming the first that differs', async () => {
  const definition = changed((manifest) => {
    const inputs = manifest.inputs as string[];
    [inputs[3], inputs[4]] = [inputs[4]!, inputs[3]!];
  });
  assert.equal(
    await refusal(definition),
    `expected the ${ranker.inputs.length} inputs of model places-ranker in their order; found user_clicks_24h in place 4 where the definition has user_views_24h`,
  );
});

test('a missing and an additional input are refused', async () => {
  const less = changed((manifest) => (manifest.inputs as string[]).pop());
  assert.match(
    await refusal(less),
    /found nothing in place \d+ where the definition has is_click$/,
  );
  const more = changed((manifest) => (manifest.inputs as string[]).push('moon'));
  assert.match(await refusal(more), /the first too many being moon$/);
});

test('a view that has changed is refused, naming both hashes', async () => {
  const definition = changed((manifest) => {
    (manifest.views as Json).place = '0123456789abcdef';
  });
  assert.equal(
    await refusal(definition),
    `expected view place with hash ${ranker.second.shape.hash}, as model places-ranker is declared; found 0123456789abcdef`,
  );
});

test('an expression that has changed is refused', async () => {
  const definition = { ...changed(() => {}), hash: '0123456789abcdef' };
  assert.equal(
    await refusal(definition),
    `expected inputs of model places-ranker with hash 0123456789abcdef; found ${ranker.hash}: an expression has changed`,
  );
});

test('the manifest of another model is refused', async () => {
  const { manifest } = changed(() => {});
  const found = await refusal(sampleModel(manifest) as typeof ranker);
  assert.equal(found, 'expected the model sample; found places-ranker');
});

test('a file that is not the one the manifest names is refused', async () => {
  const definition = changed(() => {});
  const path = join(dir, 'places-ranker.onnx');
  const bytes = readFileSync(path);
  bytes[bytes.length - 1] = bytes[bytes.length - 1]! ^ 1;
  writeFileSync(path, bytes);
  assert.match(await refusal(definition), /^expected the file with SHA-256 [0-9a-f]{64} that/);
});

test('a missing manifest, a missing file and a malformed manifest are refused', async () => {
  const missing = { ...ranker, manifest: join(dir, 'nowhere.json') };
  assert.match(await refusal(missing), /^expected a model's manifest in JSON; found ENOENT/);
  const gone = changed((manifest) => (manifest.file = 'gone.onnx'));
  assert.match(await refusal(gone), /^expected an ONNX file; found ENOENT/);
  const malformed = changed((manifest) => (manifest.versoin = '2'));
  assert.match(await refusal(malformed), /^expected a weir-model manifest of version 1; found /);
});
