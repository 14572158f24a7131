import type { Config } from './config.js';

/** What a topic of the pipeline is called in Kafka, and how its records are written. */
export function kafkaTopic(
  { topics }: Pick<NonNullable<Config['kafka']>, 'topics'>,
  topic: string,
): { readonly name: string; readonly format: 'json' | 'avro' } {
  const given = Object.hasOwn(topics, topic) ? topics[topic] : undefined;
  return given ?? { name: topic, format: 'json' };
}
