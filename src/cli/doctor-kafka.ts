import type { Config } from '../config/config.js';
import { kafkaTopic } from '../config/kafka-topic.js';
import { type Admin, createKafka } from '../sinks/kafka/client.js';
import { namesOf } from '../streams/cluster/names.js';
import { topicNeeds } from '../streams/cluster/topic-needs.js';
import { misfits } from '../streams/cluster/topics.js';
import type { Pipeline } from '../streams/pipeline.js';
import { outputNeeds } from './cluster-outputs.js';
import { type Examination, messageOf, reach } from './doctor-part.js';

type KafkaConfig = NonNullable<Config['kafka']>;

/** Reach, login, source topics, Weir's own topics, copies, limits, lag. */
export async function examineKafka(
  kafka: KafkaConfig,
  partitions: number,
  pipeline: Pipeline | null,
  examination: Examination,
): Promise<void> {
  if (!(await reached(kafka, examination))) return;
  const admin = createKafka(kafka, examination.log, 2).admin();
  examination.opened(() => admin.disconnect());
  const remedy = 'check kafka.sasl and kafka.tls against the listener of the brokers';
  examination.asks('to log in', remedy);
  try {
    await admin.connect();
  } catch (error) {
    const login = kafka.sasl === null ? 'without a login' : `as ${kafka.sasl.username}`;
    examination.fail(`no connection ${login}: ${messageOf(error)}`, remedy);
    return;
  }
  const { brokers } = await cluster(kafka, admin, examination);
  examination.asks('for its topics');
  const there = new Set(await admin.listTopics());
  await brokerLimits(admin, brokers, examination);
  if (pipeline === null) return;
  const sources = await sourceTopics(kafka, pipeline, there, admin, examination);
  await ownTopics(kafka, pipeline, partitions, there, admin, examination);
  await lag(kafka, pipeline, sources, admin, examination);
}

async function reached({ brokers, tls, sasl }: KafkaConfig, e: Examination): Promise<boolean> {
  const outcomes = await Promise.all(brokers.map((broker) => reach(broker, e.msMax / 2)));
  const bad = brokers.flatMap((broker, i) => (outcomes[i] ? [`${broker}: ${outcomes[i]}`] : []));
  if (bad.length === brokers.length) {
    e.fail(bad.join('; '), 'start Kafka, or mend kafka.brokers');
    return false;
  }
  if (bad.length > 0)
    e.warn(bad.join('; '), 'the others are enough to begin with; mend kafka.brokers');
  if (sasl?.mechanism === 'plain' && tls === null)
    e.warn('the password is sent in clear', 'set kafka.tls, or a scram mechanism');
  return true;
}

async function cluster({ replication }: KafkaConfig, admin: Admin, e: Examination) {
  e.asks('for its brokers');
  const { brokers } = await admin.describeCluster();
  const many = brokers.length === 1 ? '1 broker' : `${brokers.length} brokers`;
  if (replication > brokers.length) {
    e.fail(
      `${many}, which cannot hold ${replication} copies`,
      `set kafka.replication to ${brokers.length}, or add brokers`,
    );
  } else {
    e.ok(
      `${many}, connected; ${replication === 1 ? '1 copy' : `${replication} copies`} of a topic`,
    );
    if (replication === 1 && brokers.length > 1)
      e.warn('one copy of each topic', 'a lost broker loses data; set kafka.replication to 3');
  }
  return { brokers };
}

const requestBytes = 16 * 1024 * 1024;

/** Limits that topics cannot set for themselves. */
async function brokerLimits(
  admin: Admin,
  brokers: readonly { readonly nodeId: number }[],
  e: Examination,
): Promise<void> {
  const [first] = brokers;
  if (first === undefined) return;
  e.asks('for its settings');
  const names = ['socket.request.max.bytes', 'message.max.bytes'];
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 4, name: String(first.nodeId), configNames: names }],
    });
    const entries = resources.flatMap((resource) => resource.configEntries);
    const [request, message] = names.map((name) =>
      Number(entries.find((entry) => entry.configName === name)?.configValue ?? Number.NaN),
    );
    if (request! < requestBytes) {
      e.fail(
        `socket.request.max.bytes is ${request}, less than a frame of a log may have`,
        `set it to at least ${requestBytes} on the brokers`,
      );
    } else e.ok(`message.max.bytes ${message}; the logs have their own, ${requestBytes}`);
  } catch (error) {
    e.warn(
      `the brokers' settings may not be read (${messageOf(error)})`,
      'allow DESCRIBE_CONFIGS on the cluster to have them checked',
    );
  }
}

async function sourceTopics(
  kafka: KafkaConfig,
  { topics }: Pipeline,
  there: ReadonlySet<string>,
  admin: Admin,
  e: Examination,
): Promise<readonly string[]> {
  const names = topics.map(({ topic }) => kafkaTopic(kafka, topic).name);
  const missing = names.filter((name) => !there.has(name));
  if (missing.length > 0) {
    e.fail(
      `no source topic ${missing.join(', ')}`,
      'create it, or name the one that is meant in kafka.topics',
    );
  }
  const present = names.filter((name) => there.has(name));
  if (present.length === 0) return present;
  e.asks('for its source topics');
  const metadata = await admin.fetchTopicMetadata({ topics: present });
  const counts = present.map((topic) => {
    const found = metadata.topics.find(({ name }) => name === topic);
    return `${topic} ${found?.partitions.length ?? 0}`;
  });
  e.ok(`source topics and their partitions: ${counts.join(', ')}`);
  return present;
}

async function ownTopics(
  kafka: KafkaConfig,
  pipeline: Pipeline,
  partitions: number,
  there: ReadonlySet<string>,
  admin: Admin,
  e: Examination,
): Promise<void> {
  e.asks("for Weir's own topics");
  const names = namesOf(kafka.prefix, pipeline.name);
  const own = topicNeeds(pipeline, names, partitions);
  const needs = [...own, ...outputNeeds(kafka, partitions)];
  const present = needs.filter(({ topic }) => there.has(topic));
  const unfit = present.length === 0 ? [] : await misfits(admin, present);
  for (const one of unfit) {
    e.fail(
      one,
      'change it with kafka-configs or delete the topic while nothing runs; or set kafka.prefix or partitions to another value',
    );
  }
  const missing = needs.length - present.length;
  const later = missing === 0 ? 'all there' : `${missing} of ${needs.length} to be created`;
  if (unfit.length === 0) e.ok(`Weir's own topics: ${later}`);
}

async function lag(
  kafka: KafkaConfig,
  pipeline: Pipeline,
  sources: readonly string[],
  admin: Admin,
  e: Examination,
): Promise<void> {
  if (sources.length === 0) return;
  e.asks('for the offsets of its groups');
  const groupId = namesOf(kafka.prefix, pipeline.name).group('ingest');
  const committed = await admin.fetchOffsets({ groupId, topics: [...sources] });
  let behind = 0;
  let begun = false;
  for (const { topic, partitions } of committed) {
    const ends = await admin.fetchTopicOffsets(topic);
    for (const { partition, offset } of partitions) {
      const end = ends.find((one) => one.partition === partition);
      begun ||= Number(offset) >= 0;
      behind += Number(end?.high ?? 0) - Math.max(Number(offset), Number(end?.low ?? 0));
    }
  }
  e.ok(begun ? `group ${groupId}: ${behind} records behind` : `group ${groupId}: not begun yet`);
}
