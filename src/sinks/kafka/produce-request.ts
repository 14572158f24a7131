import { crc32c } from './crc32c.js';
import { sizeOfVarint, writeVarint } from './varint.js';

type HeaderValue = Buffer | string;

/** A message as the client hands it to its encoder. */
export interface ProducedMessage {
  readonly key?: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers?: Readonly<Record<string, HeaderValue | readonly HeaderValue[]>>;
  readonly timestamp?: string;
}

/** A produce request of the protocol's versions 3 to 7. */
export interface ProduceRequest {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId?: string | null;
  /** A number of 64 bits as the client has it. */
  readonly producerId?: { toString(): string };
  readonly producerEpoch?: number;
  readonly compression?: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly PartitionData[];
  }[];
}

interface PartitionData {
  readonly partition: number;
  readonly firstSequence: number;
  readonly messages: readonly ProducedMessage[];
}

/** Of a record beside its key and value, and of a partition beside its records. */
const recordBytesMax = 32;
const partitionBytes = 8 + 61;
const transactionalBit = 16;
const noHeaders = {};

/**
 * The body of a produce request in one buffer: record batches of format 2, not compressed, all
 * records of the time `nowMs`. Null for what is rare (times of their own, several headers of one
 * name, compression), which the client's own encoder writes.
 */
export function encodeProduce(request: ProduceRequest, nowMs: number): Buffer | null {
  if ((request.compression ?? 0) !== 0) return null;
  const bound = boundOf(request);
  return bound < 0 ? null : new Writer(Buffer.allocUnsafeSlow(bound)).request(request, nowMs);
}

/** Bytes that hold the request; −1 where there is something rare in it. */
function boundOf({ topicData, transactionalId }: ProduceRequest): number {
  let bytes = 64 + 3 * (transactionalId ?? '').length;
  for (const { topic, partitions } of topicData) {
    bytes += 16 + 3 * topic.length;
    for (const { messages } of partitions) {
      bytes += partitionBytes;
      for (const { key, value, headers, timestamp } of messages) {
        const keyBytes = boundOfPart(key);
        const valueBytes = boundOfPart(value);
        const headersBytes = boundOfHeaders(headers);
        const isRare = keyBytes < 0 || valueBytes < 0 || headersBytes < 0;
        if (isRare || timestamp !== undefined) return -1;
        bytes += recordBytesMax + keyBytes + valueBytes + headersBytes;
      }
    }
  }
  return bytes;
}

function boundOfHeaders(headers: ProducedMessage['headers']): number {
  if (headers === undefined) return 0;
  let bytes = 0;
  for (const name in headers) {
    const value = headers[name];
    if (typeof value !== 'string' && !Buffer.isBuffer(value)) return -1;
    bytes += 10 + 3 * name.length + boundOfPart(value);
  }
  return bytes;
}

function boundOfPart(part: Buffer | string | null | undefined): number {
  if (part == null) return 0;
  if (typeof part === 'string') return 3 * part.length;
  return Buffer.isBuffer(part) ? part.length : -1;
}

class Writer {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  request(request: ProduceRequest, nowMs: number): Buffer {
    const { acks, timeout, transactionalId = null, topicData } = request;
    this.#string(transactionalId);
    this.#int16(acks);
    this.#int32(timeout);
    this.#int32(topicData.length);
    for (const { topic, partitions } of topicData) {
      this.#string(topic);
      this.#int32(partitions.length);
      for (const one of partitions) this.#partition(one, request, nowMs);
    }
    return this.#bytes.subarray(0, this.#at);
  }

  #partition(data: PartitionData, request: ProduceRequest, nowMs: number): void {
    const { partition, firstSequence = 0, messages } = data;
    const { transactionalId, producerId = -1, producerEpoch = 0 } = request;
    this.#int32(partition);
    const sizeAt = this.#at;
    this.#at += 4;
    this.#int64(0n); // first offset, given by the broker
    const lengthAt = this.#at;
    this.#at += 4;
    this.#int32(0); // the leader's epoch, given by the broker
    this.#bytes[this.#at++] = 2; // the format
    const sumAt = this.#at;
    this.#at += 4;
    this.#int16(transactionalId ? transactionalBit : 0);
    this.#int32(messages.length - 1);
    this.#int64(BigInt(nowMs));
    this.#int64(BigInt(nowMs));
    this.#int64(BigInt(producerId.toString()));
    this.#int16(producerEpoch);
    this.#int32(firstSequence);
    this.#int32(messages.length);
    for (let i = 0; i < messages.length; i++) this.#record(i, messages[i]!);
    const bytes = this.#bytes;
    bytes.writeInt32BE(this.#at - sizeAt - 4, sizeAt);
    bytes.writeInt32BE(this.#at - lengthAt - 4, lengthAt);
    bytes.writeUInt32BE(crc32c(bytes.subarray(sumAt + 4, this.#at)), sumAt);
  }

  #record(offsetDelta: number, { key, value, headers = noHeaders }: ProducedMessage): void {
    const bytes = this.#bytes;
    const keyBytes = lengthOf(key);
    const valueBytes = lengthOf(value);
    let count = 0;
    let headersBytes = 0;
    for (const name in headers) {
      count++;
      headersBytes += sizeOfPart(lengthOf(name));
      headersBytes += sizeOfPart(lengthOf(headers[name] as HeaderValue)); // `boundOf` saw to it
    }
    const length =
      2 + // attributes and time
      sizeOfVarint(offsetDelta) +
      sizeOfPart(keyBytes) +
      sizeOfPart(valueBytes) +
      sizeOfVarint(count) +
      headersBytes;
    let at = writeVarint(bytes, this.#at, length);
    bytes[at++] = 0;
    bytes[at++] = 0;
    at = writeVarint(bytes, at, offsetDelta);
    at = writePart(bytes, at, key, keyBytes);
    at = writePart(bytes, at, value, valueBytes);
    at = writeVarint(bytes, at, count);
    for (const name in headers) {
      const header = headers[name] as HeaderValue;
      at = writePart(bytes, at, name, lengthOf(name));
      at = writePart(bytes, at, header, lengthOf(header));
    }
    this.#at = at;
  }

  #string(text: string | null): void {
    this.#int16(text === null ? -1 : Buffer.byteLength(text));
    if (text !== null) this.#at += this.#bytes.write(text, this.#at);
  }

  #int16(value: number): void {
    this.#at = this.#bytes.writeInt16BE(value, this.#at);
  }

  #int32(value: number): void {
    this.#at = this.#bytes.writeInt32BE(value, this.#at);
  }

  #int64(value: bigint): void {
    this.#at = this.#bytes.writeBigInt64BE(value, this.#at);
  }
}

/** Bytes of a part with its length; −1 stands for null. */
function sizeOfPart(length: number): number {
  return sizeOfVarint(length) + Math.max(length, 0);
}

function lengthOf(part: Buffer | string | null | undefined): number {
  if (part == null) return -1;
  return typeof part === 'string' ? Buffer.byteLength(part) : part.length;
}

function writePart(
  bytes: Buffer,
  start: number,
  part: Buffer | string | null | undefined,
  length: number,
): number {
  const at = writeVarint(bytes, start, length);
  if (part == null) return at;
  if (typeof part !== 'string') bytes.set(part, at);
  else if (length !== part.length || length > 32) bytes.write(part, at);
  // A call into the runtime costs more than the loop for what is as short as a key.
  else for (let i = 0; i < length; i++) bytes[at + i] = part.charCodeAt(i);
  return at + length;
}
