/** Unsigned 32-bit integers, of a period beyond 2^127, from three (sfc32, Doty-Humphrey 2010). */
export function createBits(first: number, second: number, third: number): () => number {
  let a = first | 0;
  let b = second | 0;
  let c = third | 0;
  let counter = 1;
  const bits = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 15; i++) bits();
  return bits;
}

/**
 * Uniform numbers in [0, 1), 32 bits each, always the same for a seed, which counts modulo 2^32.
 */
export function createUniform(seed: number): () => number {
  const bits = createBits(seed, 0x9e3779b9, 0x243f6a88);
  return () => bits() / 4294967296;
}

/** Standard normal numbers from uniform ones (Marsaglia's polar method). */
export function createNormal(uniform: () => number): () => number {
  let spare = Number.NaN;
  return () => {
    if (!Number.isNaN(spare)) {
      const kept = spare;
      spare = Number.NaN;
      return kept;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = y * factor;
      return x * factor;
    }
  };
}

/**
 * Puts a uniformly random subset of `size` of the numbers at the front of `order` (Fisher and
 * Yates, stopped early).
 */
export function drawFirst(order: Uint32Array, size: number, uniform: () => number): void {
  for (let i = 0; i < size; i++) {
    const j = i + Math.floor(uniform() * (order.length - i));
    const drawn = order[j]!;
    order[j] = order[i]!;
    order[i] = drawn;
  }
}
