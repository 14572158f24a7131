import type { Row } from '../features/fields.js';
import { type Batch, type Cursor, type Tick, verdicts } from '../records/batch.js';
import type { Frame } from '../records/frame.js';

/** Reads a record's text again: the row of a used record of the topic. */
export type RowReader = (topic: number, raw: string) => Row;

interface Header {
  readonly batch: number;
  readonly first: number;
  readonly ticks: readonly Tick[];
  readonly cursors: readonly Cursor[];
  readonly commands?: readonly string[];
  /** Why records are not used, parallel to the records; left out where all are. */
  readonly details?: readonly string[];
}

/**
 * Bytes of a record in the columns: offset, time, order, partition, text length, topic, verdict.
 */
const recordBytes = 8 + 8 + 4 + 4 + 4 + 1 + 1;
const prefixBytes = 16;
const used = verdicts.indexOf('used');
const decoder = new TextDecoder();

/** JSON of what all frames of a batch share; -Infinity, a time before the first, is null. */
export function headerOf(batch: Batch): string {
  const { first, ticks, cursors, commands } = batch; // stringify leaves out what is undefined
  return JSON.stringify({ batch: batch.batch, first, ticks, cursors, commands });
}

/** Memory that frames are encoded in, one after the other. */
export interface Room {
  bytes: Buffer<ArrayBuffer>;
}

/**
 * Bytes of a frame, in `room` until the next is encoded there: lengths of header, records and text
 * (u32), a spare u32, columns, header, texts in UTF-8.
 * The records' own text is kept, so a log outlives a change of the definition.
 * @param header `headerOf` the frame's batch
 */
export function encodeFrame(frame: Frame, header: string, room: Room): Uint8Array {
  const { batch, count, index, order } = frame;
  const raws = new Array<string>(count);
  const details: string[] = [];
  for (let i = 0; i < count; i++) {
    const at = index[i]!;
    raws[i] = batch.raws[at]!;
    if (batch.verdicts[at] !== used) details.push(batch.details[at]!);
  }
  const head =
    details.length === 0 ? header : `${header.slice(0, -1)},"details":${JSON.stringify(details)}}`;
  const text = raws.join('');
  const headBytes = Buffer.byteLength(head);
  const textBytes = Buffer.byteLength(text);
  const length = prefixBytes + count * recordBytes + headBytes + textBytes;
  // A buffer for each frame would add the text's size outside the heap: a collection each 64 MB.
  if (length > room.bytes.length) room.bytes = Buffer.allocUnsafeSlow(2 * length);
  const { bytes } = room;
  new Uint32Array(bytes.buffer, 0, 4).set([headBytes, count, textBytes, 0]);
  const columns = columnsOf(bytes.buffer, 0, count);
  for (let i = 0; i < count; i++) {
    const at = index[i]!;
    columns.offsets[i] = batch.offsets[at]!;
    columns.timesMs[i] = batch.timesMs[at]!;
    columns.order[i] = order[i]!;
    columns.partitions[i] = batch.partitions[at]!;
    columns.lengths[i] = raws[i]!.length;
    columns.topics[i] = batch.topics[at]!;
    columns.verdicts[i] = batch.verdicts[at]!;
  }
  const textAt = prefixBytes + count * recordBytes;
  bytes.write(head, textAt);
  bytes.write(text, textAt + headBytes);
  return bytes.subarray(0, length);
}

function columnsOf(buffer: ArrayBuffer, start: number, count: number) {
  let at = start + prefixBytes;
  const take = (bytes: number): number => {
    at += bytes * count;
    return at - bytes * count;
  };
  return {
    offsets: new Float64Array(buffer, take(8), count),
    timesMs: new Float64Array(buffer, take(8), count),
    order: new Int32Array(buffer, take(4), count),
    partitions: new Int32Array(buffer, take(4), count),
    lengths: new Int32Array(buffer, take(4), count),
    topics: new Uint8Array(buffer, take(1), count),
    verdicts: new Uint8Array(buffer, take(1), count),
  };
}

/** The header of a frame, its records left alone. */
export function headerTextOf(payload: Buffer): string {
  const at = prefixBytes + payload.readUInt32LE(4) * recordBytes;
  return payload.toString('utf8', at, at + payload.readUInt32LE(0));
}

/** The frame of `encodeFrame`; its batch holds the frame's own records only. */
export function decodeFrame(payload: Uint8Array, readRow: RowReader): Frame {
  const whole = new Uint8Array(payload); // on a buffer of its own, hence aligned
  const [headBytes, count, textBytes] = new Uint32Array(whole.buffer, 0, 3) as unknown as [
    number,
    number,
    number,
  ];
  const columns = columnsOf(whole.buffer, 0, count);
  const textAt = prefixBytes + count * recordBytes;
  const header: Header = JSON.parse(decoder.decode(whole.subarray(textAt, textAt + headBytes)));
  const text = Buffer.from(whole.buffer, textAt + headBytes, textBytes).toString();
  const raws: string[] = [];
  let at = 0;
  for (const length of columns.lengths) {
    raws.push(text.slice(at, at + length));
    at += length;
  }
  const { details: reasons = [], ...shared } = header;
  let refused = 0;
  const details = raws.map((_, i) =>
    columns.verdicts[i] === used ? '' : (reasons[refused++] ?? ''),
  );
  const rows = raws.map((raw, i) =>
    columns.verdicts[i] === used ? readRow(columns.topics[i]!, raw) : null,
  );
  const cursors = shared.cursors.map((c) => ({
    ...c,
    maxTimeMs: c.maxTimeMs ?? Number.NEGATIVE_INFINITY,
  }));
  const { offsets, timesMs, order, partitions, topics, verdicts: judged } = columns;
  const batch: Batch = {
    ...shared,
    cursors,
    count,
    topics,
    partitions,
    offsets,
    timesMs,
    verdicts: judged,
    rows,
    raws,
    details,
  };
  return { batch, count, index: Int32Array.from({ length: count }, (_, i) => i), order };
}
