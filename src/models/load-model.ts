import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WeirError } from '../errors.js';
import type { ModelDefinition } from './definition.js';
import { checkManifest, type Manifest, readManifest } from './manifest.js';
import { OnnxSession } from './onnx-session.js';

/** A model that is ready to score. */
export interface LoadedModel {
  readonly definition: ModelDefinition;
  readonly manifest: Manifest;
  readonly session: OnnxSession;
}

/**
 * Reads a model's manifest and ONNX file and checks both against the definition.
 * @throws WeirError model-invalid, naming what was expected and what was found
 */
export async function loadModel(definition: ModelDefinition): Promise<LoadedModel> {
  const { manifest: place } = definition;
  const manifest = readManifest(place);
  checkManifest(definition, manifest);
  const path = join(dirname(place instanceof URL ? fileURLToPath(place) : place), manifest.file);
  const bytes = readModel(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== manifest.sha256) {
    refuse(path, `the file with SHA-256 ${manifest.sha256} that its manifest names`, sha256);
  }
  const session = await OnnxSession.open(bytes, path);
  if (session.inputCount !== definition.inputs.length) {
    await session.close();
    refuse(path, `${definition.inputs.length} inputs`, String(session.inputCount));
  }
  return { definition, manifest, session };
}

function readModel(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    refuse(path, 'an ONNX file', (cause as Error).message, cause); // what fs throws
  }
}

function refuse(path: string, expected: string, found: string, cause?: unknown): never {
  throw new WeirError(
    'model-invalid',
    `${path}: expected ${expected}; found ${found}; restore the file or train the model again (models/train/README.md)`,
    { cause, place: { path } },
  );
}
