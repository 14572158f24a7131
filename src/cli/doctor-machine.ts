import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../config/config.js';
import { WeirError } from '../errors.js';
import { ModelRegistry } from '../models/model-registry.js';
import type { KeptModel } from '../streams/graph.js';
import { versionsInUse } from '../streams/live/versions-in-use.js';
import { type LoadedModels, loadModels } from '../streams/load-models.js';
import type { Pipeline } from '../streams/pipeline.js';
import { openDataDirectory } from '../streams/storage/data-directory.js';
import { bytesText, type Examination, messageOf } from './doctor-part.js';

const nodeLeast = [20, 19] as const;

export function examineNode(e: Examination, version = process.versions.node): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > nodeLeast[0] || (major === nodeLeast[0] && minor >= nodeLeast[1]);
  if (enough) e.ok(`Node ${version}`);
  else e.fail(`Node ${version}`, `install Node ${nodeLeast.join('.')} or newer`);
}

/** Whether it can be written, what space there is, who works in it. */
export function examineDirectory({ data, logs, kafka }: Config, e: Examination): void {
  const path = resolve(data);
  if (kafka !== null) {
    e.ok('not used: logs and snapshots are in Kafka');
    return;
  }
  let there = path;
  while (!existsSync(there)) there = dirname(there);
  try {
    accessSync(there, constants.W_OK);
  } catch (error) {
    e.fail(`${there} cannot be written: ${messageOf(error)}`, 'mend its rights, or set data');
    return;
  }
  const { bavail, bsize } = statfsSync(there);
  const free = bavail * bsize;
  const told = `${path}${there === path ? '' : ' will be made'}, ${bytesText(free)} free`;
  if (free < 1e9) e.fail(told, 'free space, or set data to another disk');
  else if (free < logs.keepBytes) {
    e.warn(
      `${told}, less than the logs may take (${bytesText(logs.keepBytes)})`,
      'lower logs.keep_bytes, or free space',
    );
  } else e.ok(told);
  if (there === path && existsSync(join(path, 'weir.json'))) tellLock(path, e);
}

function tellLock(path: string, e: Examination): void {
  try {
    openDataDirectory(path).close();
  } catch (error) {
    if (!(error instanceof WeirError)) throw error;
    if (error.code === 'data-dir-locked') {
      e.warn(error.message, 'fine where that is the engine; else stop it before another starts');
    } else e.fail(error.message, 'as it says');
  }
}

/** Whether models load, ONNX Runtime with them, and monitors have references. */
export async function examineModels(
  pipeline: Pipeline,
  { kafka, monitors, data, partitions }: Config,
  e: Examination,
): Promise<void> {
  e.ok(`pipeline ${pipeline.name}: ${pipeline.views.length} views`);
  if (pipeline.models.length === 0) return;
  e.asks('to load the models');
  const { models, references } = await loadModels(pipeline);
  const hint = kafka === null ? '' : '; weir reference used asks which version is in use';
  for (const [name, { manifest }] of models)
    e.ok(`model ${name} version ${manifest.version} loads${hint}`);
  if (kafka === null) {
    await examineInUse(models, versionsInUse(resolve(data), pipeline, partitions), e);
  }
  const without = pipeline.monitors.filter(({ name }) => !references.has(name));
  for (const { name } of without) {
    const found = `monitor ${name} has no reference, so no drift is seen`;
    const remedy = `weir reference capture --monitor ${name}, named in the model's manifest`;
    if (kafka === null && monitors.capturePeriods !== null) e.ok(`monitor ${name} captures one`);
    else e.warn(found, remedy);
  }
  for (const { name } of pipeline.monitors) if (references.has(name)) e.ok(`reference of ${name}`);
}

/** Versions that took the place of the manifests': the engine does not start without them. */
async function examineInUse(
  models: LoadedModels['models'],
  kept: readonly KeptModel[],
  e: Examination,
): Promise<void> {
  const registry = new ModelRegistry(models.values());
  for (const { model, configured, version, sha256 } of kept) {
    const loaded = models.get(model);
    const { version: said } = loaded?.manifest ?? {};
    if (loaded === undefined || said !== configured || version === said) continue;
    const found = `model ${model} version ${version} is in use, in the place of ${said}`;
    try {
      await registry.open(loaded.definition, version, sha256);
      e.ok(`${found}, and loads`);
    } catch (error) {
      if (!(error instanceof WeirError)) throw error;
      e.fail(`${found}: ${error.message}`, 'put it back, or start with --reset');
    }
  }
}
