import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { WeirError } from '../errors.js';
import type { ModelDefinition } from './definition.js';

const share = z.number().min(0).max(1);
const hash = z.string().regex(/^[0-9a-f]{16}$/);

const manifestSchema = z.strictObject({
  format: z.literal('weir-model'),
  format_version: z.literal(1),
  name: z.string().min(1),
  version: z.string().min(1),
  /** The ONNX file, beside the manifest. */
  file: z.string().regex(/^[\w.-]+$/),
  /** Of the ONNX file. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  inputs: z.array(z.string()).min(1),
  /** Hash of the definition's inputs. */
  inputs_hash: hash,
  /** Hash of each view by name. */
  views: z.record(z.string(), hash),
  training: z.strictObject({
    data: z.string(),
    seed: z.int(),
    from_day: z.int(),
    to_day: z.int(),
    rows: z.int(),
    positives: z.int(),
  }),
  /** On held-out days. */
  figures: z.strictObject({
    from_day: z.int(),
    to_day: z.int(),
    rows: z.int(),
    base_rate: share,
    mean_score: share,
    auc: share,
    log_loss: z.number().min(0),
    brier: share,
    /** Expected calibration error over 10 bins of equal width. */
    ece_10: share,
  }),
  /** How much each feature weighs in the score, named as the monitor names it; where known. */
  importance: z.record(z.string().min(1), z.number().min(0)).optional(),
  /** File of the drift reference, beside the manifest; null where none was captured. */
  reference: z.string().nullable(),
});

/** What the committed model says of itself, in `models/<name>.json`. */
export type Manifest = z.infer<typeof manifestSchema>;

function pathOf(place: string | URL): string {
  return place instanceof URL ? fileURLToPath(place) : place;
}

function refuse(path: string, expected: string, found: string, cause?: unknown): never {
  throw new WeirError(
    'model-invalid',
    `${path}: expected ${expected}; found ${found}; train the model again (models/train/README.md) or run without models`,
    { cause, place: { path } },
  );
}

/**
 * Reads a manifest.
 * @throws WeirError model-invalid
 */
export function readManifest(place: string | URL): Manifest {
  const path = pathOf(place);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    refuse(path, "a model's manifest in JSON", (cause as Error).message, cause); // of fs or JSON.parse
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  refuse(path, 'a weir-model manifest of version 1', `${issue?.path.join('.')}: ${issue?.message}`);
}

function firstDifference(expected: readonly string[], found: readonly string[]): string {
  const at = expected.findIndex((name, i) => name !== found[i]);
  if (at < 0) return `${found.length}, the first too many being ${found[expected.length]}`;
  return `${found[at] ?? 'nothing'} in place ${at + 1} where the definition has ${expected[at]}`;
}

/**
 * Checks that a manifest was made from this definition: name, inputs in order, hashes of the views.
 * @throws WeirError model-invalid, naming both sides
 */
export function checkManifest(definition: ModelDefinition, manifest: Manifest): void {
  const path = pathOf(definition.manifest);
  const { name, first, second } = definition;
  if (manifest.name !== name) refuse(path, `the model ${name}`, manifest.name);
  const inputs = definition.inputs.map((input) => input.name);
  if (inputs.length !== manifest.inputs.length || inputs.some((n, i) => n !== manifest.inputs[i])) {
    const difference = firstDifference(inputs, manifest.inputs);
    refuse(path, `the ${inputs.length} inputs of model ${name} in their order`, difference);
  }
  for (const view of [first, second]) {
    const found = manifest.views[view.name];
    if (found === view.shape.hash) continue;
    const expected = `view ${view.name} with hash ${view.shape.hash}, as model ${name} is declared`;
    refuse(path, expected, found ?? 'no such view');
  }
  if (manifest.inputs_hash !== definition.hash) {
    const expected = `inputs of model ${name} with hash ${definition.hash}`;
    refuse(path, expected, `${manifest.inputs_hash}: an expression has changed`);
  }
}
