import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WeirError } from '../errors.js';
import type { ModelDefinition } from '../models/definition.js';
import type { LoadedModel } from '../models/load-model.js';
import type { ModelRegistry } from '../models/model-registry.js';
import type { Command } from '../monitors/command.js';
import type { Reference } from '../monitors/reference.js';
import { readReference, referenceText } from '../monitors/reference-file.js';
import { type ReferenceUse, whyUnfit } from '../monitors/reference-fit.js';

/** A version that is to take the place of the one in use. */
export interface Swap {
  readonly model: ModelDefinition;
  readonly version: string;
  readonly who: string;
  readonly atMs: number;
}

/**
 * What is said to a model's monitors so that another version scores, with its own reference: one
 * command each, whole, so that a replay needs nothing but the model's own file. None where the
 * version is in use.
 * @throws WeirError model-invalid, reference-invalid, no-reference where the version is not ready
 */
export async function swapCommands(
  { model, version, who, atMs }: Swap,
  registry: ModelRegistry,
  uses: readonly ReferenceUse[],
): Promise<readonly Command[]> {
  const loaded = await registry.open(model, version, null);
  const reference = referenceOf(loaded);
  const { sha256, importance = null } = loaded.manifest;
  return uses
    .filter((use) => use.definition.model === model.name && use.modelVersion !== version)
    .map((use): Command => {
      const { name: monitor } = use.definition;
      const why = reference === null ? null : whyUnfit(reference, use.definition, version);
      if (use.reference !== null && (reference === null || why !== null)) {
        refuse(loaded, monitor, why);
      }
      const text = reference === null || why !== null ? null : referenceText(reference);
      const said = { monitor, version, sha256, importance, who, atMs };
      return { kind: 'use-model', replaces: use.modelVersion, reference: text, ...said };
    });
}

function referenceOf({ definition, manifest }: LoadedModel): Reference | null {
  if (manifest.reference === null) return null;
  const place = definition.manifest;
  const beside = dirname(place instanceof URL ? fileURLToPath(place) : place);
  return readReference(join(beside, manifest.reference));
}

function refuse({ manifest }: LoadedModel, monitor: string, why: string | null): never {
  const found = why ?? 'none in its manifest';
  throw new WeirError(
    'no-reference',
    `version ${manifest.version} of ${manifest.name}: expected a reference of monitor ${monitor}; found ${found}; capture one with 'weir reference capture' and name it in the manifest`,
  );
}
