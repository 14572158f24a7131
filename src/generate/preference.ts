import { hourFit } from './categories.js';
import { distanceKm, type Location } from './city.js';
import type { Place } from './places.js';
import type { Scene } from './scene.js';
import type { User } from './users.js';

/** Where, when and on what a user looks at a place. */
export interface Look {
  readonly location: Location;
  readonly hour: number;
  readonly device: number;
  /** Index of the place's category. */
  readonly category: number;
  readonly placeIndex: number;
}

/** How dear a category is to a user: about 1 for the first favourite, below 0 for a stranger. */
export function affinity(user: User, category: number): number {
  const [first, second, third] = user.favourites;
  if (category === first) return 0.9;
  if (category === second) return 0.6;
  return category === third ? 0.4 : -0.4;
}

/** The price level a user wants on a day of the scene. */
export function wantedPrice(user: User, scene: Scene): number {
  return Math.min(4.3, user.price + scene.priceWish);
}

const deviceTaste = [0.15, -0.1, -0.1, 0] as const;

/** Mean of ln(1 + km) over views: around it rain favours the near and leaves the total alone. */
const usualFar = 1.39;

/** Mean of the appeal over the views of an ordinary day, measured over worlds of several seeds. */
const meanAppeal = -2.92;

/**
 * How much a place appeals to a user just now, centred on 0: the sum of the terms of
 * distance (steeper in rain and traffic), price, category, listed rating, hour, weather and device.
 */
export function appeal(user: User, place: Place, look: Look, scene: Scene): number {
  const now = scene.hours[look.hour];
  const rain = now?.condition === 'rain';
  const steeper = (rain ? 0.5 : 0) + 0.4 * (now?.congestion ?? 0);
  const far = Math.log(1 + distanceKm(look.location, place.location));
  const price = Math.abs((scene.prices[look.placeIndex] ?? 2) - wantedPrice(user, scene));
  const outdoors = place.outdoor && rain ? -0.9 : 0;
  const festive = place.category.leisure ? 0.3 * Math.min(2, now?.events.length ?? 0) : 0;
  const sum =
    -1.5 * far -
    steeper * (far - usualFar) -
    0.9 * price +
    0.9 * affinity(user, look.category) +
    1.5 * ((scene.ratings[look.placeIndex] ?? 4) - 4) +
    0.9 * hourFit(place.category.peak, look.hour % 24) +
    outdoors +
    festive +
    (deviceTaste[look.device] ?? 0);
  return scene.sense * (sum - meanAppeal);
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Probability that a view is followed by a click. */
export function clickProbability(appealing: number): number {
  return sigmoid(-0.95 + 0.85 * appealing);
}

/** Probability that a click is followed by a visit. */
export function visitProbability(appealing: number): number {
  return sigmoid(-0.45 + 0.6 * appealing);
}
