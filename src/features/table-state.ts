import { type FlatArray, widerFloats, widerInts } from '../windows/flat-arrays.js';
import { KeyTable } from '../windows/key-table.js';
import type { Row } from './fields.js';
import type { TopicDefinition } from './source.js';

/** A key's only row in a table without keys. */
const everyone = '';

/**
 * A table's rows as of any time that is still needed. Each update makes a version: the fold, field
 * by field in (time, position) order, of the key's updates up to it. Versions of a key are a list,
 * newest first; version 0 is the absent row, all null.
 */
export class TableState {
  readonly #keys = new KeyTable();
  readonly #names: readonly string[];
  readonly #keyName: string | null;
  #newest = new Int32Array(256);
  /** By key: the version found last, and the next newer one; both 0 where an update came since. */
  #found = new Int32Array(256);
  #above = new Int32Array(256);
  #older = new Int32Array(256);
  #timeMs = new Float64Array(256);
  #top = 1;
  #free = 0;
  /** By column: what the update itself said; undefined where it said nothing. */
  readonly #said: Readonly<Record<string, unknown[]>>;
  /** By column: when it was said; in a base it may be long before the version's own time. */
  readonly #saidMs: Readonly<Record<string, number[]>>;
  /** 1 for a base: a version that also speaks for older ones, which are gone. */
  #base = new Uint8Array(256);
  /** By column: the folded value of each version. */
  readonly columns: Readonly<Record<string, unknown[]>>;

  constructor(table: TopicDefinition) {
    this.#keyName = table.key;
    this.#names = Object.keys(table.fields).filter((name) => name !== table.key);
    this.#said = Object.fromEntries(this.#names.map((name) => [name, [undefined]]));
    this.#saidMs = Object.fromEntries(this.#names.map((name) => [name, [0]]));
    this.columns = Object.fromEntries(this.#names.map((name) => [name, [null]]));
  }

  /**
   * Folds an update in; null clears a field, undefined leaves it.
   * @param horizonMs no event before it will ask: older versions fold into one
   */
  update(row: Row, timeMs: number, horizonMs: number): void {
    const key = this.#keys.take(this.#keyName === null ? everyone : (row[this.#keyName] as string));
    if (key >= this.#newest.length) this.#widenKeys();
    this.#found[key] = 0;
    let newer = 0;
    let older = this.#newest[key]!;
    while (older !== 0 && this.#timeMs[older]! > timeMs) {
      newer = older;
      older = this.#older[older]!;
    }
    if (older === 0 && this.#base[newer] === 1) {
      this.#sayEarlier(key, newer, row, timeMs);
      return;
    }
    const version = this.#allocate();
    this.#timeMs[version] = timeMs;
    this.#base[version] = 0;
    for (const name of this.#names) this.#say(name, version, row[name], timeMs);
    this.#older[version] = older;
    if (newer === 0) this.#newest[key] = version;
    else this.#older[newer] = version;
    this.#foldFrom(key, version);
    this.#forget(key, horizonMs);
  }

  /** The version of the key's row as of `timeMs`; 0 for none, or one older than `maxAgeMs`. */
  find(key: string | number | null, timeMs: number, maxAgeMs: number): number {
    const index = key === null ? 0 : this.#keys.find(key);
    let version = this.#found[index]!;
    const above = this.#above[index]!;
    // While a table is ahead of the events, a list is long: 5 % of a catch-up's time went here.
    const stands =
      version !== 0 &&
      this.#timeMs[version]! <= timeMs &&
      (above === 0 || this.#timeMs[above]! > timeMs);
    if (!stands) version = this.#walk(index, timeMs);
    return version !== 0 && this.#timeMs[version]! < timeMs - maxAgeMs ? 0 : version;
  }

  get bytes(): number {
    return this.#top * (12 + 16 * this.#names.length) + this.#keys.count * 48;
  }

  dump(): FlatArray[] {
    const cut = (columns: Readonly<Record<string, unknown[]>>) =>
      this.#names.map((name) => columns[name]!.map((value) => value ?? null));
    const silent = this.#names.map((name) =>
      this.#said[name]!.flatMap((value, version) => (value === undefined ? [version] : [])),
    );
    const text = JSON.stringify({
      keys: this.#keys.keys,
      said: cut(this.#said),
      saidMs: cut(this.#saidMs),
      silent,
      folded: cut(this.columns),
    });
    const head = Float64Array.of(this.#top, this.#free);
    const text8 = new TextEncoder().encode(text);
    return [head, this.#newest, this.#older, this.#timeMs, this.#base, text8];
  }

  restore(arrays: readonly FlatArray[]): void {
    const [head, newest, older, timeMs, base, text] = arrays;
    [this.#top, this.#free] = head as unknown as [number, number];
    this.#newest = (newest as Int32Array).slice() as Int32Array<ArrayBuffer>;
    this.#found = new Int32Array(this.#newest.length);
    this.#above = new Int32Array(this.#newest.length);
    this.#older = (older as Int32Array).slice() as Int32Array<ArrayBuffer>;
    this.#timeMs = (timeMs as Float64Array).slice() as Float64Array<ArrayBuffer>;
    this.#base = (base as Uint8Array).slice() as Uint8Array<ArrayBuffer>;
    const kept: Kept = JSON.parse(new TextDecoder().decode(text as Uint8Array));
    for (const key of kept.keys.slice(1)) this.#keys.take(key);
    this.#names.forEach((name, i) => {
      replace(this.#said[name]!, kept.said[i]!);
      replace(this.#saidMs[name]!, kept.saidMs[i]!);
      replace(this.columns[name]!, kept.folded[i]!);
      for (const version of kept.silent[i]!) this.#said[name]![version] = undefined;
    });
  }

  #walk(index: number, timeMs: number): number {
    let above = 0;
    let version = this.#newest[index]!;
    while (version !== 0 && this.#timeMs[version]! > timeMs) {
      above = version;
      version = this.#older[version]!;
    }
    this.#found[index] = version;
    this.#above[index] = above;
    return version;
  }

  #widenKeys(): void {
    const size = this.#newest.length * 2;
    this.#newest = widerInts(this.#newest, size);
    this.#found = widerInts(this.#found, size);
    this.#above = widerInts(this.#above, size);
  }

  #say(name: string, version: number, value: unknown, timeMs: number): void {
    this.#said[name]![version] = value;
    this.#saidMs[name]![version] = timeMs;
  }

  /** An update older than the base: each field counts unless the base knows a later word on it. */
  #sayEarlier(key: number, base: number, row: Row, timeMs: number): void {
    for (const name of this.#names) {
      const known = this.#said[name]![base] !== undefined && this.#saidMs[name]![base]! > timeMs;
      if (row[name] !== undefined && !known) this.#say(name, base, row[name], timeMs);
    }
    this.#foldFrom(key, base);
  }

  #allocate(): number {
    const freed = this.#free;
    if (freed !== 0) {
      this.#free = this.#older[freed]!;
      return freed;
    }
    if (this.#top === this.#older.length) {
      this.#older = widerInts(this.#older, this.#top * 2);
      this.#timeMs = widerFloats(this.#timeMs, this.#top * 2);
      const bases = new Uint8Array(this.#top * 2);
      bases.set(this.#base);
      this.#base = bases;
    }
    return this.#top++;
  }

  /** Folds `version` and every newer one over what stands below it. */
  #foldFrom(key: number, version: number): void {
    const chain: number[] = [];
    for (let v = this.#newest[key]!; v !== version; v = this.#older[v]!) chain.push(v);
    chain.push(version);
    for (const v of chain.reverse()) {
      const below = this.#older[v]!;
      for (const name of this.#names) {
        const said = this.#said[name]![v];
        this.columns[name]![v] = said === undefined ? this.columns[name]![below] : said;
      }
    }
  }

  /** Drops versions that no time from the horizon on sees; the oldest that stays speaks for all. */
  #forget(key: number, horizonMs: number): void {
    let base = this.#newest[key]!;
    while (base !== 0 && this.#timeMs[base]! > horizonMs) base = this.#older[base]!;
    if (base === 0) return;
    let gone = this.#older[base]!;
    if (gone === 0) return;
    for (const name of this.#names) {
      for (let v = gone; v !== 0 && this.#said[name]![base] === undefined; v = this.#older[v]!) {
        this.#say(name, base, this.#said[name]![v], this.#saidMs[name]![v]!);
      }
    }
    this.#older[base] = 0;
    this.#base[base] = 1;
    while (gone !== 0) {
      const next = this.#older[gone]!;
      this.#older[gone] = this.#free;
      this.#free = gone;
      gone = next;
    }
  }
}

interface Kept {
  readonly keys: readonly (string | number)[];
  readonly said: readonly unknown[][];
  readonly saidMs: readonly number[][];
  readonly silent: readonly number[][];
  readonly folded: readonly unknown[][];
}

function replace<T>(target: T[], values: readonly T[]): void {
  target.length = 0;
  for (const value of values) target.push(value);
}
