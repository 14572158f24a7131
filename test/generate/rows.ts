import { dayOf } from '../../src/generate/day-of.js';
import type { GeneratedRecord } from '../../src/generate/generated-record.js';
import type { World } from '../../src/generate/world.js';

/** A good interaction as its line tells it. */
export interface InteractionRow {
  readonly user_id: number;
  readonly place_id: number;
  readonly event_type: 'view' | 'click' | 'visit' | 'rate';
  readonly rating?: number;
  readonly timestamp: string;
  readonly context: {
    readonly search_query?: string;
    readonly location?: { readonly lat: number; readonly lng: number };
    readonly device: string;
    readonly session_id: string;
  };
}

export interface PlaceRow {
  readonly place_id: number;
  readonly timestamp: string;
  readonly updates: {
    readonly rating?: number;
    readonly review_count?: number;
    readonly category?: string;
    readonly price_level?: number;
    readonly location?: { readonly lat: number; readonly lng: number };
  };
}

const whole: readonly GeneratedRecord['fault'][] = ['none', 'disorder', 'late'];

export function recordsOfDays(world: World, from: number, to: number): GeneratedRecord[] {
  const records: GeneratedRecord[] = [];
  for (let day = from; day < to; day++) records.push(...dayOf(world, day));
  return records;
}

export function interactionRows(records: readonly GeneratedRecord[]): InteractionRow[] {
  return records
    .filter(({ topic, fault }) => topic === 'interactions' && whole.includes(fault))
    .map(({ line }): InteractionRow => JSON.parse(line));
}

export function placeRows(records: readonly GeneratedRecord[]): PlaceRow[] {
  return records
    .filter(({ topic }) => topic === 'place-updates')
    .map(({ line }): PlaceRow => JSON.parse(line));
}
