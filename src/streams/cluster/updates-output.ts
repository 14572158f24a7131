import { toFeatureUpdateRecord } from '../../sinks/kafka/feature-update-record.js';
import type { KafkaOutput } from '../../sinks/kafka/output.js';
import type { ValueWriter } from '../../sinks/kafka/value-format.js';
import type { FeatureOutput } from './feature-output.js';

/** Latest vectors as records for services downstream, an entity's all in one partition. */
export function updatesOutput(
  output: KafkaOutput,
  topic: string,
  write: ValueWriter,
): FeatureOutput {
  return {
    latest: (latests) => {
      for (const latest of latests) {
        const value = write(toFeatureUpdateRecord(latest));
        output.add({ topic, partition: null, key: String(latest.key), value });
      }
    },
    ready: () => output.ready(),
    flush: () => output.flush(),
  };
}
