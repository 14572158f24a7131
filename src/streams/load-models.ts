import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LoadedModel, loadModel } from '../models/load-model.js';
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
 * Loads a pipeline's models with the references they were released with.
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
    references.set(monitor.name, readReference(join(beside, file)));
  }
  return { models, references };
}
