import { type Category, categories, newCategory } from './categories.js';
import { type Location, near } from './city.js';
import { driftStrength } from './drifts.js';
import { dayMs, type WorldOptions } from './options.js';
import { createRandom, hashUnit, type Random, streamSeed } from './random.js';
import { createSampler } from './sampler.js';

export interface Place {
  readonly id: number;
  readonly name: string;
  readonly category: Category;
  readonly location: Location;
  /** The day it enters the world: 0, or that of the drift `categories`. */
  readonly openDay: number;
  readonly openedOn: string;
  readonly outdoor: boolean;
  /** Zipf weight among all places. */
  readonly popularity: number;
  /** Mean of the listed rating. */
  readonly quality: number;
  readonly basePrice: number;
  readonly baseReviews: number;
  /** Hours of opening, one text of JSON. */
  readonly businessHours: string;
}

const firstPlaceId = 500_001;
const zipfExponent = 0.8;

const openHours: Record<Category['peak'], readonly [string, string]> = {
  morning: ['07:00', '19:00'],
  midday: ['11:00', '22:00'],
  evening: ['12:00', '23:30'],
  night: ['17:00', '03:00'],
  day: ['09:00', '20:00'],
};

function businessHours(category: Category, random: Random): string {
  const closed = random.unit() < 0.3 ? 'mon' : '';
  const hours = JSON.stringify(openHours[category.peak]);
  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].filter((day) => day !== closed);
  return `{${days.map((day) => `"${day}":${hours}`).join(',')}}`;
}

function clampPrice(value: number): number {
  return Math.min(4, Math.max(1, Math.round(value)));
}

interface Site {
  readonly category: Category;
  readonly rank: number;
  readonly openDay: number;
  readonly around: Location;
}

function createPlace(index: number, site: Site, startMs: number, random: Random): Place {
  const { category, openDay } = site;
  const opened = startMs + (openDay > 0 ? openDay : -30 - Math.floor(random.unit() * 5000)) * dayMs;
  const popularity = (site.rank + 3) ** -zipfExponent;
  return {
    id: firstPlaceId + index,
    name: `${category.name.replaceAll('_', ' ')} no. ${index + 1}`,
    category,
    location: near(site.around, 0.9, random),
    openDay,
    openedOn: new Date(opened).toISOString().slice(0, 10),
    outdoor: random.unit() < category.outdoor,
    popularity,
    quality: Math.min(4.9, Math.max(2.4, random.normal(4, 0.45))),
    basePrice: clampPrice(random.normal(category.price, 0.8)),
    baseReviews: Math.round(20 + 12_000 * popularity * Math.exp(random.normal(0, 0.5))),
    businessHours: businessHours(category, random),
  };
}

function shuffledRanks(count: number, random: Random): Int32Array {
  const ranks = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random.unit() * (i + 1));
    const kept = ranks[i] ?? 0;
    ranks[i] = ranks[j] ?? 0;
    ranks[j] = kept;
  }
  return ranks;
}

/** Places of the first day, then those that the drift `categories` opens (3 % more). */
export function createPlaces(options: WorldOptions, quarters: readonly Location[]): Place[] {
  const random = createRandom(streamSeed(options.seed, 2), 0);
  const pick = createSampler(categories.map((category) => category.share));
  const ranks = shuffledRanks(options.places, random);
  const quarter = (from: Random): Location =>
    quarters[Math.floor(from.unit() * quarters.length)] ?? near({ lat: 0, lng: 0 }, 0, from);
  const places: Place[] = [];
  for (let i = 0; i < options.places; i++) {
    // The first 25 see to it that no category is without a place.
    const category = categories[i < categories.length ? i : pick(random.unit())] ?? newCategory;
    const site = { category, rank: ranks[i] ?? i, openDay: 0, around: quarter(random) };
    places.push(createPlace(i, site, options.startMs, random));
  }
  const opening = options.drifts.find((drift) => drift.name === 'categories');
  if (opening === undefined) return places;
  const later = createRandom(streamSeed(options.seed, 3), 0);
  for (let i = 0; i < Math.ceil(options.places * 0.03); i++) {
    const site = { category: newCategory, rank: i, openDay: opening.day, around: quarter(later) };
    places.push(createPlace(options.places + i, site, options.startMs, later));
  }
  return places;
}

const priceEpochDays = 45;

/** Price level of a day, 1 to 4: now and then one step off for some weeks; `prices` lifts it. */
export function priceOf(options: WorldOptions, place: Place, day: number): number {
  const phase = place.id % priceEpochDays;
  const epoch = Math.floor((day + phase) / priceEpochDays);
  const draw = hashUnit(streamSeed(options.seed, 4), place.id, epoch);
  const step = draw < 0.03 ? -1 : draw > 0.97 ? 1 : 0;
  return clampPrice(place.basePrice + step + driftStrength(options.drifts, 'prices', day));
}

const ratingKnotDays = 20;

/** Listed rating of a day in steps of 0.1: swings by about 0.1 around the place's quality. */
export function ratingOf(options: WorldOptions, place: Place, day: number): number {
  const seed = streamSeed(options.seed, 5);
  const at = (day + (place.id % ratingKnotDays)) / ratingKnotDays;
  const knot = Math.floor(at);
  const swing =
    (knot + 1 - at) * hashUnit(seed, place.id, knot) +
    (at - knot) * hashUnit(seed, place.id, knot + 1);
  return Math.round((place.quality + 0.3 * (swing - 0.5)) * 10) / 10;
}

/** Reviews of a day: two in ten thousand more each day, so a window hardly sees it grow. */
export function reviewsOf(place: Place, day: number): number {
  return place.baseReviews + Math.floor(place.baseReviews * 0.0002 * (day - place.openDay));
}
