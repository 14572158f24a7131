import { type Cell, cellKind } from './cell.js';
import { cellOfText } from './text-cell.js';

/** Distinct texts that are told apart in a column; more are counted as one. */
export const distinctTextsMax = 100_000;
/** A longer text is no category. */
const textBytesMax = 200;
const slotsMin = 256;

/** A text that is told apart from no other. */
const unknown: Cell = { kind: cellKind.text, value: -1 };

/**
 * The distinct texts of one column, each with a code in the order they came, and what each stands
 * for. Looked up by bytes, so that a text that is known is not made again; bounded.
 */
export class TextDictionary {
  /** By code. */
  readonly texts: string[] = [];
  /** Whether there were more texts than are told apart. */
  isFull = false;
  readonly #cells: Cell[] = [];
  readonly #bytes: Buffer[] = [];
  readonly #hashes: number[] = [];
  readonly #byText = new Map<string, Cell>();
  /** Entry + 1 by hash, linear probing; at most half full. */
  #slots = new Int32Array(slotsMin);

  /** The cell of a text, in UTF-8, of a file whose cells are all text. */
  cellOfBytes(bytes: Buffer, from: number, to: number): Cell {
    let hash = 0x811c9dc5;
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const entry = this.#slots[slot]! - 1;
      if (entry < 0) break;
      if (this.#hashes[entry] === hash && isSame(this.#bytes[entry]!, bytes, from, to)) {
        return this.#cells[entry]!;
      }
      slot = (slot + 1) & mask;
    }
    return this.#add(bytes, from, to, hash);
  }

  /** The cell of a text that is at hand as such. */
  cellOf(raw: string): Cell {
    const known = this.#byText.get(raw);
    if (known !== undefined) return known;
    const cell = cellOfText(raw);
    if (cell.kind === cellKind.number || cell.kind === cellKind.time) return cell;
    return this.#remember(raw, cell);
  }

  #remember(raw: string, cell: Cell): Cell {
    const isLong = raw.length > textBytesMax;
    if (this.#byText.size >= distinctTextsMax || isLong) {
      this.isFull ||= cell.kind === cellKind.text;
      return cell.kind === cellKind.text ? unknown : cell;
    }
    if (cell.kind !== cellKind.text) {
      this.#byText.set(raw, cell);
      return cell;
    }
    const text = raw.trim();
    const same = text === raw ? undefined : this.#byText.get(text);
    const made = same ?? { kind: cellKind.text, value: this.texts.push(text) - 1 };
    this.#byText.set(text, made);
    this.#byText.set(raw, made);
    return made;
  }

  #add(bytes: Buffer, from: number, to: number, hash: number): Cell {
    const cell = this.cellOf(bytes.toString('utf8', from, to));
    const isKept = cell.kind !== cellKind.number && cell.kind !== cellKind.time && cell !== unknown;
    if (!isKept || this.#bytes.length >= distinctTextsMax || to - from > textBytesMax) return cell;
    this.#bytes.push(Buffer.from(bytes.subarray(from, to)));
    this.#hashes.push(hash);
    this.#cells.push(cell);
    if (this.#bytes.length * 2 > this.#slots.length) this.#grow();
    else this.#place(this.#bytes.length - 1);
    return cell;
  }

  #place(entry: number): void {
    const mask = this.#slots.length - 1;
    const hash = this.#hashes[entry]!;
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 4);
    for (let entry = 0; entry < this.#bytes.length; entry++) this.#place(entry);
  }
}

function isSame(known: Buffer, bytes: Buffer, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[from + i]) return false;
  return true;
}

/** The dictionary of a column, made where there is none yet. */
export function dictionaryOf(all: Map<string, TextDictionary>, name: string): TextDictionary {
  const known = all.get(name);
  if (known !== undefined) return known;
  const made = new TextDictionary();
  all.set(name, made);
  return made;
}
