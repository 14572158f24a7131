import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The project's own script that starts, ends and kills real servers. */
export const serversScript = fileURLToPath(new URL('../../scripts/servers.sh', import.meta.url));

/** Where each server is told to the tests; `npm run servers up` needs none of them set. */
export const serverVariables = {
  kafka: 'WEIR_TEST_KAFKA',
  redis: 'WEIR_TEST_REDIS',
  'redis-cluster': 'WEIR_TEST_REDIS_CLUSTER',
  registry: 'WEIR_TEST_REGISTRY',
  clickhouse: 'WEIR_TEST_CLICKHOUSE',
  toxiproxy: 'WEIR_TEST_TOXIPROXY',
} as const;

export type ServerName = keyof typeof serverVariables;
export type Variables = Readonly<Record<string, string | undefined>>;

/** The variables of the servers that the script has running, `WEIR_TEST_KAFKA` and so on. */
export function runningServers(environment: Variables = process.env): Variables {
  const { stdout } = spawnSync('bash', [serversScript, 'env'], {
    env: { ...environment },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = [...(stdout ?? '').matchAll(/^export (WEIR_TEST_[A-Z_]+)=(.+)$/gm)];
  return Object.fromEntries(lines.map(([, name, address]) => [name, address]));
}

let running: Variables | null = null;

/**
 * Address of a server that may be used, shared with other tests; null where there is none.
 * kafka, redis `host:port`; redis-cluster three of them with commas; the others an http address.
 */
export function serverFor(name: ServerName): string | null {
  const variable = serverVariables[name];
  const set = process.env[variable];
  if (set !== undefined && set !== '') return set;
  running ??= runningServers();
  return running[variable] ?? null;
}

/**
 * Options of a test that cannot run without these servers: it is skipped with the reason.
 * @throws Error where WEIR_REQUIRE_SERVERS=1 and one is missing: its file fails.
 */
export function needs(...names: readonly ServerName[]): { readonly skip?: string } {
  const missing = names.filter((name) => serverFor(name) === null);
  if (missing.length === 0) return {};
  const reason = `needs ${missing.join(', ')}: npm run servers up`;
  if (process.env.WEIR_REQUIRE_SERVERS === '1') {
    throw new Error(`${reason} (WEIR_REQUIRE_SERVERS=1 lets no test be left out for it)`);
  }
  return { skip: reason };
}
