/** The client's reader of bytes, at the start of a record behind its length. */
export interface RecordBytes {
  readonly buffer: Buffer;
  offset: number;
}

/** What the records of a batch share. */
export interface BatchContext {
  /** Numbers as text. */
  readonly firstOffset: string;
  readonly firstTimestamp: string;
  readonly maxTimestamp: string;
  readonly magicByte?: number;
  readonly isControlBatch: boolean;
  /** 1 where the broker's clock counts. */
  readonly timestampType: number;
}

export interface DecodedRecord {
  readonly magicByte: number | undefined;
  readonly attributes: number;
  readonly timestamp: string;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: object;
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
}

const byBrokerClock = 1;

/** Reads varints of up to four bytes; `fits` is false behind a longer one. */
class Varints {
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  fits = true;

  next(): number {
    const { bytes } = this;
    let byte = bytes[this.at++]!;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (shift > 21) {
        this.fits = false;
        return 0;
      }
      byte = bytes[this.at++]!;
      value |= (byte & 0x7f) << shift;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  part(): Buffer | null {
    const length = this.next();
    if (length < 0) return null;
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

const varints = new Varints();
let known: BatchContext | null = null;
let firstOffset = 0;
let firstTimestamp = 0;
let lastDelta = 0;
let lastTimestamp = '';

/** Numbers of the batch are read once, and records of one millisecond share a text. */
function know(context: BatchContext): void {
  if (context === known) return;
  known = context;
  firstOffset = Number(context.firstOffset);
  firstTimestamp = Number(context.firstTimestamp);
  lastDelta = 0;
  lastTimestamp = String(firstTimestamp);
}

function timestampAt(delta: number): string {
  if (delta !== lastDelta) {
    lastDelta = delta;
    lastTimestamp = String(firstTimestamp + delta);
  }
  return lastTimestamp;
}

/**
 * A record of format 2; null for what is rare (headers, numbers of more than four bytes), which
 * the client's own decoder reads: nothing was taken from `source` then.
 */
export function decodeRecord(source: RecordBytes, context: BatchContext): DecodedRecord | null {
  varints.bytes = source.buffer;
  varints.at = source.offset + 1;
  varints.fits = true;
  const timestampDelta = varints.next();
  const offsetDelta = varints.next();
  const key = varints.part();
  const value = varints.part();
  const headers = varints.next();
  if (!varints.fits || headers !== 0) return null;
  const attributes = source.buffer.readInt8(source.offset);
  source.offset = varints.at;
  know(context);
  return {
    magicByte: context.magicByte,
    attributes,
    timestamp:
      context.timestampType === byBrokerClock ? context.maxTimestamp : timestampAt(timestampDelta),
    offset: String(firstOffset + offsetDelta),
    key,
    value,
    headers: {},
    isControlRecord: context.isControlBatch,
    batchContext: context,
  };
}
