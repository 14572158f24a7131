import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { WeirError } from '../../errors.js';
import type { Admin, Kafka } from '../../sinks/kafka/client.js';
import { readRanges } from './read-range.js';

/** Whoever made the logs says so within milliseconds, or ended before. */
const waitMsMax = 5_000;
/** Of what the makers of logs told; others have a key each, so that compaction keeps the first. */
const madeKey = 'epoch';

/**
 * The epoch of the logs: the second at which they were made, so that positions of logs made anew
 * are above all of before, whatever stores still hold. Where whoever made them ended before it said
 * so, the first who waited for it in vain says it.
 * @param created whether this process made the log topics just now
 * @throws WeirError kafka-failed
 */
export async function epochOfLogs(kafka: Kafka, topic: string, created: boolean): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    if (created) await append(kafka, topic, madeKey);
    for (const deadline = Date.now() + waitMsMax; Date.now() < deadline; await delay(100)) {
      const epoch = await told(kafka, admin, topic);
      if (epoch !== null) return epoch;
    }
    await append(kafka, topic, `found/${randomUUID()}`);
    const epoch = await told(kafka, admin, topic);
    if (epoch !== null) return epoch;
  } finally {
    await admin.disconnect();
  }
  throw new WeirError(
    'kafka-failed',
    `expected the epoch of the logs in ${topic}, found none though it was just written; check that the topic keeps what it is given (retention.ms=-1)`,
  );
}

/** The epoch of logs that were made before. @throws WeirError kafka-failed where there are none */
export async function readEpoch(kafka: Kafka, topic: string): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const there = (await admin.listTopics()).includes(topic);
    const epoch = there ? await told(kafka, admin, topic) : null;
    if (epoch !== null) return epoch;
  } finally {
    await admin.disconnect();
  }
  throw new WeirError(
    'kafka-failed',
    `expected the topic ${topic} of an engine that ran before, found none; check kafka.prefix and pipeline, or start weir run first`,
  );
}

async function append(kafka: Kafka, topic: string, key: string): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  try {
    const value = String(Math.floor(Date.now() / 1_000));
    const messages = [{ key, value, partition: 0 }];
    await producer.send({ topic, acks: -1, messages });
  } finally {
    await producer.disconnect();
  }
}

/** The last that a maker told; where none did, the first that was told at all. */
async function told(kafka: Kafka, admin: Admin, topic: string): Promise<number | null> {
  const [offsets] = await admin.fetchTopicOffsets(topic);
  const from = Number(offsets?.low ?? 0);
  const to = Number(offsets?.high ?? 0);
  let made: number | null = null;
  let found: number | null = null;
  await readRanges(kafka, [{ topic, partition: 0, from, to }], (_, { key, value }) => {
    const epoch = Number(String(value));
    if (String(key) === madeKey) made = epoch;
    else found ??= epoch;
  });
  return made ?? found;
}
