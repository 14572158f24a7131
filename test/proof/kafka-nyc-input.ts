import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Kafka } from '../../src/sinks/kafka/client.js';
import type { RecordSchema, Registry } from '../../src/sinks/kafka/registry.js';
import {
  createValueWriter,
  subjectOf,
  type ValueFormat,
  type ValueWriter,
} from '../../src/sinks/kafka/value-format.js';
import { withAdmin } from '../faults/log-faults.js';
import { sourcePartitions } from '../faults/workload.js';

export const topics = ['interactions', 'place-updates', 'context'] as const;
export type Topic = (typeof topics)[number];

/** By topic, the lines of each of its partitions, in the order of the input. */
export type Input = Readonly<Record<Topic, readonly (readonly string[])[]>>;

/** A record as it is written; only what is looked at is named. */
export interface SourceRecord {
  readonly user_id?: number | string;
  readonly place_id?: number | string;
  readonly timestamp: string;
}

const folder = process.env.WEIR_NYC ?? '../shared/data/nyc';
const schemas = fileURLToPath(new URL('../../../schemas/', import.meta.url));
const messagesAtOnce = 2_000;

/** Whether the check-ins lie where they are looked for. */
export function hasInput(): boolean {
  return existsSync(join(folder, 'interactions.ndjson.gz'));
}

/** @param share of the interactions, the first ones; the tables are always whole */
export function readInput(share: number): Input {
  const linesOf = (topic: Topic): string[] => {
    const bytes = gunzipSync(readFileSync(join(folder, `${topic}.ndjson.gz`)));
    return bytes.toString().trimEnd().split('\n');
  };
  const interactions = linesOf('interactions');
  const first = interactions.slice(0, Math.ceil(interactions.length * share));
  return {
    interactions: split('interactions', first),
    'place-updates': split('place-updates', linesOf('place-updates')),
    context: split('context', linesOf('context')),
  };
}

/** By a hash of the key that is not the one of the logs, so that a log partition reads them all. */
function split(topic: Topic, lines: readonly string[]): string[][] {
  const partitions = Array.from({ length: sourcePartitions[topic] }, (): string[] => []);
  for (const line of lines) {
    const hash = createHash('sha1')
      .update(keyOf(recordOf(line)))
      .digest();
    partitions[hash.readUInt32BE(0) % partitions.length]!.push(line);
  }
  return partitions;
}

export function recordOf(line: string): SourceRecord {
  return JSON.parse(line) as SourceRecord; // a line of the input
}

function keyOf({ user_id, place_id }: SourceRecord): string {
  return String(user_id ?? place_id ?? '');
}

/** Largest time of an interaction, ms. */
export function lastTimeMs({ interactions }: Input): number {
  const times = interactions.flatMap((lines) =>
    lines.map((l) => Date.parse(recordOf(l).timestamp)),
  );
  return times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}

/** Each partition as a file; gives the words of `--input`. */
export function writeFiles(input: Input, directory: string): string[] {
  return topics.flatMap((topic) =>
    input[topic].map((lines, partition) => {
      const path = join(directory, `${topic}-${partition}.ndjson`);
      writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
      return `${topic}=${path}`;
    }),
  );
}

/** Makes the topics and writes every partition as it is, the partitions of a topic side by side. */
export async function produceInput(
  kafka: Kafka,
  registry: Registry,
  prefix: string,
  input: Input,
  format: ValueFormat,
): Promise<void> {
  const made = topics.map((topic) => {
    return { topic: `${prefix}${topic}`, numPartitions: sourcePartitions[topic] };
  });
  await withAdmin(kafka, (admin) => admin.createTopics({ waitForLeaders: true, topics: made }));
  const producer = kafka.producer();
  await producer.connect();
  for (const topic of topics) {
    const name = `${prefix}${topic}`;
    const schema = JSON.parse(readFileSync(`${schemas}${topic}.avsc`, 'utf8')) as RecordSchema;
    const write = await createValueWriter(format, registry, subjectOf(name), schema);
    const lengthMax = Math.max(...input[topic].map(({ length }) => length));
    for (let from = 0; from < lengthMax; from += messagesAtOnce) {
      const messages = input[topic].flatMap((lines, partition) =>
        lines.slice(from, from + messagesAtOnce).map((line) => {
          return {
            partition,
            key: keyOf(recordOf(line)),
            value: messageValue(line, format, write),
          };
        }),
      );
      await producer.send({ topic: name, acks: -1, messages });
    }
  }
  await producer.disconnect();
}

/** In JSON the line itself; Avro counts milliseconds. */
function messageValue(line: string, format: ValueFormat, write: ValueWriter): Buffer {
  if (format === 'json') return Buffer.from(line);
  const record = recordOf(line);
  return write({ ...record, timestamp: Date.parse(record.timestamp) });
}
