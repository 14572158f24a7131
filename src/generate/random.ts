import { createBits } from '../stats/random.js';

/** A stream of pseudo-random numbers. */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  unit(): number;
  normal(mean: number, deviation: number): number;
  exponential(mean: number): number;
  /** By Knuth's product; meant for means up to about 30. */
  poisson(mean: number): number;
}

/** Mixes three 32-bit integers into an unsigned one (murmur3's finaliser after each). */
export function hash32(a: number, b: number, c: number): number {
  return mix(mix(mix(a | 0) ^ (b | 0)) ^ (c | 0)) >>> 0;
}

function mix(value: number): number {
  let h = (value + 0x9e3779b9) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** A number in [0, 1) that belongs to three integers: the same for everyone who asks. */
export function hashUnit(a: number, b: number, c: number): number {
  return hash32(a, b, c) / 4294967296;
}

/** Folds a seed up to 2^53 and the number of a stream into 32 bits. */
export function streamSeed(seed: number, stream: number): number {
  return hash32(seed % 4294967296, Math.floor(seed / 4294967296), stream);
}

/** The stream that belongs to a seed and a number within it (a day, say). */
export function createRandom(seed: number, number: number): Random {
  const bits = createBits(seed, number, hash32(seed, number, 1));
  const unit = (): number => bits() / 4294967296;
  const positive = (): number => (bits() + 1) / 4294967296;
  return {
    unit,
    normal: (mean, deviation) =>
      mean + deviation * Math.sqrt(-2 * Math.log(positive())) * Math.cos(2 * Math.PI * unit()),
    exponential: (mean) => -mean * Math.log(positive()),
    poisson: (mean) => {
      const limit = Math.exp(-mean);
      let count = 0;
      for (let product = positive(); product > limit; product *= positive()) count++;
      return count;
    },
  };
}
