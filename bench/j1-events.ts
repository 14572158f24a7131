import { closeSync, openSync, writeSync } from 'node:fs';

const users = 100_000;
const places = 20_000;
const startMs = Date.UTC(2024, 0, 1);
const spanMs = 30 * 86_400_000;
const writeLength = 1 << 22;
const devices = ['mobile', 'desktop', 'tablet'] as const;
const queries = [
  'italian restaurant',
  'coffee near me',
  'museum',
  'ramen open late',
  'rooftop bar',
  'brunch',
  'bookshop',
  'thai food',
] as const;

/** Uniform in [0, 1): mulberry32 (Ettinger). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Ranks 0 … n − 1 by Zipf's law with exponent 1, by inversion. */
function zipf(n: number, random: () => number): () => number {
  const sums = new Float64Array(n);
  let total = 0;
  for (let i = 0; i < n; i++) {
    total += 1 / (i + 1);
    sums[i] = total;
  }
  return () => {
    const u = random() * total;
    let low = 0;
    let high = n - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! < u) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/**
 * Events of the comparison job J1, one JSON line each without its end: 30 days, 100,000 users by
 * Zipf's law, one in twenty up to a minute behind, none on a whole minute (engines differ in the
 * side of a pane that they close).
 * @param of how many events the 30 days have
 */
export function* j1Lines(of: number, seed: number): Generator<string, void> {
  const random = mulberry32(seed);
  const userRank = zipf(users, random);
  const placeRank = zipf(places, random);
  for (let i = 0; i < of; i++) {
    let timeMs = startMs + Math.floor((i / of) * spanMs);
    if (random() < 0.05) timeMs -= Math.floor(random() * 60_000);
    timeMs -= timeMs % 1_000;
    if (timeMs % 60_000 === 0) timeMs += 1_000;
    const kind = random();
    const type = kind < 0.6 ? 'view' : kind < 0.85 ? 'click' : kind < 0.92 ? 'visit' : 'rate';
    const user_id = ((userRank() * 7919 + 17) % users) + 1;
    const place_id = ((placeRank() * 6007 + 5) % places) + 1;
    const rating = type === 'rate' ? 1 + Math.floor(random() * 9) / 2 : undefined;
    const timestamp = new Date(timeMs).toISOString().replace('.000Z', 'Z');
    const search_query = queries[Math.floor(random() * queries.length)];
    const lat = Number((37.7 + random() * 0.1).toFixed(4));
    const lng = Number((-122.5 + random() * 0.1).toFixed(4));
    const device = devices[Math.floor(random() * 3)];
    const session_id = Math.floor(random() * 2 ** 32).toString(36);
    const context = { search_query, location: { lat, lng }, device, session_id };
    yield JSON.stringify({ user_id, place_id, event_type: type, rating, timestamp, context });
  }
}

/** Writes the first `count` of `of` events to a file. */
export function writeJ1(path: string, count: number, of: number, seed = 1): void {
  const file = openSync(path, 'w');
  let text = '';
  let left = count;
  for (const line of j1Lines(of, seed)) {
    if (left-- === 0) break;
    text += `${line}\n`;
    if (text.length < writeLength) continue;
    writeSync(file, text);
    text = '';
  }
  writeSync(file, text);
  closeSync(file);
}
