import type { Config } from '../config/config.js';
import { createRedis } from '../sinks/redis/client.js';
import { defaultTtlMs } from '../sinks/redis/default-ttl.js';
import { createRedisSink, type RedisSink, type RedisSinkOptions } from '../sinks/redis/sink.js';
import type { Pipeline } from '../streams/pipeline.js';
import type { Log } from '../telemetry/log.js';
import type { Closing } from './closing.js';

/** Told of vectors that became readable and of calls that were answered. */
export type RedisMeters = Pick<RedisSinkOptions, 'onWritten' | 'onAnswered'>;

/** The configured Redis as a sink of latest vectors; null where there is none. */
export function openRedis(
  { redis }: Config,
  pipeline: Pipeline,
  closing: Closing,
  log: Log,
  meters: RedisMeters = {},
): RedisSink | null {
  if (redis === null) return null;
  const client = closing.add(createRedis(redis, log));
  const ttlMs = new Map(
    pipeline.views.map((view) => [view.name, redis.ttlMs[view.name] ?? defaultTtlMs(view)]),
  );
  const views = pipeline.views.map((view) => view.shape);
  const onRefused = (_: unknown, key: string, reason: string): void =>
    log.error('a vector could not be written to Redis and was left out', { key, reason });
  const options = { pipeline: pipeline.name, views, ttlMs, onRefused, ...meters };
  return closing.add(createRedisSink(client, options));
}
