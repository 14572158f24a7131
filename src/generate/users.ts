import { categories } from './categories.js';
import { cityCentre, type Location, near } from './city.js';
import type { WorldOptions } from './options.js';
import { createRandom, hash32, type Random, streamSeed } from './random.js';
import { createSampler } from './sampler.js';

export interface User {
  readonly id: number;
  readonly partition: number;
  readonly home: Location;
  readonly work: Location;
  /** Three categories (indexes), the dearest first. */
  readonly favourites: readonly [number, number, number];
  /** Preferred price level, 1 to 4, continuous. */
  readonly price: number;
  readonly sessionsPerDay: number;
  readonly chronotype: number;
  /** Index of the device used mostly. */
  readonly device: number;
  /** Tends to rate above or below others. */
  readonly ratingBias: number;
  /** Probability of rating a place after a visit. */
  readonly rates: number;
}

const firstUserId = 100_001;

/** Mean interactions that one session leaves behind, measured over worlds of several seeds. */
const eventsPerSession = 5.27;

/** Weights per hour of day of four kinds of people; the fifth row is a day off. */
const hourWeights: readonly (readonly number[])[] = [
  [1, 0, 0, 0, 1, 3, 8, 12, 11, 8, 6, 6, 8, 7, 5, 5, 5, 6, 6, 5, 4, 3, 2, 1],
  [1, 1, 0, 0, 0, 1, 3, 6, 8, 6, 5, 6, 11, 11, 6, 5, 5, 7, 9, 9, 7, 5, 3, 2],
  [2, 1, 1, 0, 0, 0, 1, 3, 4, 4, 4, 5, 8, 7, 5, 5, 6, 8, 11, 13, 12, 9, 6, 3],
  [8, 5, 3, 1, 0, 0, 1, 1, 2, 3, 3, 4, 6, 6, 5, 5, 5, 6, 7, 9, 11, 12, 12, 10],
  [7, 6, 4, 3, 1, 0, 0, 0, 1, 2, 6, 10, 11, 11, 12, 12, 11, 8, 5, 3, 3, 4, 6, 7],
];

export const hourSamplers = hourWeights.map((weights) => createSampler(weights));
export const dayOffHours = 4;

function favourites(pick: (unit: number) => number, random: Random): [number, number, number] {
  const first = pick(random.unit());
  let second = pick(random.unit());
  while (second === first) second = pick(random.unit());
  let third = pick(random.unit());
  while (third === first || third === second) third = pick(random.unit());
  return [first, second, third];
}

/** Users with a heavy-tailed (log-normal, cut at 0.15 and 12 times the median) activity. */
export function createUsers(options: WorldOptions, quarters: readonly Location[]): User[] {
  const random = createRandom(streamSeed(options.seed, 1), 0);
  const pick = createSampler(categories.map((category) => category.share));
  const pickDevice = createSampler([0.62, 0.25, 0.13]);
  const pickType = createSampler([0.2, 0.4, 0.25, 0.15]);
  const hashSeed = streamSeed(options.seed, 6);
  const activity = Array.from({ length: options.users }, () =>
    Math.min(12, Math.max(0.15, Math.exp(random.normal(0, 0.9)))),
  );
  const total = activity.reduce((sum, value) => sum + value, 0);
  const scale = options.eventsPerDay / eventsPerSession / total;
  const quarter = (): Location =>
    quarters[Math.floor(random.unit() * quarters.length)] ?? cityCentre;
  return activity.map((level, i) => ({
    id: firstUserId + i,
    partition: hash32(hashSeed, firstUserId + i, 0) % options.partitions,
    home: near(quarter(), 1.2, random),
    work: near(random.unit() < 0.5 ? cityCentre : quarter(), 0.8, random),
    favourites: favourites(pick, random),
    price: Math.min(4, Math.max(1, random.normal(2.2, 0.75))),
    sessionsPerDay: level * scale,
    chronotype: pickType(random.unit()),
    device: pickDevice(random.unit()),
    ratingBias: random.normal(0, 0.3),
    rates: 0.25 + 0.5 * random.unit(),
  }));
}
