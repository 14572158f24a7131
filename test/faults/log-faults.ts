import { randomUUID } from 'node:crypto';
import type { Admin, Kafka, Message } from '../../src/sinks/kafka/client.js';
import { type Range, readRanges } from '../../src/streams/cluster/read-range.js';
import { snapshotFormat } from '../../src/streams/cluster/snapshot-format.js';
import { patiently } from './patiently.js';

/** Does it again where the broker is away meanwhile. */
export function withAdmin<Value>(
  kafka: Kafka,
  use: (admin: Admin) => Promise<Value>,
): Promise<Value> {
  return patiently(async () => {
    const admin = kafka.admin();
    await admin.connect();
    try {
      return await use(admin);
    } finally {
      await admin.disconnect();
    }
  });
}

/** Topics of Weir's own under the prefix whose names hold `part`. */
export function topicsWith(kafka: Kafka, prefix: string, part: string): Promise<string[]> {
  return withAdmin(kafka, async (admin) => {
    const all = await admin.listTopics();
    return all.filter((topic) => topic.startsWith(`${prefix}weir.`) && topic.includes(part)).sort();
  });
}

/** Every partition of the topics, from its beginning to its end. */
export function wholeRanges(kafka: Kafka, topics: readonly string[]): Promise<Range[]> {
  return withAdmin(kafka, async (admin) => {
    const ranges: Range[] = [];
    for (const topic of topics) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
        ranges.push({ topic, partition, from: Number(low), to: Number(high) });
      }
    }
    return ranges;
  });
}

/** @returns how many there were */
async function append(kafka: Kafka, messages: ReadonlyMap<string, Message[]>): Promise<number> {
  const producer = kafka.producer();
  await producer.connect();
  const topicMessages = [...messages].map(([topic, list]) => ({ topic, messages: list }));
  if (topicMessages.length > 0) await producer.sendBatch({ acks: -1, topicMessages });
  await producer.disconnect();
  return [...messages.values()].reduce((sum, list) => sum + list.length, 0);
}

/**
 * To every snapshot partition: a snapshot far ahead of all others, of which two chunks are missing;
 * where there is none yet, a first chunk alone.
 */
export async function tearSnapshots(kafka: Kafka, prefix: string): Promise<number> {
  const messages = new Map<string, Message[]>();
  const topics = await topicsWith(kafka, prefix, '.snapshots.');
  for (const { topic, partition, to } of await wholeRanges(kafka, topics)) {
    const id = `torn-${randomUUID()}`;
    const manifest = {
      format: snapshotFormat,
      id,
      definition: 'torn',
      next: 1e9,
      atMs: Date.now(),
      chunks: 3,
      bytes: 300,
      crc32: 1,
      firstOffset: to,
      parts: [['task', 300]],
    };
    const list = messages.get(topic) ?? [];
    messages.set(topic, list);
    list.push({ partition, key: `${id}/0`, value: Buffer.alloc(100) });
    // The first one's writer ended before it came to the manifest.
    if (to === 0) continue;
    list.push({ partition, key: `${id}/manifest`, value: JSON.stringify(manifest) });
  }
  return append(kafka, messages);
}

/**
 * Appends the last messages of every log partition once more, as an ingest that was killed would.
 */
export async function repeatFrames(kafka: Kafka, prefix: string, count: number): Promise<number> {
  const whole = await wholeRanges(kafka, await topicsWith(kafka, prefix, '.log.'));
  const ranges = whole.map((range) => ({ ...range, from: Math.max(range.from, range.to - count) }));
  const messages = new Map<string, Message[]>();
  await readRanges(kafka, ranges, ({ topic, partition }, { key, value }) => {
    const list = messages.get(topic) ?? [];
    messages.set(topic, list);
    list.push({ partition, key, value });
  });
  return append(kafka, messages);
}
