import { createRequire } from 'node:module';
import { crc32c } from './crc32c.js';
import {
  type BatchContext,
  type DecodedRecord,
  decodeRecord,
  type RecordBytes,
} from './decode-record.js';
import { encodeProduce, type ProduceRequest } from './produce-request.js';

// Four inner functions of kafkajs take most of its time: per record some twenty small buffers and
// big integers, per message a copy of the list so far, a checksum byte by byte. They are replaced
// by functions with the same results before the client is loaded; its version is pinned. What is
// rare goes the old way.

const require = createRequire(import.meta.url);

/** Replaces what a module of the client exports by what `make` makes of it. */
function replace<Export>(path: string, make: (original: Export) => Export): void {
  const id = require.resolve(`kafkajs/src/${path}`);
  const original: Export = require(id);
  const loaded = require.cache[id];
  if (loaded !== undefined) loaded.exports = make(original);
}

/** Bytes as the client's own encoder holds them. */
interface Encoded {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

/** A request of the protocol; the client encodes it when it is sent. */
interface Request {
  readonly encode: () => Promise<Encoded>;
}

type Decode = (source: RecordBytes, context: BatchContext) => DecodedRecord;

interface Grouped<Message> {
  readonly topic: string;
  readonly partitionMetadata: readonly object[];
  readonly messages: readonly Message[];
  readonly partitioner: (one: {
    topic: string;
    partitionMetadata: readonly object[];
    message: Message;
  }) => number;
}

/** By partition, in order. */
function groupByPartition<Message>({
  topic,
  partitionMetadata,
  messages,
  partitioner,
}: Grouped<Message>): Record<number, Message[]> {
  const groups: Record<number, Message[]> = {};
  if (partitionMetadata.length === 0) return groups;
  for (const message of messages) {
    const partition = partitioner({ topic, partitionMetadata, message });
    const group = groups[partition];
    if (group === undefined) groups[partition] = [message];
    else group.push(message);
  }
  return groups;
}

replace<(bytes: Buffer) => number>('protocol/recordBatch/crc32C/index.js', () => crc32c);
replace<typeof groupByPartition>('producer/groupMessagesPerPartition.js', () => groupByPartition);
replace<(request: ProduceRequest) => Request>(
  'protocol/requests/produce/v3/request.js',
  (original) => (request) => {
    const usual = original(request);
    const encode = async (): Promise<Encoded> => {
      const bytes = encodeProduce(request, Date.now());
      return bytes === null ? usual.encode() : { buf: bytes, buffer: bytes };
    };
    return { ...usual, encode };
  },
);
replace<Decode>(
  'protocol/recordBatch/record/v0/decoder.js',
  (original) => (source, context) => decodeRecord(source, context) ?? original(source, context),
);
