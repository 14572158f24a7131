import type { LooseRecord } from './interaction-records.js';
import { dayMs, type WorldOptions } from './options.js';
import { type Place, priceOf, ratingOf, reviewsOf } from './places.js';
import { hash32, hashUnit, streamSeed } from './random.js';
import { contextOfHour } from './weather.js';
import type { World } from './world.js';

/** Share of the places whose rating and review count are sent on a day. */
const dailyShare = 0.3;

function updateRecord(place: Place, timeMs: number, updates: string): LooseRecord {
  const timestamp = new Date(timeMs).toISOString();
  const line = `{"place_id":${place.id},"timestamp":"${timestamp}","updates":{${updates}}}`;
  return {
    topic: 'place-updates',
    partition: 0,
    offset: -1,
    timeMs,
    arrivalMs: timeMs,
    line,
    fault: 'none',
  };
}

function wholeRow(options: WorldOptions, place: Place, day: number): string {
  const { lat, lng } = place.location;
  return (
    `"name":"${place.name}","rating":${ratingOf(options, place, day)}` +
    `,"review_count":${reviewsOf(place, day)},"category":"${place.category.name}"` +
    `,"price_level":${priceOf(options, place, day)},"location":{"lat":${lat},"lng":${lng}}` +
    `,"business_hours":${place.businessHours}` +
    `,"attributes":{"outdoor":${place.outdoor},"opened":"${place.openedOn}"}`
  );
}

/** Rows of places new on a day at 00:00, price changes within its first minute, then ratings. */
export function placeRecords(world: World, day: number): LooseRecord[] {
  const { options } = world;
  const startMs = options.startMs + day * dayMs;
  const seed = streamSeed(options.seed, 10);
  const out: LooseRecord[] = [];
  for (const place of world.places) {
    if (place.openDay > day) continue;
    if (place.openDay === day) {
      out.push(updateRecord(place, startMs, wholeRow(options, place, day)));
      continue;
    }
    const price = priceOf(options, place, day);
    if (price !== priceOf(options, place, day - 1)) {
      const timeMs = startMs + (hash32(seed, place.id, day) % 60_000);
      out.push(updateRecord(place, timeMs, `"price_level":${price}`));
    }
    const draw = hashUnit(seed, day, place.id);
    if (draw >= dailyShare) continue;
    const timeMs = startMs + 60_000 + Math.floor((draw / dailyShare) * (dayMs - 60_000));
    const rating = ratingOf(options, place, day);
    const reviews = reviewsOf(place, day);
    out.push(updateRecord(place, timeMs, `"rating":${rating},"review_count":${reviews}`));
  }
  return out;
}

/** One record at every full hour of a day. */
export function contextRecords(world: World, day: number): LooseRecord[] {
  const seed = streamSeed(world.options.seed, 7);
  return Array.from({ length: 24 }, (_, hour) => {
    const timeMs = world.options.startMs + day * dayMs + hour * 3_600_000;
    const { tempC, condition, events, congestion } = contextOfHour(seed, timeMs);
    const line = JSON.stringify({
      timestamp: new Date(timeMs).toISOString(),
      weather: { temp: tempC, condition },
      events,
      traffic: { congestion_level: congestion },
    });
    return {
      topic: 'context',
      partition: 0,
      offset: -1,
      timeMs,
      arrivalMs: timeMs,
      line,
      fault: 'none',
    };
  });
}
