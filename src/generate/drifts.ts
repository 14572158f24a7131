import { WeirError } from '../errors.js';

/** What each planted drift does; docs/generator.md says which features it moves. */
export const driftEffects = {
  prices: 'nearly every price level rises by one and users want the pricier places',
  devices: 'a new device mix: a new device, watch, takes 45 % of the sessions',
  weekend: 'weekend behaviour, and more of it, on every day',
  categories: 'places of a new category open and get 30 % of the sessions',
  ratings: 'a rating bug: every rating given is 5',
  nulls: 'context.location goes missing, rising to 40 % within 10 days',
  activity: 'twice as many sessions per user, rising over 10 days',
  labels: 'what users click and visit is turned round, features stay',
} as const;

export type DriftName = keyof typeof driftEffects;

export interface PlantedDrift {
  readonly name: DriftName;
  /** The day, from 0, at whose 00:00 UTC it begins. */
  readonly day: number;
  /** Days that it lasts, from 1; for good where it is left out. */
  readonly days?: number;
  /** Days from one beginning to the next, more than `days`; it comes once where it is left out. */
  readonly every?: number;
}

const rampDays: Partial<Record<DriftName, number>> = { nulls: 10, activity: 10 };

function isDriftName(name: string): name is DriftName {
  return Object.hasOwn(driftEffects, name);
}

const shape = /^([a-z]+)@day(\d{1,5})(?:\+([1-9]\d{0,4})(?:\/([1-9]\d{0,4}))?)?$/;

/** Reads `prices@day45`, `devices@day45+3` or `devices@day45+4/14` (else `wrong-use`). */
export function parseDrift(text: string): PlantedDrift {
  const [, name = '', day = '', days, every] = shape.exec(text) ?? [];
  if (!isDriftName(name)) {
    throw new WeirError(
      'wrong-use',
      `expected a drift as name@dayK, one of ${Object.keys(driftEffects).join(', ')}, found "${text}"; write for example --drift prices@day45, or prices@day45+3 for three days of it`,
    );
  }
  return {
    name,
    day: Number(day),
    ...(days === undefined ? {} : { days: Number(days) }),
    ...(every === undefined ? {} : { every: Number(every) }),
  };
}

/** What a drift does, and when it is over. */
export function effectOf({ name, days, every }: PlantedDrift): string {
  const lasting = days === undefined ? '' : `, ${days} days`;
  const again = every === undefined ? '' : ` of every ${every}`;
  return driftEffects[name] + lasting + again;
}

/** How far a drift has gone on a day: 0 before and after it, 1 when whole. */
export function driftStrength(
  drifts: readonly PlantedDrift[],
  name: DriftName,
  day: number,
): number {
  for (const drift of drifts) {
    if (drift.name !== name || day < drift.day) continue;
    const { days = Number.POSITIVE_INFINITY, every = Number.POSITIVE_INFINITY } = drift;
    const since = (day - drift.day) % every;
    return since < days ? Math.min(1, (since + 1) / (rampDays[name] ?? 1)) : 0;
  }
  return 0;
}
