import type { Config } from '../config/config.js';
import { WeirError } from '../errors.js';
import { createKafka, type Kafka } from '../sinks/kafka/client.js';
import { type Names, namesOf } from '../streams/cluster/names.js';
import type { Pipeline } from '../streams/pipeline.js';
import type { Log } from '../telemetry/log.js';
import { loadPipeline } from './load-pipeline.js';

/** What every command over Kafka begins with. */
export interface ClusterBase {
  readonly place: NonNullable<Config['kafka']>;
  readonly kafka: Kafka;
  readonly pipeline: Pipeline;
  readonly names: Names;
}

/** @throws WeirError config-invalid where no Kafka is configured */
export async function clusterBase(settings: Config, log: Log): Promise<ClusterBase> {
  const { kafka: place } = settings;
  if (place === null) {
    throw new WeirError(
      'config-invalid',
      'expected a section kafka in the configuration, found none; add kafka.brokers, or set WEIR_KAFKA_BROKERS',
    );
  }
  const pipeline = await loadPipeline(settings.pipeline);
  const names = namesOf(place.prefix, pipeline.name);
  return { place, kafka: createKafka(place, log), pipeline, names };
}
