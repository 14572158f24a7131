import type { FeatureValue } from '../../features/shape.js';
import { type Compared, compareValues, type Outcome, symmetricError } from './compare-values.js';

/** A vector, stored or recomputed; times in ms. */
export interface VectorRow {
  readonly key: string;
  readonly seq: number;
  readonly t: number;
  readonly as_of: number;
  /** Partition and offset of the event. */
  readonly p: number;
  readonly o: number;
  /** By column, f0, f1, …. */
  readonly [feature: string]: FeatureValue;
}

/** A value that a tally looks at, and the column it is in. */
export interface TalliedColumn extends Compared {
  readonly feature: string;
  readonly column: string;
}

/** How often a feature's stored value was what the events say. */
export interface FeatureTally extends Record<Outcome, number> {
  readonly feature: string;
  /** Mean symmetric absolute percentage error, 0–2, of the numbers compared; null for none. */
  smape: number | null;
}

/** One value that is not what the events say. */
export interface Difference {
  readonly feature: string;
  readonly outcome: Exclude<Outcome, 'equal'>;
  readonly key: string;
  readonly partition: number;
  readonly offset: number;
  readonly time: string;
  readonly stored: FeatureValue;
  readonly recomputed: FeatureValue;
}

export interface Tally {
  readonly columns: readonly TalliedColumn[];
  readonly features: readonly FeatureTally[];
  /** Vectors by the worst that was found of them. */
  readonly vectors: Record<Outcome, number>;
  readonly differences: Difference[];
  readonly compared: number[];
  /** Sums of symmetric errors, parallel to `columns`. */
  readonly errors: number[];
}

/** The first differences kept, of a feature and of all. */
const differencesOfFeature = 2;
const differencesMax = 20;

const none = (): Record<Outcome, number> => ({ equal: 0, mismatch: 0, missing: 0, extra: 0 });

export function createTally(columns: readonly TalliedColumn[]): Tally {
  return {
    columns,
    features: columns.map(({ feature }) => ({ feature, ...none(), smape: null })),
    vectors: none(),
    differences: [],
    compared: columns.map(() => 0),
    errors: columns.map(() => 0),
  };
}

const identityOf = ({ key, p, o }: VectorRow): string => `${p} ${o} ${key}`;

/** Compares all vectors of a part: those stored with those recomputed of the same events. */
export function tallyRows(
  tally: Tally,
  stored: readonly VectorRow[],
  recomputed: readonly VectorRow[],
): void {
  const expected = new Map(recomputed.map((row) => [identityOf(row), row]));
  for (const row of stored) {
    const id = identityOf(row);
    const twin = expected.get(id);
    if (twin === undefined) tallyAlone(tally, row, 'extra');
    else tallyPair(tally, row, twin);
    expected.delete(id); // a second row of one event is one too many
  }
  for (const row of expected.values()) tallyAlone(tally, row, 'missing');
}

function tallyAlone(tally: Tally, row: VectorRow, outcome: 'missing' | 'extra'): void {
  tally.vectors[outcome]++;
  for (const [i, { column }] of tally.columns.entries()) {
    const value = row[column] ?? null;
    if (outcome === 'extra') count(tally, i, outcome, row, value, null);
    else count(tally, i, outcome, row, null, value);
  }
}

function tallyPair(tally: Tally, stored: VectorRow, recomputed: VectorRow): void {
  let worst: Outcome = 'equal';
  for (const [i, compared] of tally.columns.entries()) {
    const pair = [stored[compared.column] ?? null, recomputed[compared.column] ?? null] as const;
    const outcome = compareValues(compared, ...pair);
    if (outcome !== 'equal') worst = 'mismatch';
    count(tally, i, outcome, recomputed, ...pair);
    const error = symmetricError(...pair);
    if (error === null) continue;
    tally.compared[i]!++; // parallel to columns, as is errors
    tally.errors[i]! += error;
    tally.features[i]!.smape = tally.errors[i]! / tally.compared[i]!;
  }
  tally.vectors[worst]++;
}

function count(
  tally: Tally,
  i: number,
  outcome: Outcome,
  { key, p, o, t }: VectorRow,
  stored: FeatureValue,
  recomputed: FeatureValue,
): void {
  const own = tally.features[i]!; // parallel to columns
  own[outcome]++;
  if (outcome === 'equal' || own.mismatch + own.missing + own.extra > differencesOfFeature) return;
  if (tally.differences.length >= differencesMax) return;
  tally.differences.push({
    feature: own.feature,
    outcome,
    key,
    partition: p,
    offset: o,
    time: new Date(t).toISOString(),
    stored,
    recomputed,
  });
}
