import { createRedis, type Redis, type RedisPlace } from '../../../src/sinks/redis/client.js';
import { createLog } from '../../../src/telemetry/log.js';

/** A place with a prefix of its own; more than one address is a Cluster. */
export function place(addresses: string, more: Partial<RedisPlace> = {}): RedisPlace {
  const nodes = addresses.split(',');
  const plain = { username: null, password: null, tls: null, database: 0 };
  const prefix = `redis-test-${Math.random().toString(36).slice(2)}:`;
  return { nodes, cluster: nodes.length > 1, ...plain, prefix, ...more };
}

/** Connected; what it logs goes to `lines`. */
export async function connect(at: RedisPlace, lines: string[] = []): Promise<Redis> {
  const redis = createRedis(at, createLog({ level: 'debug', write: (line) => lines.push(line) }));
  try {
    await redis.connected(3_000);
  } catch (error) {
    redis.close();
    throw error;
  }
  return redis;
}

/** Deletes what a test has left in a server that is shared. */
export async function deleteKeys(redis: Redis): Promise<void> {
  for (const node of redis.nodes()) {
    const keys = (await redis.callNode(node, 'KEYS', [`${redis.place.prefix}*`])) as string[];
    for (const key of keys) await redis.callKey('DEL', [key]);
  }
}

/** Waits until `holds` does, looking every few milliseconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
