import { setTimeout as delay } from 'node:timers/promises';
import type { GeneratedRecord } from '../../src/generate/generated-record.js';
import { recordsFrom } from '../../src/generate/records-from.js';
import { createWorld } from '../../src/generate/world.js';
import type { Kafka, Message, Producer } from '../../src/sinks/kafka/client.js';
import { withAdmin } from './log-faults.js';

/** Partitions of the source topics. */
export const sourcePartitions = { interactions: 4, 'place-updates': 2, context: 1 } as const;

const dayMs = 86_400_000;
const days = 3;
const roundMs = 100;

/** Records in order of arrival: disorder, late and broken ones among them; ends a day ago. */
export function workload(seed: number, events: number): GeneratedRecord[] {
  const world = createWorld({
    seed,
    startMs: (Math.floor(Date.now() / dayMs) - days - 1) * dayMs,
    users: Math.max(50, Math.ceil(events / 20)),
    places: 120,
    eventsPerDay: events / days,
    partitions: sourcePartitions.interactions,
    disorder: 0.2,
    late: 0.01,
    broken: 0.01,
  });
  const records: GeneratedRecord[] = [];
  let interactions = 0;
  for (const record of recordsFrom(world, 0)) {
    if (record.topic === 'interactions' && interactions++ >= events) break;
    records.push(record);
  }
  return records;
}

export async function createSources(kafka: Kafka, prefix: string): Promise<void> {
  const topics = Object.entries(sourcePartitions).map(([topic, numPartitions]) => ({
    topic: `${prefix}${topic}`,
    numPartitions,
  }));
  await withAdmin(kafka, (admin) => admin.createTopics({ waitForLeaders: true, topics }));
}

/** Produces at an even pace over `spanMs`; waits where the broker is away. */
export async function produce(
  kafka: Kafka,
  prefix: string,
  records: readonly GeneratedRecord[],
  spanMs: number,
): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  const rounds = Math.max(1, Math.ceil(spanMs / roundMs));
  const size = Math.ceil(records.length / rounds);
  for (let at = 0; at < records.length; at += size) {
    await send(producer, prefix, records.slice(at, at + size));
    await delay(roundMs);
  }
  await producer.disconnect();
}

async function send(
  producer: Producer,
  prefix: string,
  records: readonly GeneratedRecord[],
): Promise<void> {
  const topics = new Map<string, Message[]>();
  for (const { topic, partition, offset, line } of records) {
    const name = `${prefix}${topic}`;
    const list = topics.get(name) ?? [];
    topics.set(name, list);
    // Updates come in one partition: they are shared among those there are.
    const own = topic === 'place-updates' ? offset % sourcePartitions[topic] : partition;
    list.push({ partition: own, value: line });
  }
  const topicMessages = [...topics].map(([topic, messages]) => ({ topic, messages }));
  await producer.sendBatch({ acks: -1, topicMessages });
}
