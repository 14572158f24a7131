import type { Random } from './random.js';

export interface Location {
  readonly lat: number;
  readonly lng: number;
}

/** Lisbon: an hour of its day is an hour of the UTC day, so hours mean what they say. */
export const cityCentre: Location = { lat: 38.7223, lng: -9.1393 };

const kmPerDegree = 111.195;
const lngShrink = Math.cos((cityCentre.lat * Math.PI) / 180);

/** Distance on the tangent plane, km; within 0.1 % of the haversine over one city. */
export function distanceKm(a: Location, b: Location): number {
  const north = (a.lat - b.lat) * kmPerDegree;
  const east = (a.lng - b.lng) * kmPerDegree * lngShrink;
  return Math.sqrt(north * north + east * east);
}

/** A point scattered around another, km of standard deviation along each axis. */
export function near(point: Location, deviationKm: number, random: Random): Location {
  const degrees = deviationKm / kmPerDegree;
  const lat = random.normal(point.lat, degrees);
  const lng = random.normal(point.lng, degrees / lngShrink);
  return { lat: Math.round(lat * 1e6) / 1e6, lng: Math.round(lng * 1e6) / 1e6 };
}
