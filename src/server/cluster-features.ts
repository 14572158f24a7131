import { WeirError } from '../errors.js';
import { partitionOf } from '../operators/stage.js';
import type { Latest } from '../records/vector.js';
import type { Redis } from '../sinks/redis/client.js';
import { readLatest } from '../sinks/redis/read.js';
import type { Cluster } from '../streams/cluster/cluster.js';
import { FeatureLogTask } from '../streams/cluster/feature-log-task.js';
import type { HeldTask } from '../streams/cluster/held-task.js';
import { latestOf } from '../streams/latest.js';
import type { Found } from './engine-view.js';

/** A feature task that is loaded here. */
export interface HeldFeatures {
  readonly held: HeldTask;
  readonly task: FeatureLogTask;
}

/** The feature tasks that this process holds and has loaded. */
export function featuresHeld(cluster: Cluster): HeldFeatures[] {
  return cluster.runtimes.flatMap(({ tasks }) =>
    tasks.flatMap((held) =>
      held.task instanceof FeatureLogTask && held.loaded && !held.lost
        ? [{ held, task: held.task }]
        : [],
    ),
  );
}

/**
 * A key's latest vector: from the task's state where its partition is here, evaluated now; else as
 * it stands in Redis.
 * @param redis null where there is none
 */
export async function findFeature(
  cluster: Cluster,
  redis: Redis | null,
  view: string,
  key: string,
): Promise<Found> {
  const own = ownFeature(cluster, view, key);
  if (own !== undefined) return { kind: 'found', latest: own, stale: false };
  const { pipeline } = cluster.settings;
  const shape = pipeline.views.find((one) => one.name === view)?.shape;
  if (shape === undefined) return { kind: 'none' };
  if (redis === null) {
    if (isHere(cluster, view, key)) return { kind: 'none' };
    return { kind: 'unavailable', why: elsewhere };
  }
  try {
    const latest = await readLatest(redis, pipeline.name, shape, key);
    if (latest === undefined) return { kind: 'none' };
    const { validUntilMs, definition } = latest;
    const past = validUntilMs !== null && validUntilMs <= Date.now();
    return { kind: 'found', latest, stale: past || definition !== shape.hash };
  } catch (error) {
    if (!(error instanceof WeirError)) throw error;
    return { kind: 'unavailable', why: `Redis cannot be asked now: ${error.message}` };
  }
}

const elsewhere =
  'another process holds this key and there is no Redis to read it from; set redis.nodes, or ask the process that holds its partition';

function ownFeature(cluster: Cluster, view: string, key: string): Latest | undefined {
  for (const { held, task } of featuresOf(cluster, view, key)) {
    const { task: features, epoch } = task.settings;
    const state = features.views.find((one) => one.definition.name === view)!;
    const k = state.keys.find(key);
    if (k === 0) continue;
    // While the source or the log is behind, now is where the task stands.
    const live = task.watermarks.caughtUp && held.next >= held.end && held.waiting === '';
    return latestOf(features, state, k, live ? Date.now() : features.watermarkMs, epoch);
  }
  return undefined;
}

function isHere(cluster: Cluster, view: string, key: string): boolean {
  return featuresOf(cluster, view, key).length > 0;
}

function featuresOf(cluster: Cluster, view: string, key: string): HeldFeatures[] {
  const partition = partitionOf(key, cluster.settings.partitions);
  return featuresHeld(cluster).filter(
    ({ held, task }) =>
      held.partition === partition &&
      task.settings.task.views.some(({ definition }) => definition.name === view),
  );
}
