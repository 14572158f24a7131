import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ModelRegistry } from '../../src/models/model-registry.js';
import { ranker } from '../../src/pipelines/places-ranker.js';

const models = fileURLToPath(new URL('../../../models/', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'weir-registry-'));
after(() => rmSync(directory, { recursive: true }));

const manifest = JSON.parse(readFileSync(join(models, 'places-ranker.json'), 'utf8'));
const definition = { ...ranker, manifest: join(directory, 'ranker.json') };
const put = (file: string, version: string): void => {
  writeFileSync(join(directory, file), JSON.stringify({ ...manifest, version }));
};
copyFileSync(join(models, manifest.file), join(directory, manifest.file));
writeFileSync(join(directory, 'notes.json'), 'no JSON');
put('ranker.json', '1');

test('a version is found by what its manifest says, when it is put there', async () => {
  const registry = new ModelRegistry();
  await assert.rejects(registry.open(definition, '2', null), {
    code: 'model-invalid',
    message: /expected a manifest of version 2 of model places-ranker; found versions 1; put /,
  });
  put('whatever.json', '2');
  const second = await registry.open(definition, '2', manifest.sha256);
  assert.equal(second.manifest.version, '2');
  assert.equal(await registry.open(definition, '2', null), second);
});

test('another file than the one that was said is refused', async () => {
  const wanted = 'f'.repeat(64);
  await assert.rejects(new ModelRegistry().open(definition, '1', wanted), {
    code: 'model-invalid',
    message: new RegExp(`expected version 1 with SHA-256 ${wanted} .*; found ${manifest.sha256};`),
  });
});

test('of many versions two are held, so that retraining for years takes no more memory', async () => {
  const registry = new ModelRegistry();
  put('third.json', '3');
  const [first, second] = [
    await registry.open(definition, '1', null),
    await registry.open(definition, '2', null),
  ];
  assert.equal(await registry.open(definition, '1', null), first);
  await registry.open(definition, '3', null);
  assert.equal(await registry.open(definition, '1', null), first);
  assert.notEqual(await registry.open(definition, '2', null), second);
});
