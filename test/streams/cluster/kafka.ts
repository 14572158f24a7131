import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { createKafka, type Kafka } from '../../../src/sinks/kafka/client.js';
import { createLog, type Log } from '../../../src/telemetry/log.js';
import { serverFor } from '../../servers.js';

/** Says nothing. */
export const quiet: Log = createLog({ level: 'error', write: () => undefined });

/** The shared broker; sessions end after 6 s, the least that it allows. */
export function sharedKafka(): Kafka {
  const place = {
    brokers: [serverFor('kafka')!], // a test that needs Kafka is skipped without it
    clientId: 'weir-test',
    tls: null,
    sasl: null,
    sessionTimeoutMs: 6_000,
  };
  return createKafka(place, quiet);
}

/** A topic of the test's own, deleted after it. */
export async function ownTopic(
  t: TestContext,
  kafka: Kafka,
  partitions: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<string> {
  const topic = `test.${randomUUID()}`;
  const admin = kafka.admin();
  await admin.connect();
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  await admin.createTopics({
    waitForLeaders: true,
    topics: [{ topic, numPartitions: partitions, configEntries }],
  });
  t.after(async () => {
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });
  return topic;
}
