import { type FlatArray, widerFloats, widerInts } from './flat-arrays.js';
import { hashTwice, mix } from './key-table.js';

/**
 * Values kept of as many as there are, when they are sampled: half of it to all of it per doubling.
 */
const sampleSize = 16_384;
/** Values that one key may hold before sampling starts. */
const exactLimit = 2 * sampleSize;
/** A key beyond the limit is looked at again after so many new values. */
const thinEvery = 8_192;
const none = 0;
/** Owner of an entry that is nobody's. */
const freed = -1;

type Ints = Int32Array<ArrayBuffer>;
type Floats = Float64Array<ArrayBuffer>;
type Six = [Ints, Ints, Ints, Ints, Ints, Ints];

const doubles = new Float64Array(1);
const words = new Int32Array(doubles.buffer);

/**
 * Distinct values per key over sliding panes: each value is remembered with the newest pane it was
 * seen in, so that a pane that leaves takes exactly its own values along.
 *
 * Numbers are compared by their bits, texts by a hash of 51 bits. A key with more than 32,768
 * values keeps of each pane those whose hash ends in `level` zeros, and counts each 2^level times
 * (adaptive sampling, Flajolet 1990). A pane's level follows from how many values it and all newer
 * ones hold: whatever older panes leave the window, what stays is exact up to 32,768 values and
 * beyond has a standard error below 1/√16,384 = 0.8 %.
 *
 * Entry i has its key in `#owner[i]`, its value in `#low[i]`, `#high[i]`, and stands in the list of
 * its pane `#list[i]`; the entries are found through an open-addressing table. The lists of a key
 * are a chain, newest first; a key without panes has one list, of its own number.
 */
export class DistinctSet {
  #table: Ints = new Int32Array(1024);
  #owner: Ints = new Int32Array(512);
  #low: Ints = new Int32Array(512);
  #high: Ints = new Int32Array(512);
  #list: Ints = new Int32Array(512);
  #next: Ints = new Int32Array(512);
  #previous: Ints = new Int32Array(512);
  #top = 1;
  #free = none;
  #size = 0;
  /**
   * By list: its key (0 while closed), first entry, number of entries, level, neighbours in the
   * chain.
   */
  #listKey: Ints = new Int32Array(256);
  #head: Ints = new Int32Array(256);
  #count: Ints = new Int32Array(256);
  #level: Ints = new Int32Array(256);
  #older: Ints = new Int32Array(256);
  #newer: Ints = new Int32Array(256);
  #paneNumber: Floats = new Float64Array(256);
  /** By key: newest list, number of entries, and what they count for. */
  #newest: Ints = new Int32Array(256);
  #held: Ints = new Int32Array(256);
  #estimate: Floats = new Float64Array(256);

  /**
   * Adds a value seen by `key` in pane record `pane` (0: no panes, kept for life). NaN and null are
   * no values.
   */
  add(key: number, value: number | string | null, pane: number, paneNumber: number): void {
    if (value === null || Number.isNaN(value)) return;
    encode(value);
    const low = words[0]!;
    const high = words[1]!;
    const list = pane === 0 ? key : pane;
    this.#reserve(key, list);
    if (this.#listKey[list] === none) this.#open(list, key, paneNumber);
    // Levels rise with age: what this pane does not sample, no older one holds.
    const level = this.#level[list]!;
    if (level > 0 && !isSampled(low, high, level)) return;
    const slot = this.#find(hashOf(key, low, high), key, low, high);
    const entry = this.#table[slot]!;
    if (entry === none) this.#insert(slot, key, low, high, list);
    else if (this.#paneNumber[this.#list[entry]!]! < paneNumber) this.#move(entry, key, list);
  }

  /** How many distinct values the key has in its window. */
  count(key: number): number {
    return key < this.#estimate.length ? this.#estimate[key]! : 0;
  }

  /** A pane record of the key left its window. */
  dropPane(key: number, pane: number): void {
    if (pane >= this.#head.length || this.#listKey[pane] === none) return;
    let entry = this.#head[pane]!;
    while (entry !== none) {
      const next = this.#next[entry]!;
      this.#remove(entry);
      entry = next;
    }
    this.#held[key]! -= this.#count[pane]!;
    this.#estimate[key]! -= this.#count[pane]! * 2 ** this.#level[pane]!;
    this.#close(pane, key);
  }

  /** Makes key 0 a copy of the key's count, to be read as of a later instant. */
  beginRead(key: number): void {
    this.#estimate[0] = this.count(key);
  }

  /** Leaves a pane out of what key 0 reads. */
  readWithout(pane: number): void {
    if (pane < this.#count.length)
      this.#estimate[0]! -= this.#count[pane]! * 2 ** this.#level[pane]!;
  }

  get bytes(): number {
    return (
      this.#top * 24 + this.#table.byteLength + this.#head.length * 32 + this.#held.length * 16
    );
  }

  /** The arrays to be kept; the table of hashes is made anew. */
  dump(): FlatArray[] {
    const entries = [this.#owner, this.#low, this.#high, this.#list, this.#next, this.#previous];
    return [
      Float64Array.of(this.#top, this.#free, this.#size),
      this.#paneNumber,
      this.#estimate,
      ...entries.map((array) => array.subarray(0, this.#top)),
      ...[this.#listKey, this.#head, this.#count, this.#level, this.#older, this.#newer],
      ...[this.#newest, this.#held],
    ];
  }

  restore(arrays: readonly FlatArray[]): void {
    const [head, paneNumber, estimate, ...rest] = arrays;
    [this.#top, this.#free, this.#size] = head as unknown as [number, number, number];
    this.#paneNumber = Float64Array.from(paneNumber!);
    this.#estimate = Float64Array.from(estimate!);
    const ints = rest.map((array) => Int32Array.from(array));
    [this.#owner, this.#low, this.#high, this.#list, this.#next, this.#previous] = ints as Six;
    [this.#listKey, this.#head, this.#count, this.#level, this.#older, this.#newer] = ints.slice(
      6,
    ) as Six;
    [this.#newest, this.#held] = ints.slice(12) as [Ints, Ints];
    this.#rehash(Math.max(1024, 2 ** Math.ceil(Math.log2(this.#size * 2 + 1))));
  }

  /** Puts a list into its key's chain; one that comes late is as coarse as the next newer one. */
  #open(list: number, key: number, paneNumber: number): void {
    let newer = none;
    let older = this.#newest[key]!;
    while (older !== none && this.#paneNumber[older]! > paneNumber) {
      newer = older;
      older = this.#older[older]!;
    }
    this.#listKey[list] = key;
    this.#paneNumber[list] = paneNumber;
    this.#level[list] = newer === none ? 0 : this.#level[newer]!;
    this.#chain(newer, list, key);
    this.#chain(list, older, key);
  }

  #close(list: number, key: number): void {
    this.#chain(this.#newer[list]!, this.#older[list]!, key);
    this.#listKey[list] = none;
    this.#head[list] = none;
    this.#count[list] = 0;
    this.#level[list] = 0;
  }

  /** Makes two lists neighbours; `none` is the key itself at one end and nothing at the other. */
  #chain(newer: number, older: number, key: number): void {
    if (newer === none) this.#newest[key] = older;
    else this.#older[newer] = older;
    if (older !== none) this.#newer[older] = newer;
  }

  #find(hash: number, key: number, low: number, high: number): number {
    const mask = this.#table.length - 1;
    let slot = hash & mask;
    for (let entry = this.#table[slot]!; entry !== none; entry = this.#table[slot]!) {
      if (this.#low[entry] === low && this.#owner[entry] === key && this.#high[entry] === high)
        break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #insert(slot: number, key: number, low: number, high: number, list: number): void {
    let entry = this.#free;
    if (entry !== none) this.#free = this.#next[entry]!;
    else {
      if (this.#top === this.#owner.length) this.#growEntries();
      entry = this.#top++;
    }
    this.#owner[entry] = key;
    this.#low[entry] = low;
    this.#high[entry] = high;
    this.#table[slot] = entry;
    this.#link(entry, list);
    this.#estimate[key]! += 2 ** this.#level[list]!;
    const held = ++this.#held[key]!;
    if (++this.#size * 2 > this.#table.length) this.#rehash(this.#table.length * 2);
    if (held >= exactLimit && held % thinEvery === 0) this.#thin(key);
  }

  #link(entry: number, list: number): void {
    const head = this.#head[list]!;
    this.#list[entry] = list;
    this.#previous[entry] = none;
    this.#next[entry] = head;
    if (head !== none) this.#previous[head] = entry;
    this.#head[list] = entry;
    this.#count[list]!++;
  }

  #unlink(entry: number): void {
    const list = this.#list[entry]!;
    const next = this.#next[entry]!;
    const previous = this.#previous[entry]!;
    if (previous !== none) this.#next[previous] = next;
    else this.#head[list] = next;
    if (next !== none) this.#previous[next] = previous;
    this.#count[list]!--;
  }

  #move(entry: number, key: number, list: number): void {
    this.#estimate[key]! += 2 ** this.#level[list]! - 2 ** this.#level[this.#list[entry]!]!;
    this.#unlink(entry);
    this.#link(entry, list);
  }

  /** Takes an entry out of the table (backward-shift deletion, Knuth 6.4 R) and frees it. */
  #remove(entry: number): void {
    const mask = this.#table.length - 1;
    const hash = hashOf(this.#owner[entry]!, this.#low[entry]!, this.#high[entry]!);
    let hole = hash & mask;
    while (this.#table[hole] !== entry) hole = (hole + 1) & mask;
    for (let at = (hole + 1) & mask; this.#table[at] !== none; at = (at + 1) & mask) {
      const other = this.#table[at]!;
      const home = hashOf(this.#owner[other]!, this.#low[other]!, this.#high[other]!) & mask;
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        this.#table[hole] = other;
        hole = at;
      }
    }
    this.#table[hole] = none;
    this.#owner[entry] = freed;
    this.#next[entry] = this.#free;
    this.#free = entry;
    this.#size--;
  }

  /** Raises the level of each pane to what it and all newer ones hold. */
  #thin(key: number): void {
    let seen = 0;
    let level = 0;
    for (let list = this.#newest[key]!; list !== none; list = this.#older[list]!) {
      seen += this.#count[list]! * 2 ** this.#level[list]!;
      while (seen > exactLimit * 2 ** level) level++;
      if (level > this.#level[list]!) this.#raise(key, list, level);
      else level = this.#level[list]!;
    }
  }

  #raise(key: number, list: number, level: number): void {
    const before = this.#count[list]! * 2 ** this.#level[list]!;
    for (let entry = this.#head[list]!; entry !== none; ) {
      const next = this.#next[entry]!;
      if (!isSampled(this.#low[entry]!, this.#high[entry]!, level)) {
        this.#unlink(entry);
        this.#remove(entry);
        this.#held[key]!--;
      }
      entry = next;
    }
    this.#level[list] = level;
    this.#estimate[key]! += this.#count[list]! * 2 ** level - before;
  }

  #rehash(length: number): void {
    this.#table = new Int32Array(length);
    const mask = length - 1;
    for (let entry = 1; entry < this.#top; entry++) {
      if (this.#owner[entry] === freed) continue;
      let slot = hashOf(this.#owner[entry]!, this.#low[entry]!, this.#high[entry]!) & mask;
      while (this.#table[slot] !== none) slot = (slot + 1) & mask;
      this.#table[slot] = entry;
    }
  }

  #growEntries(): void {
    const length = this.#owner.length * 2;
    this.#owner = widerInts(this.#owner, length);
    this.#low = widerInts(this.#low, length);
    this.#high = widerInts(this.#high, length);
    this.#list = widerInts(this.#list, length);
    this.#next = widerInts(this.#next, length);
    this.#previous = widerInts(this.#previous, length);
  }

  #reserve(key: number, list: number): void {
    if (list >= this.#head.length) {
      const length = Math.max(list + 1, this.#head.length * 2);
      this.#listKey = widerInts(this.#listKey, length);
      this.#head = widerInts(this.#head, length);
      this.#count = widerInts(this.#count, length);
      this.#level = widerInts(this.#level, length);
      this.#older = widerInts(this.#older, length);
      this.#newer = widerInts(this.#newer, length);
      this.#paneNumber = widerFloats(this.#paneNumber, length);
    }
    if (key >= this.#held.length) {
      const length = Math.max(key + 1, this.#held.length * 2);
      this.#newest = widerInts(this.#newest, length);
      this.#held = widerInts(this.#held, length);
      this.#estimate = widerFloats(this.#estimate, length);
    }
  }
}

/** Writes 64 bits that stand for the value to `words`. */
function encode(value: number | string): void {
  if (typeof value === 'number') {
    doubles[0] = value + 0; // -0 is 0
    return;
  }
  hashTwice(value, words);
  const a = words[0]!;
  const b = words[1]!;
  words[0] = mix(a) | 0;
  words[1] = 0x7ff80000 | (mix(b ^ a) & 0x7ffff); // the bits of a NaN: no number has them
}

function hashOf(key: number, low: number, high: number): number {
  return mix(low ^ Math.imul(high, 0x9e3779b1) ^ Math.imul(key, 0x85ebca77));
}

/** Whether a value belongs to the sample of this level; its hash is the value's alone. */
function isSampled(low: number, high: number, level: number): boolean {
  return (mix(low ^ Math.imul(high, 0x27d4eb2f)) & ((1 << level) - 1)) === 0;
}
