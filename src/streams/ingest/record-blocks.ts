import type { TopicDefinition } from '../../features/source.js';
import { avroBlocks } from './avro-file.js';
import { csvBlocks } from './csv-file.js';
import type { LineBlock } from './line-block.js';
import { type LinesOptions, lineBlocks } from './lines.js';

/** The records of a file as JSON text: CSV or Avro by its name's end, lines of JSON otherwise. */
export function recordBlocks(
  path: string,
  topic: TopicDefinition,
  options: LinesOptions,
): AsyncGenerator<LineBlock, void> {
  const name = path.toLowerCase().replace(/\.gz$/, '');
  if (name.endsWith('.csv')) return csvBlocks(path, topic, options);
  if (name.endsWith('.avro')) return avroBlocks(path, options);
  return lineBlocks(path, options);
}
