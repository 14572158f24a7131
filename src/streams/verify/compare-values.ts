import type { AggregateFunction } from '../../features/aggregate.js';
import type { FeatureType, FeatureValue } from '../../features/shape.js';

/** `missing`: recomputed but not stored; `extra`: stored but not recomputed. */
export const outcomes = ['equal', 'mismatch', 'missing', 'extra'] as const;
export type Outcome = (typeof outcomes)[number];

/** What decides how two values are compared. */
export interface Compared {
  readonly type: FeatureType;
  readonly fn?: AggregateFunction;
}

/** Numbers may differ by so much, relative or absolute: sums are taken in another order. */
const tolerance = 1e-9;
/** Beyond so many values `distinct` is a sketch … */
const exactDistinct = 32_768;
/** … that may be off by so much, relative. */
const sketchTolerance = 0.02;

export function compareValues(
  compared: Compared,
  stored: FeatureValue,
  recomputed: FeatureValue,
): Outcome {
  if (stored === null || recomputed === null) {
    if (stored === recomputed) return 'equal';
    return stored === null ? 'missing' : 'extra';
  }
  return isSame(compared, stored, recomputed) ? 'equal' : 'mismatch';
}

type Known = NonNullable<FeatureValue>;

function isSame({ type, fn }: Compared, a: Known, b: Known): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    const larger = Math.max(Math.abs(a), Math.abs(b));
    if (fn === 'distinct' && larger > exactDistinct) {
      return Math.abs(a - b) <= sketchTolerance * larger;
    }
    if (type === 'number') return Math.abs(a - b) <= tolerance * Math.max(1, larger);
  }
  return typeof a === 'object' ? JSON.stringify(a) === JSON.stringify(b) : a === b;
}

/**
 * Symmetric absolute percentage error of a stored value, 0–2: |a − b| / ((|a| + |b|) / 2), over a
 * list's elements added up; null where the values are no numbers.
 */
export function symmetricError(stored: FeatureValue, recomputed: FeatureValue): number | null {
  const [a, b] = [numbersOf(stored), numbersOf(recomputed)];
  if (a === null || b === null || a.length !== b.length) return null;
  const apart = a.reduce((sum, x, i) => sum + Math.abs(x - b[i]!), 0); // of one length
  const size = [...a, ...b].reduce((sum, x) => sum + Math.abs(x), 0);
  return apart === 0 ? 0 : (2 * apart) / size;
}

function numbersOf(value: FeatureValue): readonly number[] | null {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'object' || value === null) return null;
  return value.every((item) => typeof item === 'number') ? (value as readonly number[]) : null;
}
