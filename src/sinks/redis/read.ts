import { WeirError } from '../../errors.js';
import type { ViewShape } from '../../features/shape.js';
import type { Redis } from './client.js';
import { hashFields, parseLatest, redisKeys, type StoredLatest } from './layout.js';

/**
 * Reads an entity's vector as it is stored; undefined where there is none. Whether it is past its
 * `validUntilMs`, or of another definition than the view's, is for the caller to judge.
 * @throws WeirError redis-failed
 */
export async function readLatest(
  redis: Redis,
  pipeline: string,
  view: ViewShape,
  key: string | number,
): Promise<StoredLatest | undefined> {
  const redisKey = redisKeys(redis.place.prefix, pipeline, view)(key);
  const fields = await redis.callKey('HMGET', [redisKey, ...hashFields]);
  try {
    // One text or null per field, as HMGET answers.
    return parseLatest(view, fields as (string | null)[]);
  } catch (cause) {
    const message = `the Redis key ${redisKey} holds something that Weir has not written; delete it, or choose another redis.prefix`;
    throw new WeirError('redis-failed', message, { cause });
  }
}

/**
 * Reads many vectors, all at once: the caller bounds how many.
 * @returns one per key, in their order
 * @throws WeirError redis-failed
 */
export function readLatestOf(
  redis: Redis,
  pipeline: string,
  view: ViewShape,
  keys: readonly (string | number)[],
): Promise<(StoredLatest | undefined)[]> {
  return Promise.all(keys.map((key) => readLatest(redis, pipeline, view, key)));
}
