import type { Cluster } from '../streams/cluster/cluster.js';
import type { Membership } from '../streams/cluster/membership.js';
import { stallsOf } from './cluster-sinks.js';
import type { EngineView, PartReadiness } from './engine-view.js';
import type { ClusterParts } from './running-cluster.js';

const namesMax = 4;

/** Which part of the process is not ready, and why. */
export function readinessOf(
  cluster: Cluster,
  parts: ClusterParts,
): ReturnType<EngineView['readiness']> {
  const { sinks, role, registryWaitsFor } = parts;
  const stalls = stallsOf(sinks);
  const list: PartReadiness[] = [];
  const add = (name: string, why: string): void => void list.push({ name, ready: why === '', why });
  const stall = (sink: string): string => stalls.find((one) => one.sink === sink)?.why ?? '';
  if (role !== 'serve') {
    add('kafka', whyNotMember(cluster) || stall('kafka'));
    add('tasks', whyNotRunning(cluster, stalls[0]?.sink ?? 'sinks slower than the log'));
  }
  if (sinks.clickhouse !== null) list.push(sinks.clickhouse.part());
  if (parts.redis !== null) add('redis', stall('redis') || parts.redisWhy());
  else if (role === 'serve')
    add('redis', 'a process that only serves reads Redis; set redis.nodes');
  if (registryWaitsFor !== null) add('schema registry', registryWaitsFor() ?? '');
  return { ready: list.every(({ ready }) => ready), parts: list };
}

export function membershipsOf({ ingest, runtimes }: Cluster): Membership[] {
  const tasks = runtimes.map(({ membership }) => membership);
  return ingest === null ? tasks : [ingest.membership, ...tasks];
}

function whyNotMember(cluster: Cluster): string {
  const memberships = membershipsOf(cluster);
  if (memberships.length === 0) return 'its topics are made or checked';
  const { sessionTimeoutMs } = cluster.settings.kafka.place;
  for (const { groupId, joined, answeredMs } of memberships) {
    const silentMs = Date.now() - answeredMs;
    if (answeredMs > 0 && silentMs > sessionTimeoutMs)
      return `it has not answered for ${Math.floor(silentMs / 1_000)} s (group ${groupId})`;
    if (!joined) return `the group ${groupId} is being joined`;
  }
  return '';
}

function whyNotRunning({ runtimes }: Cluster, cause: string): string {
  const tasks = runtimes.flatMap((runtime) => runtime.tasks);
  const restoring = tasks.filter((held) => !held.loaded).map(({ name }) => name);
  if (restoring.length > 0) return `${listed(restoring)} restored from the snapshot`;
  const waiting = tasks.filter((held) => held.waiting !== '').map(({ name }) => name);
  return waiting.length === 0 ? '' : `${listed(waiting)} kept waiting by ${cause}`;
}

/** "user.0, user.1 are being", "user.0 is being". */
function listed(names: readonly string[]): string {
  const more = names.length - namesMax;
  const shown = more > 0 ? [...names.slice(0, namesMax), `${more} more`] : names;
  return `${shown.join(', ')} ${names.length === 1 ? 'is' : 'are'} being`;
}
