import { WeirError } from '../errors.js';
import type { PlantedDrift } from './drifts.js';

export const dayMs = 86_400_000;

/** All that a world depends on; with the number of a day it determines every byte of that day. */
export interface WorldOptions {
  /** Integer from 0 to 2^53 − 1. */
  readonly seed: number;
  /** 00:00 UTC of day 0, in milliseconds. */
  readonly startMs: number;
  readonly users: number;
  readonly places: number;
  /** Interactions of an ordinary day, on average; six per user by default. */
  readonly eventsPerDay: number;
  /** Partitions of `interactions`, by user. */
  readonly partitions: number;
  /** Share of interactions that arrive up to 55 s after their time, so behind newer ones. */
  readonly disorder: number;
  /** Share of interactions that arrive 90 min to 6 h after their time. */
  readonly late: number;
  /** Damaged copies per interaction, of every kind in turn of chance. */
  readonly broken: number;
  /** Times of interactions are cut to multiples of this: 60,000 makes ties and pane edges. */
  readonly timeStepMs: number;
  readonly drifts: readonly PlantedDrift[];
}

/** Monday, 6 January 2025. */
const defaultStartMs = Date.UTC(2025, 0, 6);

function refuse(expected: string, found: unknown, remedy: string): never {
  throw new WeirError('wrong-use', `expected ${expected}, found ${String(found)}; ${remedy}`);
}

function checkInteger(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    refuse(`${name} to be an integer from ${least} to ${most}`, value, `change ${name}`);
}

function checkShare(name: string, value: number): void {
  if (!(value >= 0 && value <= 0.5))
    refuse(`${name} to be a share from 0 to 0.5`, value, 'give 0.02 for 2 %');
}

/** Fills in the defaults and refuses what makes no world (`wrong-use`). */
export function worldOptions(given: Partial<WorldOptions>): WorldOptions {
  const users = given.users ?? 2_000;
  const options: WorldOptions = {
    seed: given.seed ?? 1,
    startMs: given.startMs ?? defaultStartMs,
    users,
    places: given.places ?? 1_500,
    eventsPerDay: given.eventsPerDay ?? users * 6,
    partitions: given.partitions ?? 4,
    disorder: given.disorder ?? 0.02,
    late: given.late ?? 0.001,
    broken: given.broken ?? 0.001,
    timeStepMs: given.timeStepMs ?? 1,
    drifts: given.drifts ?? [],
  };
  checkInteger('seed', options.seed, 0, Number.MAX_SAFE_INTEGER);
  checkInteger('users', options.users, 1, 1_000_000);
  checkInteger('places', options.places, 25, 1_000_000);
  checkInteger('partitions', options.partitions, 1, 1_024);
  checkInteger('timeStepMs', options.timeStepMs, 1, 3_600_000);
  if (!(options.eventsPerDay > 0 && options.eventsPerDay <= 100 * users))
    refuse(`eventsPerDay above 0, at most 100 per user`, options.eventsPerDay, 'or change users');
  checkShare('disorder', options.disorder);
  checkShare('late', options.late);
  checkShare('broken', options.broken);
  if (!(options.startMs >= 0 && options.startMs % dayMs === 0))
    refuse('a start at 00:00 UTC', options.startMs, 'give a date such as 2025-01-06');
  const names = options.drifts.map((drift) => drift.name);
  if (new Set(names).size !== names.length)
    refuse('each drift once', names.join(', '), 'give each name with one day');
  for (const { name, days, every } of options.drifts)
    if (every !== undefined && !(days !== undefined && days < every))
      refuse(
        `${name} to last less than the ${every} days to its next beginning`,
        days,
        'shorten it',
      );
  return options;
}
