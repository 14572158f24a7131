import { WeirError } from '../../errors.js';
import type { Redis } from './client.js';
import { loadLibrary } from './write-batch.js';

/**
 * Connects and makes sure that vectors can be written.
 * @returns the version of each node, such as `7.0.15`
 * @throws WeirError redis-failed with what to do
 */
export async function probeRedis(redis: Redis, msMax = 5_000): Promise<readonly string[]> {
  await redis.connected(msMax);
  const versions = await Promise.all(
    redis.nodes().map(async (node) => {
      const info = String(await redis.callNode(node, 'INFO', ['server']));
      const version = /^redis_version:(\S+)/m.exec(info)?.[1] ?? 'unknown';
      if (Number.parseInt(version, 10) >= 7) return version;
      const message = `Redis at ${node}: expected version 7 or newer, for functions; found ${version}; upgrade it`;
      throw new WeirError('redis-failed', message);
    }),
  );
  const failure = await loadLibrary(redis);
  if (failure === null) return versions;
  const remedy = 'the user needs FUNCTION LOAD and FCALL, and the node must take writes';
  throw new WeirError('redis-failed', `cannot load Weir's function: ${failure.message}; ${remedy}`);
}
