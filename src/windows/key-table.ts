/**
 * A key's identity is its text: '12' and 12 are one key, so whole numbers in text become numbers.
 */
export function canonicalKey(key: string | number): string | number {
  if (typeof key === 'number') return key + 0; // -0 is 0
  if (key.length > 17 || !/^(?:0|-?[1-9]\d*)$/.test(key)) return key;
  const number = Number(key);
  return Number.isSafeInteger(number) ? number : key;
}

/** Hash of a key's text, the same for `12` and `'12'`; unsigned 32 bits. */
export function hashKey(key: string | number): number {
  const canonical = canonicalKey(key);
  return typeof canonical === 'number' ? hashNumber(canonical) : hashText(canonical);
}

function hashNumber(value: number): number {
  return mix((value | 0) ^ Math.imul((value / 4_294_967_296) | 0, 0x9e3779b1));
}

/** FNV-1a over UTF-16 units, then a finisher. */
function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix(h);
}

/** Writes two hashes of a text to `into`, unfinished: `mix` each with what else tells it apart. */
export function hashTwice(text: string, into: Int32Array): void {
  let a = 0x811c9dc5;
  let b = 0x01000193;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b);
  }
  into[0] = a;
  into[1] = b;
}

/** Finisher of MurmurHash3 (Appleby). */
export function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Dense numbers, from 1, for keys. Whole numbers stand in pairs (key, number) in an open-addressing
 * table, found by the upper bits of their hash, whose lower bits chose the partition: one miss of
 * the cache, where a Map has several.
 */
export class KeyTable {
  readonly #texts = new Map<string, number>();
  #pairs = new Float64Array(2 * 256);
  #shift = 32 - 8;
  #numbers = 0;
  /** By index; keys as they first came. Index 0 is nobody. */
  readonly keys: (string | number)[] = [''];

  get count(): number {
    return this.keys.length - 1;
  }

  /** 0 where the key is unknown. */
  find(key: string | number): number {
    const canonical = canonicalKey(key);
    if (typeof canonical === 'string') return this.#texts.get(canonical) ?? 0;
    return this.#pairs[2 * this.#slotOf(canonical) + 1]!;
  }

  /** The key's number; a new one where it is unknown. */
  take(key: string | number): number {
    const canonical = canonicalKey(key);
    if (typeof canonical === 'number') return this.#takeNumber(canonical, key);
    const known = this.#texts.get(canonical);
    if (known !== undefined) return known;
    this.#texts.set(canonical, this.keys.length);
    return this.keys.push(key) - 1;
  }

  #takeNumber(canonical: number, key: string | number): number {
    const slot = this.#slotOf(canonical);
    const known = this.#pairs[2 * slot + 1]!;
    if (known !== 0) return known;
    this.#pairs[2 * slot] = canonical;
    this.#pairs[2 * slot + 1] = this.keys.length;
    if (++this.#numbers * 4 > this.#pairs.length) this.#grow();
    return this.keys.push(key) - 1;
  }

  /** The slot that holds the number, or the empty one where it would stand. */
  #slotOf(value: number): number {
    const pairs = this.#pairs;
    const mask = pairs.length / 2 - 1;
    let slot = hashNumber(value) >>> this.#shift;
    while (pairs[2 * slot + 1] !== 0 && pairs[2 * slot] !== value) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const old = this.#pairs;
    this.#pairs = new Float64Array(2 * old.length);
    this.#shift--;
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1] === 0) continue;
      const slot = this.#slotOf(old[at]!);
      this.#pairs[2 * slot] = old[at]!;
      this.#pairs[2 * slot + 1] = old[at + 1]!;
    }
  }
}
