import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WeirError } from '../errors.js';
import { type LoadedModel, loadModel } from '../models/load-model.js';
import type { MonitorDefinition } from '../monitors/definition.js';
import type { Reference } from '../monitors/reference.js';
import { readReference } from '../monitors/reference-file.js';
import { whyUnfit } from '../monitors/reference-fit.js';
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
  monitor: MonitorDefinition,
  version: string,
): void {
  const reason = whyUnfit(reference, monitor, version);
  if (reason === null) return;
  throw new WeirError(
    'reference-invalid',
    `${path}: ${reason}; capture it again with 'weir reference capture', or name another file in the model's manifest`,
    { place: { path } },
  );
}
