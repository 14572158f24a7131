import { type FlatArray, widerInts } from './flat-arrays.js';
import { mix } from './key-table.js';

/** Values that one key may hold before sampling starts. */
const exactLimit = 32_768;
const none = 0;
/** Owner of an entry that is nobody's. */
const freed = -1;

type Ints = Int32Array<ArrayBuffer>;
type Three = [Ints, Ints, Ints];
type Six = [...Three, ...Three];

const doubles = new Float64Array(1);
const words = new Int32Array(doubles.buffer);

/**
 * Distinct values per key over sliding panes: each value is remembered with the newest pane it was
 * seen in, so that a pane that leaves takes exactly its own values along.
 *
 * Numbers are compared by their bits, texts by a hash of 51 bits. A key with more than 32,768 values
 * keeps those whose hash ends in `level` zeros and counts each 2^level times (adaptive sampling,
 * Flajolet 1990; standard error 1.2/√16,384 < 1 %).
 *
 * Entry i has its key in `#owner[i]`, its value in `#low[i]`, `#high[i]`, and stands in the list of
 * its pane; the entries are found through an open-addressing table.
 */
export class DistinctSet {
  #table = new Int32Array(1024);
  #owner = new Int32Array(512);
  #low = new Int32Array(512);
  #high = new Int32Array(512);
  #paneNumber = new Float64Array(512);
  #pane = new Int32Array(512);
  #next = new Int32Array(512);
  #previous = new Int32Array(512);
  #top = 1;
  #free = none;
  #size = 0;
  /** First entry of each pane record's list, and how many entries it has. */
  #paneHead = new Int32Array(256);
  #paneCount = new Int32Array(256);
  #keyCount = new Int32Array(256);
  #keyLevel = new Uint8Array(256);

  /** Adds a value seen by `key` in pane record `pane` (0: no panes, kept for life). NaN and null are no values. */
  add(key: number, value: number | string | null, pane: number, paneNumber: number): void {
    if (value === null || Number.isNaN(value)) return;
    this.#encode(value);
    const low = words[0]!;
    const high = words[1]!;
    this.#reserve(key, pane);
    const hash = hashOf(key, low, high);
    const level = this.#keyLevel[key]!;
    if (level > 0 && !sampled(low, high, level)) return;
    const slot = this.#find(hash, key, low, high);
    const entry = this.#table[slot]!;
    if (entry === none) this.#insert(slot, key, low, high, pane, paneNumber);
    else if (this.#paneNumber[entry]! < paneNumber) this.#move(entry, pane, paneNumber);
    if (this.#keyCount[key]! > exactLimit) this.#raise(key);
  }

  /** How many distinct values the key has in its window. */
  count(key: number): number {
    return key < this.#keyCount.length ? this.#keyCount[key]! * 2 ** this.#keyLevel[key]! : 0;
  }

  /** A pane record of the key left its window. */
  dropPane(key: number, pane: number): void {
    if (pane >= this.#paneHead.length) return;
    let entry = this.#paneHead[pane]!;
    while (entry !== none) {
      const next = this.#next[entry]!;
      this.#remove(entry);
      entry = next;
    }
    this.#keyCount[key]! -= this.#paneCount[pane]!;
    this.#paneHead[pane] = none;
    this.#paneCount[pane] = 0;
  }

  /** Makes key 0 a copy of the key's counts, to be read as of a later instant. */
  beginRead(key: number): void {
    this.#reserve(key, 0);
    this.#keyCount[0] = this.#keyCount[key]!;
    this.#keyLevel[0] = this.#keyLevel[key]!;
  }

  /** Leaves a pane out of what key 0 reads. */
  readWithout(pane: number): void {
    if (pane < this.#paneCount.length) this.#keyCount[0]! -= this.#paneCount[pane]!;
  }

  get bytes(): number {
    return this.#top * 36 + this.#table.byteLength;
  }

  /** The arrays to be kept; the table of hashes is made anew. */
  dump(): FlatArray[] {
    const entries = [this.#owner, this.#low, this.#high, this.#pane, this.#next, this.#previous];
    const used = [this.#paneNumber, ...entries].map((array) => array.subarray(0, this.#top));
    const head = Float64Array.of(this.#top, this.#free, this.#size);
    return [head, ...used, this.#paneHead, this.#paneCount, this.#keyCount, this.#keyLevel];
  }

  restore(arrays: readonly FlatArray[]): void {
    const [head, paneNumber, ...rest] = arrays;
    const [top, free, size] = head as Float64Array;
    this.#top = top!;
    this.#free = free!;
    this.#size = size!;
    this.#paneNumber = (paneNumber as Float64Array).slice();
    const ints = rest.map((array) => (array as Int32Array).slice());
    [this.#owner, this.#low, this.#high, this.#pane, this.#next, this.#previous] = ints as Six;
    [this.#paneHead, this.#paneCount, this.#keyCount] = ints.slice(6) as Three;
    this.#keyLevel = (rest[9] as Uint8Array).slice();
    this.#rehash(Math.max(1024, 2 ** Math.ceil(Math.log2(this.#size * 2 + 1))));
  }

  #encode(value: number | string): void {
    if (typeof value === 'number') {
      doubles[0] = value + 0;
      return;
    }
    let a = 0x811c9dc5;
    let b = 0x01000193;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      a = Math.imul(a ^ unit, 0x01000193);
      b = Math.imul(b ^ unit, 0x85ebca6b);
    }
    words[0] = mix(a) | 0;
    words[1] = 0x7ff80000 | (mix(b ^ a) & 0x7ffff); // the bits of a NaN: no number has them
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

  #insert(
    slot: number,
    key: number,
    low: number,
    high: number,
    pane: number,
    paneNumber: number,
  ): void {
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
    this.#keyCount[key]!++;
    this.#link(entry, pane, paneNumber);
    if (++this.#size * 2 > this.#table.length) this.#rehash(this.#table.length * 2);
  }

  #link(entry: number, pane: number, paneNumber: number): void {
    this.#pane[entry] = pane;
    this.#paneNumber[entry] = paneNumber;
    this.#previous[entry] = none;
    if (pane === 0) return;
    const head = this.#paneHead[pane]!;
    this.#next[entry] = head;
    if (head !== none) this.#previous[head] = entry;
    this.#paneHead[pane] = entry;
    this.#paneCount[pane]!++;
  }

  #unlink(entry: number): void {
    const pane = this.#pane[entry]!;
    if (pane === 0) return;
    const next = this.#next[entry]!;
    const previous = this.#previous[entry]!;
    if (previous !== none) this.#next[previous] = next;
    else this.#paneHead[pane] = next;
    if (next !== none) this.#previous[next] = previous;
    this.#paneCount[pane]!--;
  }

  #move(entry: number, pane: number, paneNumber: number): void {
    this.#unlink(entry);
    this.#link(entry, pane, paneNumber);
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

  /** Halves the sample of a key that holds too many values. */
  #raise(key: number): void {
    const level = ++this.#keyLevel[key]!;
    for (let entry = 1; entry < this.#top; entry++) {
      if (this.#owner[entry] !== key || sampled(this.#low[entry]!, this.#high[entry]!, level))
        continue;
      this.#unlink(entry);
      this.#remove(entry);
      this.#keyCount[key]!--;
    }
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
    this.#pane = widerInts(this.#pane, length);
    this.#next = widerInts(this.#next, length);
    this.#previous = widerInts(this.#previous, length);
    const panes = new Float64Array(length);
    panes.set(this.#paneNumber);
    this.#paneNumber = panes;
  }

  #reserve(key: number, pane: number): void {
    if (pane >= this.#paneHead.length) {
      const length = Math.max(pane + 1, this.#paneHead.length * 2);
      this.#paneHead = widerInts(this.#paneHead, length);
      this.#paneCount = widerInts(this.#paneCount, length);
    }
    if (key >= this.#keyCount.length) {
      const length = Math.max(key + 1, this.#keyCount.length * 2);
      this.#keyCount = widerInts(this.#keyCount, length);
      const levels = new Uint8Array(length);
      levels.set(this.#keyLevel);
      this.#keyLevel = levels;
    }
  }
}

function hashOf(key: number, low: number, high: number): number {
  return mix(low ^ Math.imul(high, 0x9e3779b1) ^ Math.imul(key, 0x85ebca77));
}

/** Whether a value belongs to the sample of this level; its hash is the value's alone. */
function sampled(low: number, high: number, level: number): boolean {
  return (mix(low ^ Math.imul(high, 0x27d4eb2f)) & ((1 << level) - 1)) === 0;
}
