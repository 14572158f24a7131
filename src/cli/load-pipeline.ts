import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';
import { WeirError } from '../errors.js';
import { builtInPipelines } from '../pipelines/built-in.js';
import type { Pipeline } from '../streams/pipeline.js';

/**
 * A built-in pipeline by name, or the one that a module (.ts or .js) exports as `default` or
 * `pipeline`.
 * @throws WeirError pipeline-not-found, definition-invalid
 */
export async function loadPipeline(name: string): Promise<Pipeline> {
  const builtIn = builtInPipelines.find((one) => one.name === name);
  if (builtIn !== undefined) return builtIn;
  const path = resolve(name);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    const known = builtInPipelines.map((one) => one.name).join(', ');
    throw new WeirError(
      'pipeline-not-found',
      `expected a built-in pipeline (${known}) or the path of a .ts or .js module; found '${name}', which is neither`,
    );
  }
  const found = await importModule(path);
  const candidate = found.default ?? found.pipeline;
  if (!isPipeline(candidate)) {
    throw new WeirError(
      'definition-invalid',
      `${path}: expected 'export default pipeline({ … })'; found ${exportsOf(found)}`,
      { place: { path } },
    );
  }
  return candidate;
}

function exportsOf(found: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(found);
  return names.length === 0 ? 'no export' : `no pipeline among the exports (${names.join(', ')})`;
}

async function importModule(path: string): Promise<Record<string, unknown>> {
  const weir = fileURLToPath(new URL('../index.js', import.meta.url));
  const jiti = createJiti(import.meta.url, { alias: { weir }, fsCache: false });
  try {
    return await jiti.import<Record<string, unknown>>(path);
  } catch (cause) {
    if (cause instanceof WeirError) throw cause;
    const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    // Of a syntax error the lines below the first show the source.
    const why = what.split('\n', 1)[0];
    const message = `${path} could not be loaded (${why}); mend the module and start again`;
    throw new WeirError('definition-invalid', message, { cause, place: { path } });
  }
}

function isPipeline(value: unknown): value is Pipeline {
  return (
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'pipeline'
  );
}
