/** A key's identity is its text: '12' and 12 are one key, so whole numbers in text become numbers. */
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

/** Finisher of MurmurHash3 (Appleby). */
export function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Dense numbers, from 1, for keys. */
export class KeyTable {
  readonly #indices = new Map<string | number, number>();
  /** By index; keys as they first came. Index 0 is nobody. */
  readonly keys: (string | number)[] = [''];

  get count(): number {
    return this.keys.length - 1;
  }

  /** 0 where the key is unknown. */
  find(key: string | number): number {
    return this.#indices.get(canonicalKey(key)) ?? 0;
  }

  /** The key's number; a new one where it is unknown. */
  take(key: string | number): number {
    const canonical = canonicalKey(key);
    const known = this.#indices.get(canonical);
    if (known !== undefined) return known;
    const index = this.keys.length;
    this.#indices.set(canonical, index);
    this.keys.push(key);
    return index;
  }
}
