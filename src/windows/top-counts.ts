import { type FlatArray, widerInts } from './flat-arrays.js';

const none = 0;
/** Texts that one set of counts may tell apart; more are left out and counted. */
const textLimit = 1_000_000;

/**
 * Orders texts by code point; UTF-16 order differs from it for characters beyond the first plane.
 */
export function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codePointRank(x) - codePointRank(y);
  }
  return a.length - b.length;
}

/** Puts surrogates, which begin characters beyond U+FFFF, above all other units. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/**
 * Counts of texts per key, each key's list kept in order: most frequent first, ties by code point.
 */
export class TopCounts {
  readonly #codes = new Map<string, number>();
  readonly #texts: string[] = [''];
  /** Entry of (key, text). */
  readonly #entries = new Map<number, number>();
  #text = new Int32Array(512);
  #count = new Int32Array(512);
  #next = new Int32Array(512);
  #previous = new Int32Array(512);
  #top = 1;
  #head = new Int32Array(256);
  #tail = new Int32Array(256);
  /** Texts left out since the limit was reached. */
  refused = 0;

  /** Counts one more of `text`; null is none. */
  add(key: number, text: string | null): void {
    if (text === null) return;
    const code = this.#codeOf(text);
    if (code === none) return;
    const id = key * (textLimit + 1) + code;
    let entry = this.#entries.get(id);
    if (entry === undefined) {
      entry = this.#append(key, code);
      this.#entries.set(id, entry);
    }
    this.#count[entry]!++;
    this.#rise(key, entry);
  }

  /** The `size` most frequent texts of a key. */
  top(key: number, size: number): (readonly [string, number])[] {
    const list: (readonly [string, number])[] = [];
    let entry = key < this.#head.length ? this.#head[key]! : none;
    for (; entry !== none && list.length < size; entry = this.#next[entry]!) {
      list.push([this.#texts[this.#text[entry]!]!, this.#count[entry]!]);
    }
    return list;
  }

  get bytes(): number {
    return this.#top * 40;
  }

  dump(): FlatArray[] {
    const used = [this.#text, this.#count, this.#next, this.#previous];
    const parts = used.map((array) => array.subarray(0, this.#top));
    const texts = new TextEncoder().encode(JSON.stringify(this.#texts));
    return [Float64Array.of(this.#top, this.refused), ...parts, this.#head, this.#tail, texts];
  }

  restore(arrays: readonly FlatArray[]): void {
    const [head, text, count, next, previous, heads, tails, encoded] = arrays;
    const texts: readonly string[] = JSON.parse(new TextDecoder().decode(encoded as Uint8Array));
    this.#texts.length = 1;
    this.#codes.clear();
    for (const one of texts.slice(1)) this.#codes.set(one, this.#texts.push(one) - 1);
    this.#top = head![0]!;
    this.refused = head![1]!;
    this.#text = (text as Int32Array).slice();
    this.#count = (count as Int32Array).slice();
    this.#next = (next as Int32Array).slice();
    this.#previous = (previous as Int32Array).slice();
    this.#head = (heads as Int32Array).slice();
    this.#tail = (tails as Int32Array).slice();
    this.#entries.clear();
    for (let key = 0; key < this.#head.length; key++) {
      for (let entry = this.#head[key]!; entry !== none; entry = this.#next[entry]!) {
        this.#entries.set(key * (textLimit + 1) + this.#text[entry]!, entry);
      }
    }
  }

  #codeOf(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    if (this.#texts.length > textLimit) {
      this.refused++;
      return none;
    }
    this.#codes.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }

  #append(key: number, code: number): number {
    if (this.#top === this.#text.length) this.#grow();
    this.#reserve(key);
    const entry = this.#top++;
    const tail = this.#tail[key]!;
    this.#text[entry] = code;
    this.#previous[entry] = tail;
    if (tail === none) this.#head[key] = entry;
    else this.#next[tail] = entry;
    this.#tail[key] = entry;
    return entry;
  }

  /** Moves an entry whose count grew to its place; counts grow by one, so it rarely goes far. */
  #rise(key: number, entry: number): void {
    let above = this.#previous[entry]!;
    while (above !== none && this.#precedes(entry, above)) above = this.#previous[above]!;
    if (above === this.#previous[entry]) return;
    this.#unlink(key, entry);
    const below = above === none ? this.#head[key]! : this.#next[above]!;
    this.#previous[entry] = above;
    this.#next[entry] = below;
    this.#previous[below] = entry;
    if (above === none) this.#head[key] = entry;
    else this.#next[above] = entry;
  }

  #precedes(a: number, b: number): boolean {
    const byCount = this.#count[a]! - this.#count[b]!;
    if (byCount !== 0) return byCount > 0;
    return compareCodePoints(this.#texts[this.#text[a]!]!, this.#texts[this.#text[b]!]!) < 0;
  }

  #unlink(key: number, entry: number): void {
    const next = this.#next[entry]!;
    const previous = this.#previous[entry]!;
    if (previous === none) this.#head[key] = next;
    else this.#next[previous] = next;
    if (next === none) this.#tail[key] = previous;
    else this.#previous[next] = previous;
  }

  #grow(): void {
    const length = this.#text.length * 2;
    this.#text = widerInts(this.#text, length);
    this.#count = widerInts(this.#count, length);
    this.#next = widerInts(this.#next, length);
    this.#previous = widerInts(this.#previous, length);
  }

  #reserve(key: number): void {
    if (key < this.#head.length) return;
    const length = Math.max(key + 1, this.#head.length * 2);
    this.#head = widerInts(this.#head, length);
    this.#tail = widerInts(this.#tail, length);
  }
}
