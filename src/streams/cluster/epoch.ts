import { setTimeout as delay } from 'node:timers/promises';
import { WeirError } from '../../errors.js';
import type { Admin, Kafka } from '../../sinks/kafka/client.js';
import { readRanges } from './read-range.js';

const waitMsMax = 15_000;

/**
 * The epoch of the logs: the second at which they were made, so that positions of logs made anew
 * are above all of before, whatever stores still hold.
 * @param created whether this process made the log topics just now
 * @throws WeirError kafka-failed
 */
export async function epochOfLogs(kafka: Kafka, topic: string, created: boolean): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    if (created) await append(kafka, topic, Math.floor(Date.now() / 1_000));
    const deadline = Date.now() + waitMsMax;
    while (Date.now() < deadline) {
      const epoch = await last(kafka, admin, topic);
      if (epoch !== null) return epoch;
      await delay(100); // whoever made the logs is about to say so
    }
  } finally {
    await admin.disconnect();
  }
  throw new WeirError(
    'kafka-failed',
    `expected the epoch of the logs in ${topic}, found none: whoever created the logs ended before; delete Weir's topics under this prefix and start again`,
  );
}

async function append(kafka: Kafka, topic: string, epoch: number): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  try {
    const messages = [{ key: 'epoch', value: String(epoch), partition: 0 }];
    await producer.send({ topic, acks: -1, messages });
  } finally {
    await producer.disconnect();
  }
}

async function last(kafka: Kafka, admin: Admin, topic: string): Promise<number | null> {
  const [offsets] = await admin.fetchTopicOffsets(topic);
  const from = Number(offsets?.low ?? 0);
  const to = Number(offsets?.high ?? 0);
  let epoch: number | null = null;
  await readRanges(kafka, [{ topic, partition: 0, from, to }], (_, { value }) => {
    epoch = Number(String(value));
  });
  return epoch;
}
