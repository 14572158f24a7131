import { join } from 'node:path';
import type { KeptModel } from '../graph.js';
import { definitionOf, type Pipeline } from '../pipeline.js';
import { newestMeta } from '../storage/snapshot.js';

/** The snapshots of a data directory. */
export function snapshotsOf(directory: string): string {
  return join(directory, 'snapshots');
}

/**
 * Versions of a pipeline's models that were in use when the engine of a data directory was
 * snapshotted last, whether it runs or not; none where there is no state of the definition.
 */
export function versionsInUse(
  directory: string,
  pipeline: Pipeline,
  partitions: number,
): readonly KeptModel[] {
  const meta = newestMeta(snapshotsOf(directory));
  if (meta?.definition !== definitionOf(pipeline, partitions)) return [];
  const { models = [] } = meta.extra as { readonly models?: readonly KeptModel[] }; // the engine's
  return models;
}
