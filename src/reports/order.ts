import { type CollectedColumn, isNumeric } from '../datasets/collected-column.js';
import type { Counts } from '../stats/shares.js';
import type { NumberSide } from './exact-tests.js';

/**
 * How closely a column follows the number of its row: the correlation of the ranks of the values
 * (given as bins that ascend with them) with their places, Spearman's with ties in the middle; 0
 * for fewer than 20 values or a constant.
 */
export function rankCorrelation(bins: ArrayLike<number>): number {
  const n = bins.length;
  if (n < 20) return 0;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += bins[i]! / n;
  let both = 0;
  let own = 0;
  let places = 0;
  for (let i = 0; i < n; i++) {
    const place = i - (n - 1) / 2;
    const rank = bins[i]! - mean;
    both += place * rank;
    own += rank * rank;
    places += place * place;
  }
  return own > 0 ? both / Math.sqrt(own * places) : 0;
}

/** From here on a column is taken to follow the number of its row. */
const closely = 0.95;
const beyond = 0.9;

/** Whether a column of the reference grows or falls with the number of its row. */
export function followsRows({ trend }: { readonly trend: number }): boolean {
  return Math.abs(trend) >= closely;
}

/** Why a column that counts on is not tested. */
export const countsOn =
  'grows or falls with the row number, as row numbers and times do: it differs by construction';

/**
 * Why two files' column is not compared, or null: it follows the number of the row in the
 * reference, and goes on in the input where the reference ended.
 */
export function isContinued(
  reference: CollectedColumn,
  { sorted: first }: NumberSide,
  { sorted: second }: NumberSide,
): string | null {
  if (first.length < 20 || second.length === 0) return null;
  const trend = rankCorrelation(ranksOf(sampled(reference)));
  if (Math.abs(trend) < closely) return null;
  const edge = first[Math.floor((trend > 0 ? beyond : 1 - beyond) * (first.length - 1))]!;
  let further = 0;
  for (const value of second) if (trend > 0 ? value > edge : value < edge) further++;
  return further >= beyond * second.length ? countsOn : null;
}

/** Rows, evenly spaced, whose order is that of all of them. */
const sampledRows = 100_000;

function sampled({ kinds, values }: CollectedColumn): Float64Array {
  const every = Math.max(1, Math.ceil(values.length / sampledRows));
  const found: number[] = [];
  for (let row = 0; row < values.length; row += every) {
    if (isNumeric(kinds[row]!)) found.push(values[row]!);
  }
  return Float64Array.from(found);
}

function ranksOf(values: Float64Array): Float64Array {
  const sorted = values.slice().sort();
  return values.map((value) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}

/** The same of a first window's counts in frozen bins. */
export function isContinuedIn(
  { trend, counts, firstMissing }: { trend: number; counts: Counts; firstMissing: number },
  current: Counts,
): boolean {
  if (Math.abs(trend) < closely) return false;
  let all = 0;
  let held = 0;
  for (let bin = 0; bin < firstMissing; bin++) {
    all += counts[bin]!;
    held += current[bin]!;
  }
  let before = 0;
  let further = 0;
  for (let bin = 0; bin < firstMissing; bin++) {
    const share = (before + counts[bin]! / 2) / all;
    before += counts[bin]!;
    if (trend > 0 ? share >= beyond : share <= 1 - beyond) further += current[bin]!;
  }
  return held > 0 && further >= beyond * held;
}
