import type { Config } from '../config/config.js';
import { createRedis, type Redis } from '../sinks/redis/client.js';
import { functionName } from '../sinks/redis/library.js';
import { bytesText, type Examination, messageOf, reach, tellSkew } from './doctor-part.js';

type RedisConfig = NonNullable<Config['redis']>;

/** Reach, login, the cluster's state, functions, memory and what happens when it is full. */
export async function examineRedis(place: RedisConfig, e: Examination): Promise<void> {
  const outcomes = await Promise.all(place.nodes.map((node) => reach(node, e.msMax / 2)));
  const bad = place.nodes.flatMap((node, i) => (outcomes[i] ? [`${node}: ${outcomes[i]}`] : []));
  if (bad.length === place.nodes.length) {
    e.fail(bad.join('; '), 'start Redis, or mend redis.nodes');
    return;
  }
  if (bad.length > 0) e.warn(bad.join('; '), 'the other nodes are enough; mend redis.nodes');
  const redis = createRedis(place, e.log);
  e.opened(() => redis.close());
  e.asks('to log in', 'check redis.tls and redis.cluster against the server');
  if (!(await loggedIn(redis, place, e))) return;
  const nodes = redis.nodes();
  e.asks('for its state');
  const texts = await Promise.all(nodes.map((node) => infoOf(redis, node)));
  const [first] = texts;
  const version = first?.get('redis_version') ?? 'of unknown version';
  const mode = place.cluster ? `a cluster of ${nodes.length} masters` : 'one server';
  e.ok(`Redis ${version}, ${mode}, connected`);
  if (Number.parseInt(version, 10) < 7)
    e.fail(`Redis ${version} has no functions`, 'use Redis 7 or newer');
  modeOf(place, first, e);
  if (place.cluster) await clusterState(redis, nodes[0] ?? '', e);
  await functions(redis, nodes, e);
  for (const [index, node] of nodes.entries()) memory(node, texts[index] ?? new Map(), e);
  await clock(redis, nodes[0] ?? '', e);
}

async function loggedIn(redis: Redis, place: RedisConfig, e: Examination): Promise<boolean> {
  try {
    await redis.connected(e.msMax * 0.8);
    await redis.callNode(redis.nodes()[0] ?? '', 'PING', []);
    return true;
  } catch (error) {
    const causes = `${messageOf(error)} (${e.said()})`;
    const refused = /(WRONGPASS|NOAUTH|NOPERM)[^;)]*/.exec(causes)?.[0];
    const user = place.username ?? 'default';
    if (refused !== undefined) {
      e.fail(
        `it refuses user ${user}: ${refused}`,
        'mend redis.username and redis.password_file, or the rights of the user',
      );
    } else e.fail(causes, 'check redis.tls and redis.cluster against the server');
    return false;
  }
}

async function infoOf(redis: Redis, node: string): Promise<ReadonlyMap<string, string>> {
  const text = String(await redis.callNode(node, 'INFO', []));
  const lines = text.split('\r\n').filter((line) => line.includes(':'));
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
}

function modeOf(
  { cluster }: RedisConfig,
  info: ReadonlyMap<string, string> | undefined,
  e: Examination,
): void {
  if (cluster || info?.get('redis_mode') !== 'cluster') return;
  e.fail('it is a node of a cluster, asked as a single server', 'set redis.cluster to true');
}

async function clusterState(redis: Redis, node: string, e: Examination): Promise<void> {
  const text = String(await redis.callNode(node, 'CLUSTER', ['INFO']));
  const state = /cluster_state:(\w+)/.exec(text)?.[1] ?? 'unknown';
  if (state === 'ok') return;
  e.fail(`the cluster's state is ${state}`, 'some slots have no node: redis-cli --cluster check');
}

/** A library without functions is refused after the rights were looked at: nothing is changed. */
async function functions(redis: Redis, nodes: readonly string[], e: Examination): Promise<void> {
  e.asks('whether it takes functions');
  const probe = '#!lua name=weir_doctor\n';
  const refusals = await Promise.all(
    nodes.map((node) =>
      redis.callNode(node, 'FUNCTION', ['LOAD', probe]).then(() => '', messageOf),
    ),
  );
  const forbidden = refusals.find((text) => /NOPERM|unknown command/i.test(text));
  if (forbidden !== undefined) {
    e.fail(
      `it takes no functions: ${forbidden}`,
      'allow the user +function +fcall (ACL SETUSER), or use Redis 7',
    );
    return;
  }
  const list = await redis.callNode(nodes[0] ?? '', 'FUNCTION', [
    'LIST',
    'LIBRARYNAME',
    functionName,
  ]);
  const loaded = Array.isArray(list) && list.length > 0;
  e.ok(`functions: ${functionName} ${loaded ? 'is loaded' : 'will be loaded'}`);
}

function memory(node: string, info: ReadonlyMap<string, string>, e: Examination): void {
  const used = Number(info.get('used_memory') ?? 0);
  const most = Number(info.get('maxmemory') ?? 0);
  const policy = info.get('maxmemory_policy') ?? 'unknown';
  const told = `${node}: ${bytesText(used)} used of ${most === 0 ? 'no limit' : bytesText(most)}, ${policy}`;
  if (policy.startsWith('allkeys-') && most > 0) {
    e.warn(
      `${told}: vectors are evicted when it is full`,
      'set maxmemory-policy to noeviction or volatile-ttl',
    );
  } else if (most > 0 && used > 0.9 * most) {
    e.warn(`${told}: nearly full, then writes wait`, 'raise maxmemory, or set redis.ttl');
  } else e.ok(told);
}

async function clock(redis: Redis, node: string, e: Examination): Promise<void> {
  e.asks('for its clock');
  const sentMs = Date.now();
  const time = await redis.callNode(node, 'TIME', []);
  if (!Array.isArray(time)) return;
  tellSkew(e, Number(time[0]) * 1_000 + Number(time[1]) / 1_000, sentMs);
}
