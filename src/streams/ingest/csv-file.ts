import { isAscii, isUtf8 } from 'node:buffer';
import { WeirError } from '../../errors.js';
import type { TopicDefinition } from '../../features/source.js';
import { CsvScanner } from './csv-record.js';
import { HeaderFault, type RowWriter, rowWriter } from './csv-row.js';
import type { LineBlock } from './line-block.js';
import { type LinesOptions, lineBytesMaxDefault, pieces, withoutMark } from './lines.js';

const newline = 10;

interface Piece {
  readonly text: string;
  readonly isUtf8: boolean;
  readonly isLast: boolean;
}

function unreadable(path: string, problem: string): WeirError {
  const message = `${path}: expected CSV with a header of column names, found ${problem}; mend the file`;
  return new WeirError('input-unreadable', message, { place: { path } });
}

function pieceOf(bytes: Buffer, isLast: boolean): Piece {
  const isPlain = isAscii(bytes);
  const text = bytes.toString(isPlain ? 'latin1' : 'utf8');
  return { text, isUtf8: isPlain || isUtf8(bytes), isLast };
}

/** The file's text, cut at line ends. */
async function* textPieces(path: string, bytesMax: number): AsyncGenerator<Piece, void> {
  let carry = Buffer.alloc(0);
  for await (const chunk of withoutMark(path)) {
    const end = chunk.lastIndexOf(newline) + 1;
    if (end > 0) {
      const whole = Buffer.concat([carry, chunk.subarray(0, end)]);
      for (const piece of pieces(whole)) yield pieceOf(piece, false);
      carry = Buffer.alloc(0);
    }
    carry = Buffer.concat([carry, chunk.subarray(end)]);
    if (carry.length > bytesMax) throw unreadable(path, `a line of more than ${bytesMax} bytes`);
  }
  yield pieceOf(carry, true);
}

/** Reads the records of one file, one piece of its text after the other. */
class CsvReader {
  readonly #path: string;
  readonly #topic: TopicDefinition;
  readonly #from: number;
  readonly #charsMax: number;
  readonly #scanner = new CsvScanner();
  #columns = 0;
  #write: RowWriter | null = null;
  /** Offset of the next record. */
  #next = 0;
  /** The start of a record whose end has not come. */
  #rest = '';
  #restIsUtf8 = true;

  constructor(path: string, topic: TopicDefinition, from: number, charsMax: number) {
    this.#path = path;
    this.#topic = topic;
    this.#from = from;
    this.#charsMax = charsMax;
  }

  /** The records that end in the piece. */
  take(piece: Piece): LineBlock {
    const text = this.#rest + piece.text;
    const isValid = piece.isUtf8 && this.#restIsUtf8;
    const scanner = this.#scanner;
    scanner.text = text;
    const lines: string[] = [];
    const faults = new Map<number, string>();
    let at = 0;
    while (at < text.length) {
      if (!scanner.read(at, piece.isLast)) {
        if (text.length - at <= this.#charsMax) break;
        scanner.refuseLine(at, `a quote is not closed within ${this.#charsMax} characters`);
      }
      const start = at;
      at = scanner.next;
      if (this.#write === null) this.#readHeader();
      else if (this.#next++ >= this.#from) {
        const raw = text.slice(start, scanner.end);
        const fault = scanner.fault || this.#faultOf(raw, isValid);
        if (fault !== '') faults.set(lines.length, fault);
        lines.push(fault === '' ? this.#lineOf() : raw);
      }
    }
    this.#rest = text.slice(at);
    this.#restIsUtf8 = isValid || this.#rest === '';
    const first = Math.max(this.#next, this.#from) - lines.length;
    return { first, lines, faults: faults.size === 0 ? null : faults };
  }

  #isBlank(): boolean {
    const { cells } = this.#scanner;
    return cells.length === 1 && cells[0]!.trim() === '';
  }

  /** A blank line takes an offset and is no record, as in a file of JSON. */
  #lineOf(): string {
    return this.#isBlank() ? '' : this.#write!(this.#scanner.cells); // called after the header
  }

  #faultOf(raw: string, isValid: boolean): string {
    // What cannot be decoded became U+FFFD.
    if (!isValid && raw.includes('\ufffd')) return 'not valid UTF-8';
    const found = this.#scanner.cells.length;
    if (found === this.#columns || this.#isBlank()) return '';
    return `expected ${this.#columns} cells as in the header, found ${found}`;
  }

  #readHeader(): void {
    const { cells, fault } = this.#scanner;
    const names = cells.map((name) => name.trim());
    if (fault !== '') throw unreadable(this.#path, `a header in which ${fault}`);
    if (names.length === 1 && /[;\t]/.test(names[0]!)) {
      throw unreadable(this.#path, 'a header without commas');
    }
    try {
      this.#write = rowWriter(this.#topic, names);
      this.#columns = names.length;
    } catch (error) {
      if (!(error instanceof HeaderFault)) throw error;
      throw unreadable(this.#path, `a header with ${error.message}`);
    }
  }
}

/**
 * The rows of a CSV file as the JSON text of their records, in blocks.
 *
 * Each row takes one offset, from 0; the header takes none. A row that is not whole stands in its
 * block as it is, with a fault. Errors: `input-missing`, `input-unreadable`.
 */
export async function* csvBlocks(
  path: string,
  topic: TopicDefinition,
  options: LinesOptions = {},
): AsyncGenerator<LineBlock, void> {
  const bytesMax = options.lineBytesMax ?? lineBytesMaxDefault;
  const reader = new CsvReader(path, topic, options.fromOffset ?? 0, bytesMax);
  for await (const piece of textPieces(path, bytesMax)) {
    const block = reader.take(piece);
    if (block.lines.length > 0) yield block;
  }
}
