import { isAscii, isUtf8 } from 'node:buffer';

const newline = 10;
const carriageReturn = 13;
const space = 32;
/** Bytes kept of a line that is too long, to show in the dead letter. */
export const keptBytes = 4_096;

/** Consecutive lines of a source partition: line i has the offset `first + i`. */
export interface LineBlock {
  readonly first: number;
  /** Without line ends; '' for a blank line, which takes an offset and is no record. */
  readonly lines: readonly string[];
  /** By index, why a line cannot be read as text; null where all can. */
  readonly faults: ReadonlyMap<number, string> | null;
}

/** Why a line of more than `bytesMax` bytes is invalid. */
export function tooLong(bytesMax: number): string {
  return `expected a line of at most ${bytesMax} bytes, found a longer one`;
}

/** The start of a line that is too long. */
export function startOfLine(bytes: Buffer): string {
  return bytes.toString('utf8', 0, Math.min(bytes.length, keptBytes));
}

/** White space alone is no record. */
function notBlank(line: string): string {
  return line.charCodeAt(0) <= space && /^[ \t\r\v\f]*$/.test(line) ? '' : line;
}

/**
 * Cuts one text: the lines are views of it, which costs a tenth of decoding each from its bytes.
 */
function splitText(text: string, lines: string[]): void {
  const { length } = text;
  for (let start = 0; start < length; ) {
    const found = text.indexOf('\n', start);
    const next = found < 0 ? length : found;
    const end = next > start && text.charCodeAt(next - 1) === carriageReturn ? next - 1 : next;
    lines.push(notBlank(text.substring(start, end)));
    start = next + 1;
  }
}

function splitBytes(bytes: Buffer, bytesMax: number, lines: string[]): Map<number, string> {
  const faults = new Map<number, string>();
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(newline, start);
    const next = found < 0 ? bytes.length : found;
    const end = next > start && bytes[next - 1] === carriageReturn ? next - 1 : next;
    const line = bytes.subarray(start, end);
    if (next - start > bytesMax) {
      faults.set(lines.length, tooLong(bytesMax));
      lines.push(startOfLine(bytes.subarray(start, next)));
    } else {
      if (!isUtf8(line)) faults.set(lines.length, 'not valid UTF-8');
      lines.push(notBlank(line.toString()));
    }
    start = next + 1;
  }
  return faults;
}

/** Cuts whole lines of UTF-8 into a block; the last may lack its line end. */
export function blockOf(bytes: Buffer, first: number, bytesMax: number): LineBlock {
  const lines: string[] = [];
  const isPlain = isAscii(bytes);
  if (bytes.length > bytesMax || !(isPlain || isUtf8(bytes))) {
    const faults = splitBytes(bytes, bytesMax, lines);
    return { first, lines, faults: faults.size === 0 ? null : faults };
  }
  const text = bytes.toString(isPlain ? 'latin1' : 'utf8');
  splitText(text, lines);
  return { first, lines, faults: null };
}
