/** Bytes of a number written as a varint: zigzag, 7 bits a byte, lowest first. */
export function sizeOfVarint(value: number): number {
  const zigzag = (value << 1) ^ (value >> 31);
  if (zigzag >>> 7 === 0) return 1;
  if (zigzag >>> 14 === 0) return 2;
  if (zigzag >>> 21 === 0) return 3;
  return zigzag >>> 28 === 0 ? 4 : 5;
}

/** Writes a varint of 32 bits; answers where it ends. */
export function writeVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let zigzag = (value << 1) ^ (value >> 31);
  for (; zigzag >>> 7 !== 0; zigzag >>>= 7) bytes[at++] = (zigzag & 0x7f) | 0x80;
  bytes[at++] = zigzag;
  return at;
}
