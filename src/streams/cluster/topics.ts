import { WeirError } from '../../errors.js';
import type { Admin, Kafka } from '../../sinks/kafka/client.js';

/** A topic as Weir needs it. */
export interface TopicNeed {
  readonly topic: string;
  readonly partitions: number;
  /** Whether another number of partitions does not fit. */
  readonly exact: boolean;
  readonly settings: Readonly<Record<string, string>>;
}

const recordBytesMax = 16 * 1024 * 1024;

/** A broker refuses records of a clock that is an hour ahead of its own. */
export const brokerTime = { 'message.timestamp.type': 'LogAppendTime' } as const;

/** Settings of a log: Weir itself drops what no recovery needs, the broker drops nothing. */
export const logSettings = {
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'retention.bytes': '-1',
  'max.message.bytes': String(recordBytesMax),
  ...brokerTime,
} as const;

/**
 * Settings of a snapshot topic: keys are unique, Weir drops all before the second-last snapshot.
 */
export const snapshotSettings = {
  ...logSettings,
  'cleanup.policy': 'compact,delete',
} as const;

/** Settings whose value decides whether data is kept; the others may be what an operator set. */
const decisive = ['cleanup.policy', 'retention.ms', 'retention.bytes'] as const;

/**
 * Creates the topics that are missing, and checks those that are there.
 * @returns the names of those that this call created
 * @throws WeirError kafka-topic-unfit naming each difference and the command that mends it
 */
export async function ensureTopics(
  kafka: Kafka,
  needs: readonly TopicNeed[],
  replication: number,
): Promise<ReadonlySet<string>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const there = new Set(await admin.listTopics());
    const missing = needs.filter(({ topic }) => !there.has(topic));
    const created = new Set<string>();
    for (const need of missing) if (await create(admin, need, replication)) created.add(need.topic);
    const unfit = await misfits(admin, needs);
    if (unfit.length === 0) return created;
    throw new WeirError(
      'kafka-topic-unfit',
      `${unfit.join('; ')}; change it with kafka-configs or delete the topic while nothing runs, or set kafka.prefix to another one`,
    );
  } finally {
    await admin.disconnect();
  }
}

/** False where another process created it at the same moment. */
function create(admin: Admin, need: TopicNeed, replication: number): Promise<boolean> {
  const { topic, partitions, settings } = need;
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  const whole = { topic, numPartitions: partitions, replicationFactor: replication, configEntries };
  // Leaders are waited for by what reads the topic next: this wait fails while no broker knows it.
  return admin.createTopics({ waitForLeaders: false, topics: [whole] });
}

/** What is wrong with topics that are there, a sentence for each. */
export async function misfits(admin: Admin, needs: readonly TopicNeed[]): Promise<string[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: needs.map((need) => need.topic) });
  const configs = await admin.describeConfigs({
    includeSynonyms: false,
    resources: needs.map(({ topic }) => ({
      type: 2, // a topic
      name: topic,
      configNames: [...decisive],
    })),
  });
  const unfit: string[] = [];
  for (const { topic, partitions, exact, settings } of needs) {
    const found = topics.find((one) => one.name === topic)?.partitions.length ?? 0;
    if (exact && found !== partitions)
      unfit.push(`topic ${topic}: expected ${partitions} partitions, found ${found}`);
    const own = configs.resources.find((one) => one.resourceName === topic)?.configEntries ?? [];
    for (const name of decisive) {
      const value = own.find((entry) => entry.configName === name)?.configValue;
      if (value !== undefined && sorted(value) !== sorted(settings[name] ?? value))
        unfit.push(`topic ${topic}: expected ${name}=${settings[name]}, found ${value}`);
    }
  }
  return unfit;
}

function sorted(value: string): string {
  return value.split(',').sort().join(',');
}

/**
 * Partitions of topics that are not Weir's own. @throws WeirError kafka-failed where one is missing
 */
export async function partitionCounts(
  kafka: Kafka,
  topics: readonly string[],
): Promise<Map<string, number>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const there = new Set(await admin.listTopics());
    const missing = topics.filter((topic) => !there.has(topic));
    if (missing.length > 0) {
      throw new WeirError(
        'kafka-failed',
        `expected the source topics ${topics.join(', ')}, found none named ${missing.join(', ')}; create them, or name others in kafka.topics`,
      );
    }
    const metadata = await admin.fetchTopicMetadata({ topics: [...topics] });
    return new Map(metadata.topics.map(({ name, partitions }) => [name, partitions.length]));
  } finally {
    await admin.disconnect();
  }
}
