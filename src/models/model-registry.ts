import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WeirError } from '../errors.js';
import type { ModelDefinition } from './definition.js';
import { type LoadedModel, loadModel } from './load-model.js';

/** A manifest says little: what is larger is no manifest. */
const manifestBytesMax = 1_000_000;
/** Versions of a model that are held: the one in use, and the one before. */
const versionsMax = 2;

/** By version, the newest opened last. */
type Versions = Map<string, Promise<LoadedModel>>;

/**
 * The versions of models that lie beside their manifests, as `ranker.2.json` beside `ranker.json`:
 * found by what they say of themselves, whatever the files are called. Of each model the two that
 * were opened last are held, and loaded once.
 */
export class ModelRegistry {
  readonly #models = new Map<string, Versions>();

  /** @param loaded what runs already */
  constructor(loaded: Iterable<LoadedModel> = []) {
    for (const model of loaded) {
      this.#versionsOf(model.definition).set(model.manifest.version, Promise.resolve(model));
    }
  }

  /**
   * A version of a model, checked like the one that the process was started with.
   * @param sha256 of its ONNX file; null where any will do
   * @throws WeirError model-invalid where it does not lie there, or is not what was asked for
   */
  async open(
    definition: ModelDefinition,
    version: string,
    sha256: string | null,
  ): Promise<LoadedModel> {
    const versions = this.#versionsOf(definition);
    const opening = versions.get(version) ?? load(definition, version);
    versions.delete(version);
    versions.set(version, opening);
    const [oldest] = versions.keys();
    if (versions.size > versionsMax) versions.delete(oldest!);
    try {
      const model = await opening;
      if (sha256 === null || sha256 === model.manifest.sha256) return model;
      refuse(definition, `version ${version} with SHA-256 ${sha256}`, model.manifest.sha256);
    } catch (error) {
      versions.delete(version); // what is put in place later is found then
      throw error;
    }
  }

  #versionsOf({ name }: ModelDefinition): Versions {
    const known = this.#models.get(name) ?? new Map();
    this.#models.set(name, known);
    return known;
  }
}

async function load(definition: ModelDefinition, version: string): Promise<LoadedModel> {
  const directory = directoryOf(definition);
  const manifests = readdirSync(directory)
    .filter((file) => file.endsWith('.json') && !file.endsWith('.reference.json'))
    .sort()
    .map((file) => ({ path: join(directory, file), ...saidBy(join(directory, file)) }))
    .filter(({ name }) => name === definition.name);
  const found = manifests.find((one) => one.version === version);
  if (found === undefined) {
    const there = manifests.map((one) => one.version).join(', ') || 'none';
    refuse(definition, `a manifest of version ${version}`, `versions ${there}`);
  }
  return loadModel({ ...definition, manifest: found.path });
}

function directoryOf({ manifest }: ModelDefinition): string {
  return dirname(manifest instanceof URL ? fileURLToPath(manifest) : manifest);
}

/** Whose manifest a file says it is; nothing where it is none. */
function saidBy(path: string): { readonly name?: string; readonly version?: string } {
  try {
    if (statSync(path).size > manifestBytesMax) return {};
    const { format, name, version }: Record<string, unknown> = JSON.parse(
      readFileSync(path, 'utf8'),
    );
    if (format !== 'weir-model' || typeof name !== 'string' || typeof version !== 'string')
      return {};
    return { name, version };
  } catch {
    return {}; // no JSON, or gone: no manifest
  }
}

function refuse(definition: ModelDefinition, expected: string, found: string): never {
  const directory = directoryOf(definition);
  throw new WeirError(
    'model-invalid',
    `${directory}: expected ${expected} of model ${definition.name}; found ${found}; put its manifest and ONNX file there`,
    { place: { path: directory } },
  );
}
