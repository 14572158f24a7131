/** A stream of 32-bit integers that belongs to two seeds (sfc32, Doty-Humphrey 2010). */
export interface RandomBits {
  next(): number;
}

export function createRandomBits(seed: number, stream: number): RandomBits {
  let a = seed | 0;
  let b = stream | 0;
  let c = (seed ^ Math.imul(stream, 0x9e3779b9)) | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 15; i++) next();
  return { next };
}

/** Uniform in (0, 1). */
export function openUnit(random: RandomBits): number {
  return (random.next() + 0.5) / 4294967296;
}

/** Standard normal (Box and Muller 1958). */
export function standardNormal(random: RandomBits): number {
  const radius = Math.sqrt(-2 * Math.log(openUnit(random)));
  return radius * Math.cos(2 * Math.PI * openUnit(random));
}

/** Gamma with unit scale and a whole shape from 1 (Marsaglia and Tsang 2000). */
export function standardGamma(random: RandomBits, shape: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = standardNormal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(openUnit(random)) < (x * x) / 2 + d * (1 - v + Math.log(v))) {
      return d * v;
    }
  }
}
