import { assert } from '../errors.js';
import { type GeneratedRecord, type GeneratedTopic, offsetsPerDay } from './generated-record.js';
import { interactionRecords, type LooseRecord } from './interaction-records.js';
import { dayMs } from './options.js';
import { contextRecords, placeRecords } from './table-records.js';
import type { World } from './world.js';

interface Spill {
  readonly day: number;
  /** What sessions of the day before left for this one. */
  readonly records: readonly LooseRecord[];
}

/** The last day's spill per world: saves going through it again, never changes what comes out. */
const spills = new WeakMap<World, Spill>();

function spillInto(world: World, day: number): readonly LooseRecord[] {
  if (day === 0) return [];
  const kept = spills.get(world);
  if (kept?.day === day) return kept.records;
  const startMs = world.options.startMs + day * dayMs;
  return interactionRecords(world, day - 1).filter((record) => record.arrivalMs >= startMs);
}

/** On a tie the tables come first, then what was made first. */
const order: Record<GeneratedTopic, number> = { 'place-updates': 0, context: 1, interactions: 2 };

/**
 * All records that arrive on a UTC day (0 is the first), in order of arrival: a pure function of
 * the world's options and the day, so any day can be had without those before it.
 */
export function dayOf(world: World, day: number): GeneratedRecord[] {
  assert(Number.isInteger(day) && day >= 0, `a day is an integer from 0, found ${day}`);
  const endMs = world.options.startMs + (day + 1) * dayMs;
  const records: LooseRecord[] = [...spillInto(world, day)];
  const spill: LooseRecord[] = [];
  for (const record of interactionRecords(world, day))
    (record.arrivalMs < endMs ? records : spill).push(record);
  spills.set(world, { day: day + 1, records: spill });
  records.push(...placeRecords(world, day), ...contextRecords(world, day));
  records.sort((a, b) => a.arrivalMs - b.arrivalMs || order[a.topic] - order[b.topic]);
  const next = new Map<string, number>();
  for (const record of records) {
    const source = `${record.topic}/${record.partition}`;
    const offset = next.get(source) ?? day * offsetsPerDay;
    assert(offset < (day + 1) * offsetsPerDay, `more than ${offsetsPerDay} records a day`);
    next.set(source, offset + 1);
    record.offset = offset;
  }
  return records;
}
