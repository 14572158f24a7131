import type { TestContext } from 'node:test';
import type { Kafka } from '../../../src/sinks/kafka/client.js';
import { SnapshotTopic } from '../../../src/streams/cluster/snapshot-topic.js';
import { snapshotSettings } from '../../../src/streams/cluster/topics.js';
import { ownTopic, quiet, sharedKafka } from './kafka.js';

export interface SnapshotSetting {
  readonly kafka: Kafka;
  readonly topic: string;
  /** A process's view of the topic; definition `d` by default. */
  open(definition?: string): SnapshotTopic;
}

/** A snapshot topic of two partitions. */
export async function topicSnapshot(t: TestContext): Promise<SnapshotSetting> {
  const kafka = sharedKafka();
  const topic = await ownTopic(t, kafka, 2, snapshotSettings);
  const [producer, admin] = [kafka.producer(), kafka.admin()];
  await Promise.all([producer.connect(), admin.connect()]);
  t.after(() => Promise.all([producer.disconnect(), admin.disconnect()]));
  const use = { producer, admin, log: quiet };
  return {
    kafka,
    topic,
    open: (definition = 'd') => new SnapshotTopic(kafka, topic, definition, use),
  };
}
