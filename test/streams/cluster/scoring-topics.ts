import { randomBytes } from 'node:crypto';
import {
  type Admin,
  createKafka,
  type Kafka,
  type Message,
  type Producer,
} from '../../../src/sinks/kafka/client.js';
import type { LogMessage } from '../../../src/streams/cluster/log-task.js';
import { readRanges } from '../../../src/streams/cluster/read-range.js';
import { createLog } from '../../../src/telemetry/log.js';
import { serverFor } from '../../servers.js';

/** Topics of a test's own on the shared broker. */
export interface TestTopics {
  readonly kafka: Kafka;
  readonly producer: Producer;
  readonly prefix: string;
  create(name: string, partitions: number): Promise<string>;
  /** All committed records of a topic, by partition; transactions' marks are passed over. */
  read(topic: string): Promise<LogMessage[][]>;
  close(): Promise<void>;
}

export async function openTopics(part: string): Promise<TestTopics> {
  const place = {
    brokers: [serverFor('kafka')!], // the test was skipped without
    clientId: `test-${part}`,
    tls: null,
    sasl: null,
    sessionTimeoutMs: 10_000,
  };
  const kafka = createKafka(place, createLog({ level: 'error' }));
  const prefix = `test.${part}.${randomBytes(6).toString('hex')}.`;
  const admin = kafka.admin();
  const producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
  const created: string[] = [];
  return {
    kafka,
    producer,
    prefix,
    create: async (name, numPartitions) => {
      const topic = `${prefix}${name}`;
      await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions }] });
      created.push(topic);
      while (!(await hasLeaders(admin, topic))); // a busy broker takes a while
      return topic;
    },
    read: async (topic) => {
      // A last record of each partition's own: what is before it is all there is.
      const partitions = (await admin.fetchTopicOffsets(topic)).map((one) => one.partition);
      const messages = partitions.map((partition): Message => ({ partition, key: '', value: '' }));
      const ends = await producer.send({ topic, acks: -1, messages });
      const list: LogMessage[][] = partitions.map(() => []);
      const ranges = ends.map(({ partition, baseOffset }) => {
        return { topic, partition, from: 0, to: Number(baseOffset) + 1 };
      });
      await readRanges(kafka, ranges, ({ partition, to }, { offset, key, value, headers }) => {
        if (Number(offset) + 1 === to || value?.length === 0) return; // ends
        const message = { offset: Number(offset), key: String(key), value: value! };
        list[partition]!.push(headers === undefined ? message : { ...message, headers });
      });
      return list;
    },
    close: async () => {
      if (created.length > 0) await admin.deleteTopics({ topics: created });
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    },
  };
}

async function hasLeaders(admin: Admin, topic: string): Promise<boolean> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]!.partitions.every(({ leader }) => leader >= 0);
  } catch {
    return false; // not known to every part of the broker yet
  }
}
