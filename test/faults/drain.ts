import { setTimeout as delay } from 'node:timers/promises';
import type { Admin, Kafka } from '../../src/sinks/kafka/client.js';
import { topicsWith, withAdmin } from './log-faults.js';
import { sourcePartitions } from './workload.js';

interface Lag {
  readonly place: string;
  readonly committed: number;
  readonly end: number;
}

/** What is not yet taken, snapshotted and committed; none where everything has been. */
async function lags(admin: Admin, groupId: string, topics: readonly string[]): Promise<Lag[]> {
  if (topics.length === 0) return [];
  const open: Lag[] = [];
  for (const told of await admin.fetchOffsets({ groupId, topics: [...topics] })) {
    for (const { partition, high } of await admin.fetchTopicOffsets(told.topic)) {
      const own = told.partitions.find((one) => one.partition === partition);
      const committed = Math.max(0, Number(own?.offset ?? 0));
      const end = Number(high);
      if (committed < end) open.push({ place: `${told.topic}/${partition}`, committed, end });
    }
  }
  return open;
}

/**
 * Waits until ingest has committed the ends of the sources, and the tasks those of the logs, which
 * they do with a snapshot, hence after their sinks.
 * @param also topics besides the logs that the feature tasks read to their ends, as `scores`
 * @returns what was left after `msMax`; none where all was drained
 */
export async function drained(
  kafka: Kafka,
  prefix: string,
  msMax: number,
  also: readonly string[] = [],
): Promise<string[]> {
  const deadline = performance.now() + msMax;
  for (;;) {
    const left = await withAdmin(kafka, (admin) => leftOf(admin, kafka, prefix, also));
    if (left.length === 0) return [];
    if (performance.now() > deadline) {
      return left.map(({ place, committed, end }) => `${place}: ${committed} of ${end}`);
    }
    await delay(400);
  }
}

async function leftOf(
  admin: Admin,
  kafka: Kafka,
  prefix: string,
  also: readonly string[],
): Promise<Lag[]> {
  const own = `${prefix}weir.places`;
  const sources = Object.keys(sourcePartitions).map((topic) => `${prefix}${topic}`);
  const groups = new Map<string, string[]>();
  for (const topic of await topicsWith(kafka, prefix, '.log.')) {
    const group = topic.endsWith('.log.monitor') ? 'monitors' : 'features';
    groups.set(group, [...(groups.get(group) ?? []), topic]);
  }
  const left = await lags(admin, `${own}.ingest`, sources);
  if (also.length > 0) left.push(...(await lags(admin, `${own}.features`, also)));
  if (groups.size === 0) left.push({ place: 'no log', committed: 0, end: 1 });
  for (const [group, topics] of groups)
    left.push(...(await lags(admin, `${own}.${group}`, topics)));
  return left;
}
