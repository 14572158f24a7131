import { statSync } from 'node:fs';
import { withoutMark } from '../streams/ingest/lines.js';

const newline = 10;
/** A record that goes on for longer is broken: a quote that nobody closed. */
export const recordBytesMax = 16 << 20;

/** Bytes of a file that end with a line end, except perhaps the last of it. */
export interface Span {
  /** One newline stands after the last line even where the file has none. */
  readonly bytes: Buffer;
  readonly isLast: boolean;
}

/** How a reader gives back what it did not read of a span: it comes again before what follows. */
export interface Unread {
  /** Set by the reader: the start of a record that has not ended. */
  from: number;
}

/**
 * The text of a file, plain or gzip, after its byte order mark, in spans cut at line ends. What is
 * in a span from `unread.from` on comes again with the next one.
 */
export async function* spans(
  path: string,
  unread: Unread,
  progress?: (share: number) => void,
): AsyncGenerator<Span, void> {
  let carry: Buffer = Buffer.alloc(0);
  let read = 0;
  const size = progress === undefined ? 0 : sizeOf(path);
  for await (const chunk of withoutMark(path)) {
    read += chunk.length;
    progress?.(size > 0 ? Math.min(1, read / size) : 0);
    const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    const end = bytes.lastIndexOf(newline) + 1;
    if (end === 0) {
      carry = bytes;
      continue;
    }
    unread.from = end;
    yield { bytes: bytes.subarray(0, end), isLast: false };
    carry = bytes.subarray(unread.from);
  }
  yield { bytes: Buffer.concat([carry, Buffer.of(newline)]), isLast: true };
}

/** Bytes on disk; 0 for a pipe. What gzip packs makes the share of it grow too fast. */
function sizeOf(path: string): number {
  const packed = path.toLowerCase().endsWith('.gz') ? 4 : 1;
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) * packed;
}
