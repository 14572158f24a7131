import { driftStrength } from './drifts.js';
import { dayMs } from './options.js';
import { priceOf, ratingOf } from './places.js';
import { streamSeed } from './random.js';
import { createSampler, type Sampler } from './sampler.js';
import { contextOfHour, type HourContext } from './weather.js';
import type { World } from './world.js';

/** What is the same for all sessions of one day. */
export interface Scene {
  readonly day: number;
  readonly startMs: number;
  /** 0 on a working day, 0.15 on Saturday and Sunday, 1 after the drift `weekend`. */
  readonly leisure: number;
  /** Sessions against those of an average day. */
  readonly activity: number;
  /** 30 hours, since sessions run past midnight. */
  readonly hours: readonly HourContext[];
  /** By index of the place. */
  readonly prices: Uint8Array;
  readonly ratings: Float64Array;
  readonly pickDevice: Sampler;
  /** Share of sessions on the user's own device. */
  readonly ownDevice: number;
  /** Share of interactions without a location. */
  readonly nullShare: number;
  /** Levels added to the price that users want. */
  readonly priceWish: number;
  /** Share of sessions that look for the new category. */
  readonly newCategory: number;
  /** −1 turns round what users click and visit. */
  readonly sense: 1 | -1;
  readonly allFives: boolean;
}

export const devices = ['mobile', 'desktop', 'tablet', 'watch'] as const;

function activityOf(naturalLeisure: number, weekend: number, rising: number): number {
  // 5 : 2 days keep the mean of an undrifted week at 1.
  const weekly = naturalLeisure > 0 ? 1.07 : 0.972;
  return (weekend > 0 ? 1.7 : weekly) * (1 + rising);
}

export function sceneOf(world: World, day: number): Scene {
  const { options, places } = world;
  const strength = (name: Parameters<typeof driftStrength>[1]): number =>
    driftStrength(options.drifts, name, day);
  const startMs = options.startMs + day * dayMs;
  const natural = (Math.floor(startMs / dayMs) + 3) % 7 >= 5 ? 0.15 : 0;
  const newDevices = strength('devices') > 0;
  const weatherSeed = streamSeed(options.seed, 7);
  return {
    day,
    startMs,
    leisure: strength('weekend') > 0 ? 1 : natural,
    activity: activityOf(natural, strength('weekend'), strength('activity')),
    hours: Array.from({ length: 30 }, (_, i) =>
      contextOfHour(weatherSeed, startMs + i * 3_600_000),
    ),
    prices: Uint8Array.from(places, (place) => priceOf(options, place, day)),
    ratings: Float64Array.from(places, (place) => ratingOf(options, place, day)),
    pickDevice: createSampler(newDevices ? [0.3, 0.1, 0.15, 0.45] : [0.62, 0.25, 0.13]),
    ownDevice: newDevices ? 0 : 0.85,
    nullShare: 0.01 + 0.39 * strength('nulls'),
    priceWish: 1.3 * strength('prices'),
    newCategory: 0.3 * strength('categories'),
    sense: strength('labels') > 0 ? -1 : 1,
    allFives: strength('ratings') > 0,
  };
}
