import { dayMs } from './options.js';
import { hashUnit } from './random.js';

/** What a record of the topic `context` says of one hour. */
export interface HourContext {
  readonly tempC: number;
  readonly condition: 'sunny' | 'clear' | 'cloudy' | 'windy' | 'rain';
  readonly events: readonly string[];
  /** 0 (empty streets) to 1. */
  readonly congestion: number;
}

const cityEvents = [
  'football_match',
  'food_festival',
  'street_market',
  'open_air_concert',
  'marathon',
  'book_fair',
  'film_festival',
  'night_of_museums',
];

const rush = [0, 0, 0, 0, 0, 0.1, 0.3, 0.6, 0.8, 0.6, 0.4, 0.4, 0.5, 0.5, 0.4, 0.5, 0.6, 0.8, 0.9];

function conditionOf(seed: number, sixHours: number, hour: number): HourContext['condition'] {
  const draw = hashUnit(seed, sixHours, 11);
  if (draw < 0.16) return 'rain';
  if (draw < 0.26) return 'windy';
  if (draw < 0.52) return 'cloudy';
  return hour >= 7 && hour < 19 ? 'sunny' : 'clear';
}

function temperature(seed: number, hours: number): number {
  const days = Math.floor(hours / 24);
  const hour = hours % 24;
  const part = hour / 24;
  // Between two days the day's own deviation passes over smoothly.
  const spell = (1 - part) * hashUnit(seed, days, 12) + part * hashUnit(seed, days + 1, 12) - 0.5;
  const season = 17 - 5.5 * Math.cos((2 * Math.PI * (days - 18)) / 365.2425);
  const daytime = 4 * Math.cos((2 * Math.PI * (hour - 15)) / 24);
  return Math.round((season + daytime + 5 * spell + hashUnit(seed, hours, 13) - 0.5) * 10) / 10;
}

function eventsOf(seed: number, days: number, hour: number): string[] {
  const found: string[] = [];
  for (let i = 0; i < cityEvents.length; i++) {
    const from = 10 + Math.floor(hashUnit(seed, days, 40 + i) * 9);
    if (hashUnit(seed, days, 20 + i) < 0.1 && hour >= from && hour < from + 5)
      found.push(cityEvents[i] ?? '');
  }
  return found;
}

/** The context of the hour that begins at `timeMs`, a pure function of both. */
export function contextOfHour(seed: number, timeMs: number): HourContext {
  const hours = Math.floor(timeMs / 3_600_000);
  const hour = hours % 24;
  const days = Math.floor(timeMs / dayMs);
  const condition = conditionOf(seed, Math.floor(hours / 6), hour);
  const events = eventsOf(seed, days, hour);
  const busy = (rush[hour] ?? 0.9 - 0.17 * (hour - 18)) + (condition === 'rain' ? 0.1 : 0);
  const noise = 0.1 * hashUnit(seed, hours, 14);
  const congestion = Math.min(1, Math.round((busy + noise + 0.05 * events.length) * 100) / 100);
  return { tempC: temperature(seed, hours), condition, events, congestion };
}
