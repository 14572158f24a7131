import { WeirError } from '../errors.js';
import type { TopicDefinition } from '../features/source.js';
import type { RowReader } from './frame-codec.js';
import { compileDecoder, type Decoded, decodeLine } from './ingest/decoder.js';

/** Reads used records' text back from the logs. */
export function rowReader(topics: readonly TopicDefinition[]): RowReader {
  const decoders = topics.map(compileDecoder);
  const into: Decoded = { row: null, timeMs: 0 };
  return (topic, raw) => {
    const reason = decodeLine(decoders[topic]!, raw, into);
    if (reason !== '' || into.row === null) {
      throw new WeirError(
        'segment-corrupt',
        `the log holds a record of ${topics[topic]!.topic} as used that the definition refuses (${reason}); the definition changed: start over with --reset`,
      );
    }
    return into.row;
  };
}
