import { categories } from './categories.js';
import { cityCentre, type Location, near } from './city.js';
import { type WorldOptions, worldOptions } from './options.js';
import { createPlaces, type Place } from './places.js';
import { createRandom, type Random, streamSeed } from './random.js';
import { createSampler, type Sampler } from './sampler.js';
import { createUsers, type User } from './users.js';

/** Places of one category, drawn by popularity. */
export interface Shelf {
  readonly places: readonly Place[];
  readonly pick: Sampler;
}

export interface World {
  readonly options: WorldOptions;
  readonly users: readonly User[];
  readonly places: readonly Place[];
  /** By category index; the one past the last holds what the drift `categories` opens. */
  readonly shelves: readonly Shelf[];
  /** Draws a category by the popularity of all its places. */
  readonly pickCategory: Sampler;
  /** The same, of those for days off. */
  readonly pickLeisure: Sampler;
}

function createShelf(places: readonly Place[]): Shelf {
  return { places, pick: createSampler(places.map((place) => place.popularity)) };
}

const quarterCount = 14;

/** Quarters lie like the seeds of a sunflower, so that every seed's city has the same distances. */
function quarterOf(index: number, random: Random): Location {
  const radius = 0.04 * Math.sqrt((index + 0.5) / quarterCount);
  const angle = index * Math.PI * (3 - Math.sqrt(5));
  const lat = cityCentre.lat + radius * Math.sin(angle);
  return near({ lat, lng: cityCentre.lng + 1.28 * radius * Math.cos(angle) }, 0.3, random);
}

/** Makes the people and places of one city, a pure function of the options (`wrong-use`). */
export function createWorld(given: Partial<WorldOptions>): World {
  const options = worldOptions(given);
  const random = createRandom(streamSeed(options.seed, 0), 0);
  const quarters = Array.from({ length: quarterCount }, (_, i) => quarterOf(i, random));
  const places = createPlaces(options, quarters);
  const old = places.filter((place) => place.openDay === 0 && categories.includes(place.category));
  const shelves = categories.map((category) =>
    createShelf(old.filter((place) => place.category === category)),
  );
  const weights = categories.map((category) => category.share);
  return {
    options,
    users: createUsers(options, quarters),
    places,
    shelves: [...shelves, createShelf(places.slice(options.places))],
    pickCategory: createSampler(weights),
    pickLeisure: createSampler(weights.map((share, i) => (categories[i]?.leisure ? share : 0))),
  };
}
