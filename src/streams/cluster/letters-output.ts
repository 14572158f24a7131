import type { KafkaOutput } from '../../sinks/kafka/output.js';
import type { ValueWriter } from '../../sinks/kafka/value-format.js';
import type { DeadLetterOutput } from './refused-log-task.js';

/** Dead letters as records, keyed by their source coordinates. */
export function lettersOutput(
  output: KafkaOutput,
  topic: string,
  write: ValueWriter,
): DeadLetterOutput {
  return {
    add: (letters) => {
      for (const letter of letters) {
        const key = `${letter.topic}/${letter.partition}/${letter.offset}`;
        output.add({ topic, partition: null, key, value: write(letter) });
      }
    },
    ready: () => output.ready(),
    flush: () => output.flush(),
  };
}
