import { dayMs } from '../../src/generate/options.js';
import type { DriftAlert, Emission, RetrainingEvent } from '../../src/monitors/emission.js';

/** What is planted, and what must be found of it. */
export interface DriftRow {
  /** As the claim has it. */
  readonly what: string;
  readonly job: 'places' | 'fifty';
  /** As `--drift` of `weir generate` has it; empty for none. */
  readonly planted: string;
  /** Day up to which it is watched. */
  readonly days: number;
  /** One of the features that the first alert must name, with those of its segments. */
  readonly names: readonly string[];
  /** Whether the first alert must name nothing else. */
  readonly alone?: boolean;
  /** Days on which an episode may open, by episode: after the beginning, and what is waited for. */
  readonly openings: readonly (readonly [from: number, to: number])[];
  /** The advice of each event; any where it is left out. */
  readonly advice?: readonly string[];
}

const activity = ['place.views_24h', 'place.views_7d', 'place.unique_visitors', 'user.views_7d'];

/** What docs/generator.md says that `weekend` moves and a scored event shows, with the counts. */
const habits = ['hour_of_day', 'category', ...activity];

/** A drift begins at 00:00 of day 45, of the fifty of day 52; windows of 30 days go over then. */
export const driftRows: readonly DriftRow[] = [
  row('none', 'places', '', 60, [], []),
  row('sudden', 'places', 'prices@day45', 60, ['place.price_level', 'price_difference']),
  row('sudden, a new device', 'places', 'devices@day45', 60, ['device']),
  row('sudden, three days', 'places', 'devices@day45+3', 60, ['device']),
  row('sudden, other habits', 'places', 'weekend@day45', 60, habits),
  row('gradual, 10 days', 'places', 'activity@day45', 60, activity),
  {
    ...row('recurring, 4 days of 14', 'places', 'devices@day45+4/14', 92, ['device']),
    // The waves of day 59 and 73 fall into the episode of the first; that of day 87 does not.
    openings: [
      [46, 55],
      [88, 92],
    ],
    advice: ['sliding-window', 'full'],
  },
  row('a category appears', 'places', 'categories@day45', 60, ['category']),
  row('nulls rise, 10 days', 'places', 'nulls@day45', 60, ['lat']),
  row('a rating bug', 'places', 'ratings@day45', 60, ['place.avg_rating']),
  row('labels turn round', 'places', 'labels@day45', 60, ['performance']),
  {
    ...row('one feature of 50', 'fifty', 'devices@day52', 67, ['user.mobile_share_7d']),
    openings: [[53, 62]],
    alone: true,
  },
];

function row(
  what: string,
  job: DriftRow['job'],
  planted: string,
  days: number,
  names: readonly string[],
  openings: DriftRow['openings'] = [[46, 55]],
): DriftRow {
  return { what, job, planted, days, names, openings };
}

/** What a run told, in days of its world; events of the schedule left out. */
export interface Outcome {
  readonly what: string;
  readonly seed: number;
  readonly opened: readonly {
    readonly day: number;
    readonly kind: string;
    readonly features: readonly string[];
  }[];
  readonly worsened: readonly number[];
  readonly closed: readonly number[];
  readonly events: readonly { readonly day: number; readonly advice: string }[];
}

export function outcomeOf(
  what: string,
  seed: number,
  startMs: number,
  emissions: readonly Emission[],
): Outcome {
  const dayOf = ({ timeMs }: Emission): number => (timeMs - startMs) / dayMs;
  const isDrift = ({ episodeKind }: Emission): boolean =>
    episodeKind === 'drift' || episodeKind === 'notice';
  const own = emissions.filter(isDrift);
  const alerts = own.filter((one): one is DriftAlert => one.kind === 'alert');
  const events = own.filter((one): one is RetrainingEvent => one.kind === 'retraining');
  const inPhase = (phase: DriftAlert['phase']) => alerts.filter((one) => one.phase === phase);
  return {
    what,
    seed,
    opened: inPhase('opened').map((one) => ({
      day: dayOf(one),
      kind: one.episodeKind,
      features: one.features,
    })),
    worsened: inPhase('worsened').map(dayOf),
    closed: inPhase('closed').map(dayOf),
    events: events.map((one) => ({ day: dayOf(one), advice: one.strategy })),
  };
}

/** How an outcome breaks what its row claims; empty where it does not. */
export function faultsOf(claimed: DriftRow, { opened, events }: Outcome): readonly string[] {
  const { openings, names, alone = false, advice } = claimed;
  const days = opened.map(({ day }) => day);
  const faults: string[] = [];
  if (opened.length !== openings.length) {
    faults.push(`${openings.length} episodes expected, opened on days ${days.join(', ') || '-'}`);
  }
  if (events.length !== openings.length) {
    faults.push(`${openings.length} retraining events expected, found ${events.length}`);
  }
  for (const [i, [from, to]] of openings.entries()) {
    const day = days[i] ?? Number.NaN;
    if (!(day >= from && day <= to)) faults.push(`episode ${i + 1} not within ${from} to ${to}`);
  }
  for (const { features } of opened) {
    const isNamed = (feature: string): boolean => names.includes(feature.replace(/ \[.*/, ''));
    if (!(alone ? features.every(isNamed) : features.some(isNamed))) {
      faults.push(`${names.join(' or ')} expected in the alert, found ${features.join(', ')}`);
    }
  }
  const advised = events.map((one) => one.advice);
  if (advice !== undefined && advised.join() !== advice.join()) {
    faults.push(`advice ${advice.join(', ')} expected, found ${advised.join(', ')}`);
  }
  return faults;
}
