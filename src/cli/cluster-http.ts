import type { Config } from '../config/config.js';
import type { ClusterFeed } from '../server/cluster-feed.js';
import { watchCluster } from '../server/cluster-metrics.js';
import type { ClusterSinks } from '../server/cluster-sinks.js';
import { type ClusterParts, viewOfCluster } from '../server/running-cluster.js';
import { createServer } from '../server/server.js';
import type { Registry } from '../sinks/kafka/registry.js';
import { createRedis, type Redis } from '../sinks/redis/client.js';
import type { Cluster } from '../streams/cluster/cluster.js';
import type { Log } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';
import { watchProcess } from '../telemetry/process-metrics.js';
import { Closing } from './closing.js';

/** What is served beside the cluster itself. */
export interface Watched {
  readonly metrics: Metrics;
  readonly feed: ClusterFeed;
  readonly sinks: ClusterSinks;
  readonly registry: Registry | null;
}

const askEveryMs = 2_000;

/** Serves this process's share over HTTP; reads of Redis have a connection of their own. */
export async function serveClusterHttp(
  settings: Config,
  cluster: Cluster,
  { metrics, feed, sinks, registry }: Watched,
  log: Log,
): Promise<{ close(): Promise<void> }> {
  const closing = new Closing();
  if (!settings.server.enabled) return { close: async () => undefined };
  const redis = settings.redis === null ? null : closing.add(createRedis(settings.redis, log));
  const asked = askRedis(redis);
  closing.add(asked);
  const parts: ClusterParts = {
    role: settings.role,
    sinks,
    feed,
    redis,
    redisWhy: asked.why,
    registryWaitsFor: registry && (() => registry.waitingFor()),
  };
  closing.add({ close: watchProcess(metrics) });
  watchCluster(cluster, parts, metrics);
  const engine = viewOfCluster(cluster, parts);
  const opened = createServer({ ...settings.server, engine, metrics, log });
  opened.catch(() => closing.after(async () => undefined)); // nothing keeps the process then
  const server = closing.add(await opened);
  log.info(`open ${server.url} to watch; Ctrl-C drains and stops`);
  return { close: () => closing.after(async () => undefined) };
}

/** Asks Redis now and then whether it can be read. */
function askRedis(redis: Redis | null): { readonly why: () => string; close(): void } {
  if (redis === null) return { why: () => '', close: () => undefined };
  let why = 'it is being connected to';
  const ask = (): void => {
    // A key that is never there, so that only the way to it counts.
    redis.callKey('EXISTS', [`${redis.place.prefix}{weir}:asked`]).then(
      () => {
        why = '';
      },
      (error: Error) => {
        why = error.message;
      },
    );
  };
  const timer = setInterval(ask, askEveryMs).unref();
  return { why: () => why, close: () => clearInterval(timer) };
}
