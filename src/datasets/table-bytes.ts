import { isUtf8 } from 'node:buffer';
import { statSync } from 'node:fs';
import { WeirError } from '../errors.js';
import { withoutMark } from '../streams/ingest/lines.js';

const newline = 10;
/** A record that goes on for longer is broken: a quote that nobody closed. */
export const recordBytesMax = 16 << 20;
/** Shown of a line that is no UTF-8. */
const excerptBytes = 60;

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
 * Errors: `input-unreadable` where it is no UTF-8, since different texts would come to be the same.
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
    refuseOther(path, bytes.subarray(0, end), read - bytes.length);
    unread.from = end;
    yield { bytes: bytes.subarray(0, end), isLast: false };
    carry = bytes.subarray(unread.from);
  }
  refuseOther(path, carry, read - carry.length);
  yield { bytes: Buffer.concat([carry, Buffer.of(newline)]), isLast: true };
}

/** @param before bytes of the file, after its mark, that came earlier */
function refuseOther(path: string, bytes: Buffer, before: number): void {
  if (isUtf8(bytes)) return;
  const endOf = (from: number) => {
    const end = bytes.indexOf(newline, from);
    return end < 0 ? bytes.length : end;
  };
  const isWide = before === 0 && /^(\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2));
  let from = 0;
  while (isUtf8(bytes.subarray(from, endOf(from)))) from = endOf(from) + 1;
  const line = bytes.toString('latin1', from, Math.min(endOf(from), from + excerptBytes));
  const message = `${path}: expected text in UTF-8, found other bytes in the line at byte ${before + from} (${JSON.stringify(line)}); convert the file, such as by iconv -f ${isWide ? 'utf-16' : 'latin1'} -t utf-8`;
  throw new WeirError('input-unreadable', message, { place: { path } });
}

/** Bytes on disk; 0 for a pipe. What gzip packs makes the share of it grow too fast. */
function sizeOf(path: string): number {
  const packed = path.toLowerCase().endsWith('.gz') ? 4 : 1;
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) * packed;
}
