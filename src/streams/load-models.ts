import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WeirError } from '../errors.js';
import { type LoadedModel, loadModel } from '../models/load-model.js';
import type { MonitorDefinition } from '../monitors/definition.js';
import type { Reference } from '../monitors/reference.js';
import { readReference } from '../monitors/reference-file.js';
import type { Pipeline } from './pipeline.js';

export interface LoadedModels {
  readonly models: ReadonlyMap<string, LoadedModel>;
  /** By monitor: the reference that its model came with. */
  readonly references: ReadonlyMap<string, Reference>;
}

export const noModels: LoadedModels = { models: new Map(), references: new Map() };

/**
 * Loads a pipeline's models with the references they were released with: each must be of its
 * monitor, of the model's version and of the monitor's period.
 * @throws WeirError model-invalid, reference-invalid, no-reference
 */
export async function loadModels(
  pipeline: Pipeline,
  which: 'with references' | 'without references' = 'with references',
): Promise<LoadedModels> {
  const models = new Map<string, LoadedModel>();
  for (const model of pipeline.models) models.set(model.name, await loadModel(model));
  const references = new Map<string, Reference>();
  for (const monitor of which === 'with references' ? pipeline.monitors : []) {
    const loaded = models.get(monitor.model);
    const file = loaded?.manifest.reference ?? null;
    if (loaded === undefined || file === null) continue;
    const { manifest } = loaded.definition;
    const beside = dirname(manifest instanceof URL ? fileURLToPath(manifest) : manifest);
    const path = join(beside, file);
    const reference = readReference(path);
    checkReference(path, reference, monitor, loaded.manifest.version);
    references.set(monitor.name, reference);
  }
  return { models, references };
}

function checkReference(
  path: string,
  reference: Reference,
  { name, model, periodMs }: MonitorDefinition,
  version: string,
): void {
  const whose = (monitor: string, of: string, modelVersion: string, ms: number): string =>
    `monitor ${monitor}, model ${of} version ${modelVersion}, periods of ${ms / 3_600_000} h`;
  const expected = whose(name, model, version, periodMs);
  const { monitor, modelVersion } = reference;
  const found = whose(monitor, reference.model, modelVersion, reference.periodMs);
  if (expected === found) return;
  throw new WeirError(
    'reference-invalid',
    `${path}: expected a reference of ${expected}; found one of ${found}; capture it again with 'weir reference capture', or name another file in the model's manifest`,
    { place: { path } },
  );
}
