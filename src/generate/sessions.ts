import { categories } from './categories.js';
import { cityCentre, distanceKm, type Location, near } from './city.js';
import type { Place } from './places.js';
import {
  appeal,
  clickProbability,
  type Look,
  visitProbability,
  wantedPrice,
} from './preference.js';
import { createRandom, hash32, type Random, streamSeed } from './random.js';
import { type Scene, sceneOf } from './scene.js';
import { dayOffHours, hourSamplers, type User } from './users.js';
import type { Shelf, World } from './world.js';

/** What happened, before it is written, delayed or damaged. */
export interface Interaction {
  readonly user: User;
  readonly place: Place;
  readonly type: 'view' | 'click' | 'visit' | 'rate';
  readonly rating: number | null;
  readonly timeMs: number;
  readonly location: Location | null;
  readonly device: number;
  readonly sessionId: string;
  readonly query: string | null;
  /**
   * The truth no record tells: the probability that a visit to this place follows in the session.
   */
  readonly visitProbability: number;
}

interface Session {
  readonly id: string;
  readonly user: User;
  readonly anchor: Location;
  readonly device: number;
  readonly query: string | null;
  /** Index of the category looked for. */
  readonly category: number;
}

interface Step {
  readonly type: Interaction['type'];
  readonly rating: number | null;
  readonly timeMs: number;
  readonly location: Location;
  readonly visitProbability: number;
}

interface Day {
  readonly world: World;
  readonly scene: Scene;
  readonly random: Random;
  readonly out: Interaction[];
}

function categoryFor(day: Day, user: User): number {
  const { scene, world, random } = day;
  if (scene.newCategory > 0 && random.unit() < scene.newCategory) return categories.length;
  if (random.unit() < 0.45 * scene.leisure) return world.pickLeisure(random.unit());
  const draw = random.unit();
  if (draw < 0.28) return user.favourites[0];
  if (draw < 0.44) return user.favourites[1];
  if (draw < 0.55) return user.favourites[2];
  return world.pickCategory(random.unit());
}

function anchorFor(day: Day, user: User, hour: number): Location {
  const { scene, random } = day;
  const draw = random.unit();
  if (hour >= 9 && hour < 18 && draw < 0.75 * (1 - scene.leisure))
    return near(user.work, 0.15, random);
  // Days off are spent about town.
  if (draw > 0.88 - 0.45 * scene.leisure) return near(cityCentre, 2.5, random);
  return near(user.home, 0.15, random);
}

/** Draws a place by popularity, preferring what is near and at the price the user wants. */
function candidate(day: Day, session: Session, shelf: Shelf, fussiness: number): Place | undefined {
  const { random, scene, world } = day;
  const wanted = wantedPrice(session.user, scene);
  let place: Place | undefined;
  for (let tries = 0; tries < 6; tries++) {
    place = shelf.places[shelf.pick(random.unit())];
    if (place === undefined) return undefined;
    const far = distanceKm(session.anchor, place.location) / 4;
    const price = scene.prices[placeIndexOf(world, place)] ?? 2;
    if (random.unit() < Math.exp(-far - fussiness * Math.abs(price - wanted))) break;
  }
  return place;
}

function placeIndexOf(world: World, place: Place): number {
  return place.id - (world.places[0]?.id ?? 0);
}

function record(day: Day, session: Session, place: Place, step: Step): void {
  const { scene, random, world } = day;
  const timeStepMs = world.options.timeStepMs;
  day.out.push({
    user: session.user,
    place,
    type: step.type,
    rating: step.rating,
    timeMs: Math.floor(step.timeMs / timeStepMs) * timeStepMs,
    location: random.unit() < scene.nullShare ? null : step.location,
    device: session.device,
    sessionId: session.id,
    query: session.query,
    visitProbability: step.visitProbability,
  });
}

function ratingFor(day: Day, user: User, place: Place, appealing: number): number {
  const { random, scene } = day;
  if (scene.allFives) return 5;
  const quality = 0.6 * scene.sense * (place.quality - 4);
  const felt = 3.75 + quality + user.ratingBias + 0.3 * appealing + random.normal(0, 0.55);
  return Math.min(5, Math.max(1, Math.round(felt * 2) / 2));
}

/** One view and what follows from it; returns the time of the next look. */
function lookAt(
  day: Day,
  session: Session,
  place: Place,
  category: number,
  timeMs: number,
): number {
  const { random, scene } = day;
  const { user } = session;
  const hour = Math.min(29, Math.floor((timeMs - scene.startMs) / 3_600_000));
  const look: Look = {
    location: session.anchor,
    hour,
    device: session.device,
    category,
    placeIndex: placeIndexOf(day.world, place),
  };
  const appealing = appeal(user, place, look, scene);
  const clicks = clickProbability(appealing);
  const visits = visitProbability(appealing);
  const at = near(session.anchor, 0.02, random);
  const step: Step = {
    type: 'view',
    rating: null,
    timeMs,
    location: at,
    visitProbability: clicks * visits,
  };
  record(day, session, place, step);
  const nextMs = timeMs + 5_000 + random.exponential(25_000);
  if (random.unit() >= clicks) return nextMs;
  const clickMs = timeMs + 2_000 + random.exponential(6_000);
  record(day, session, place, {
    ...step,
    type: 'click',
    timeMs: clickMs,
    visitProbability: visits,
  });
  if (random.unit() >= visits) return Math.max(nextMs, clickMs + 3_000);
  const visitMs = clickMs + 600_000 + random.unit() * 7_200_000;
  const there = near(place.location, 0.03, random);
  record(day, session, place, { ...step, type: 'visit', timeMs: visitMs, location: there });
  if (random.unit() < user.rates) {
    const rating = ratingFor(day, user, place, appealing);
    const rateMs = visitMs + 1_200_000 + random.unit() * 7_200_000;
    record(day, session, place, { ...step, type: 'rate', rating, timeMs: rateMs, location: there });
  }
  return Math.max(nextMs, clickMs + 3_000);
}

const adjectives = ['', '', '', 'best ', 'cheap ', 'cosy ', 'quiet ', 'new '];

function openSession(day: Day, user: User, hour: number, number: number): Session {
  const { random, scene, world } = day;
  const category = categoryFor(day, user);
  const words = (world.shelves[category]?.places[0]?.category ?? categories[0])?.query ?? '';
  const adjective = adjectives[Math.floor(random.unit() * adjectives.length)] ?? '';
  const own = random.unit() < scene.ownDevice;
  return {
    id: user.id.toString(36) + hash32(scene.day, number, user.id).toString(36).padStart(7, '0'),
    user,
    anchor: anchorFor(day, user, hour),
    device: own ? user.device : scene.pickDevice(random.unit()),
    query: random.unit() < 0.3 ? null : adjective + words,
    category,
  };
}

function playSession(day: Day, user: User, number: number): void {
  const { random, scene, world } = day;
  const dayOff = random.unit() < scene.leisure;
  const hours = hourSamplers[dayOff ? dayOffHours : user.chronotype];
  const hour = hours?.(random.unit()) ?? 12;
  const session = openSession(day, user, hour, number);
  const fussiness = scene.priceWish > 0 ? 1 : 0.6;
  const seen = new Set<number>();
  let timeMs = scene.startMs + Math.max(1_000, (hour + random.unit()) * 3_600_000);
  for (let views = Math.min(10, 1 + random.poisson(2.5)); views > 0; views--) {
    const asked = random.unit() < 0.65;
    const category = asked ? session.category : world.pickCategory(random.unit());
    const shelf = world.shelves[category];
    const place = shelf && candidate(day, session, shelf, fussiness);
    if (place === undefined || seen.has(place.id)) continue;
    seen.add(place.id);
    timeMs = lookAt(day, session, place, category, timeMs);
  }
}

/** All that sessions begun on a day leave behind, in no order; some of it falls on the next day. */
export function interactionsOf(world: World, dayNumber: number): Interaction[] {
  const random = createRandom(streamSeed(world.options.seed, 8), dayNumber);
  const scene = sceneOf(world, dayNumber);
  const day: Day = { world, scene, random, out: [] };
  let number = 0;
  for (const user of world.users) {
    const sessions = random.poisson(user.sessionsPerDay * scene.activity);
    for (let i = 0; i < sessions; i++) playSession(day, user, number++);
  }
  return day.out;
}
