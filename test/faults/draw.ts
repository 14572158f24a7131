import type { Random } from '../../src/generate/random.js';

/** A number in [low, high). */
export function between(random: Random, low: number, high: number): number {
  return low + random.unit() * (high - low);
}

/** An integer from low to high, both included. */
export function integer(random: Random, low: number, high: number): number {
  return Math.floor(between(random, low, high + 1));
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random.unit() * items.length)]!; // below the length
}
