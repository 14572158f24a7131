/**
 * Uniform numbers in [0, 1), 32 bits each, always the same for a seed (sfc32, Doty-Humphrey 2010).
 * The seed counts modulo 2^32.
 */
export function createUniform(seed: number): () => number {
  let a = seed | 0;
  let b = 0x9e3779b9 | 0;
  let c = 0x243f6a88 | 0;
  let counter = 1;
  const uniform = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let i = 0; i < 15; i++) uniform();
  return uniform;
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
