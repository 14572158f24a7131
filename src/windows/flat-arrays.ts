/** What state is made of. */
export type FlatArray = Float64Array | Int32Array | Uint8Array;

const kinds = [Float64Array, Int32Array, Uint8Array] as const;

/** A copy of the array with room for `length` numbers; the new ones are 0. */
export function widerInts(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(length);
  copy.set(array);
  return copy;
}

/** As `widerInts`, for doubles. */
export function widerFloats(array: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(length);
  copy.set(array);
  return copy;
}

const aligned = (bytes: number): number => (bytes + 7) & ~7;

/**
 * Bytes of several arrays, one after the other: a header of kinds and lengths, each part on 8
 * bytes.
 */
export function packArrays(arrays: readonly FlatArray[]): Uint8Array[] {
  const header = new Float64Array(1 + 2 * arrays.length);
  header[0] = arrays.length;
  const parts = [new Uint8Array(header.buffer)];
  arrays.forEach((array, i) => {
    header[1 + 2 * i] = kinds.findIndex((kind) => array instanceof kind);
    header[2 + 2 * i] = array.length;
    // A view over any buffer.
    parts.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength) as never);
    parts.push(new Uint8Array(aligned(array.byteLength) - array.byteLength));
  });
  return parts;
}

/** The arrays of `packArrays`, copied. */
export function unpackArrays(bytes: Uint8Array): FlatArray[] {
  const whole = new Uint8Array(bytes);
  const count = new Float64Array(whole.buffer, 0, 1)[0]!;
  const header = new Float64Array(whole.buffer, 8, 2 * count);
  let at = 8 + 16 * count;
  return Array.from({ length: count }, (_, i) => {
    const kind = kinds[header[2 * i]!]!;
    const array = new kind(whole.buffer, at, header[2 * i + 1]!);
    at += aligned(array.byteLength);
    return array;
  });
}
