import type { Config } from '../config/config.js';
import type { OutputName } from '../config/kafka-section.js';
import type { Kafka, Producer } from '../sinks/kafka/client.js';
import { KafkaOutput, type OnSent, type OutputMessage } from '../sinks/kafka/output.js';
import type { Registry } from '../sinks/kafka/registry.js';
import { releasedSchema } from '../sinks/kafka/schema-file.js';
import { createValueWriter, subjectOf, type ValueWriter } from '../sinks/kafka/value-format.js';
import { brokerTime, type TopicNeed } from '../streams/cluster/topics.js';
import type { Log } from '../telemetry/log.js';

type KafkaConfig = NonNullable<Config['kafka']>;

/** A topic that Weir writes for others. */
export interface OutputTopic {
  readonly topic: string;
  readonly write: ValueWriter;
}

/** The topics that are written for others, and what writes to them. */
export interface ClusterOutputs {
  /** Null where it is turned off. */
  topic(name: OutputName): OutputTopic | null;
  readonly output: KafkaOutput;
  readonly producer: Producer;
  close(): Promise<void>;
}

/** Topics to be made where they are missing; what an operator set is left alone. */
export function outputNeeds(config: KafkaConfig, partitions: number): TopicNeed[] {
  return Object.entries(config.outputs)
    .filter(([, { enabled }]) => enabled)
    .map(([name, { name: topic }]) => ({
      topic,
      partitions: countOf(name, partitions),
      exact: name === 'scores', // it is read as a log
      settings: brokerTime,
    }));
}

/** Few records, which are read in order, stand in one partition. */
function countOf(name: string, partitions: number): number {
  return name === 'drift-alerts' || name === 'retraining-events' ? 1 : partitions;
}

/**
 * Registers the schemas of outputs in Avro and connects.
 * @throws WeirError schema-incompatible, registry-failed
 */
export async function openOutputs(
  kafka: Kafka,
  config: KafkaConfig,
  registry: Registry | null,
  log: Log,
  onSent: OnSent,
): Promise<ClusterOutputs> {
  const topics = new Map<string, OutputTopic>();
  for (const [name, { enabled, format, name: topic }] of Object.entries(config.outputs)) {
    if (!enabled) continue;
    const write = await createValueWriter(format, registry, subjectOf(topic), releasedSchema(name));
    topics.set(name, { topic, write });
  }
  const producer = kafka.producer();
  await producer.connect();
  const refused = ({ topic, key }: OutputMessage, reason: string): void =>
    log.error('a record could not be written and was left out', { topic, key, reason });
  const output = new KafkaOutput(producer, refused, {}, onSent);
  return {
    topic: (name) => topics.get(name) ?? null,
    output,
    producer,
    close: () => producer.disconnect(),
  };
}
