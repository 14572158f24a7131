import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Kafka, Message } from '../../src/sinks/kafka/client.js';
import { forEachLine } from '../plain-loop.js';

export const sourceTopics = ['interactions', 'place-updates', 'context'] as const;
export const sourcePartitions = 4;

/** Makes the source topics under a prefix of their own. */
export async function createSources(kafka: Kafka, prefix: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  const topics = sourceTopics.map((topic) => ({
    topic: prefix + topic,
    numPartitions: topic === 'interactions' ? sourcePartitions : 1,
  }));
  await admin.createTopics({ topics, waitForLeaders: true });
  await admin.disconnect();
}

/**
 * Produces what `weir generate --partitions 4 --out DIR` wrote; answers how many records each
 * topic has.
 */
export async function produceFiles(
  kafka: Kafka,
  prefix: string,
  directory: string,
): Promise<Record<string, number>> {
  const producer = kafka.producer();
  await producer.connect();
  const counts: Record<string, number> = {};
  for (const name of readdirSync(directory)) {
    const [, topic, partition = '0'] = /^([a-z-]+?)(?:-(\d+))?\.ndjson$/.exec(name) ?? [];
    if (topic === undefined) continue;
    const messages: Message[] = [];
    forEachLine(join(directory, name), (value) => {
      messages.push({ value, partition: Number(partition) });
    });
    for (let at = 0; at < messages.length; at += 2_000) {
      await producer.send({ topic: prefix + topic, messages: messages.slice(at, at + 2_000) });
    }
    counts[topic] = (counts[topic] ?? 0) + messages.length;
  }
  await producer.disconnect();
  return counts;
}

/** Deletes all topics whose names begin with the prefix. */
export async function removeTopics(kafka: Kafka, prefix: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
  if (topics.length > 0) await admin.deleteTopics({ topics });
  await admin.disconnect();
}
