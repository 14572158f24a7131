import type { CollectedColumn } from '../datasets/collected-column.js';
import { quantile } from './decile-bins.js';
import { frequencies, type NumberSide } from './exact-tests.js';
import type { FrozenColumn } from './frozen-column.js';
import type { ColumnPicture } from './report.js';

const bars = 24;
const categoriesMax = 12;

/** The distribution of the categories of two whole columns, for a plot. */
export function textPicture(first: CollectedColumn, second: CollectedColumn): ColumnPicture {
  return categoryPicture(first.name, frequencies(first), frequencies(second));
}

/** The distribution of the numbers of two whole columns, for a plot. */
export function numberPicture(
  column: string,
  type: string,
  first: NumberSide,
  second: NumberSide,
): ColumnPicture {
  const axis = axisOf(first.sorted, second.sorted);
  const labels = axis.labels.map((label) => (type === 'time' ? timeLabel(label) : shown(label)));
  return {
    column,
    type,
    labels: [...labels, 'missing'],
    reference: histogram(axis, first),
    current: histogram(axis, second),
  };
}

interface Axis {
  readonly low: number;
  readonly width: number;
  readonly labels: readonly number[];
}

/** Equal bars over the middle 99 % of both sides; what lies outside is in the outermost. */
function axisOf(reference: Float64Array, current: Float64Array): Axis {
  const ends = [reference, current].filter((side) => side.length > 0);
  const low = Math.min(...ends.map((side) => quantile(side, 0.005)), Number.POSITIVE_INFINITY);
  const high = Math.max(...ends.map((side) => quantile(side, 0.995)), Number.NEGATIVE_INFINITY);
  const from = Number.isFinite(low) ? low : 0;
  const width = high / bars - from / bars || 1;
  return { low: from, width, labels: Array.from({ length: bars }, (_, i) => from + i * width) };
}

function histogram({ low, width }: Axis, { sorted, rows }: NumberSide): Float64Array {
  const counts = new Float64Array(bars + 1);
  for (const value of sorted) {
    counts[Math.max(0, Math.min(bars - 1, Math.floor((value - low) / width)))]!++;
  }
  counts[bars] = rows - sorted.length;
  return counts;
}

function categoryPicture(
  column: string,
  first: ReadonlyMap<string, number>,
  second: ReadonlyMap<string, number>,
): ColumnPicture {
  const all = [...new Set([...first.keys(), ...second.keys()])];
  const size = (name: string) => (first.get(name) ?? 0) + (second.get(name) ?? 0);
  all.sort((a, b) => size(b) - size(a) || (a < b ? -1 : 1));
  const labels = all.slice(0, categoriesMax);
  const rest = all.slice(categoriesMax);
  const count = (side: ReadonlyMap<string, number>) => [
    ...labels.map((name) => side.get(name) ?? 0),
    ...(rest.length > 0 ? [rest.reduce((sum, name) => sum + (side.get(name) ?? 0), 0)] : []),
  ];
  return {
    column,
    type: 'category',
    labels: [...labels, ...(rest.length > 0 ? [`${rest.length} others`] : [])],
    reference: count(first),
    current: count(second),
  };
}

/** The distribution in frozen bins, of the reference and of all rows of the input. */
export function binPicture(
  { name, type, bins, shared }: Pick<FrozenColumn, 'name' | 'type' | 'bins' | 'shared'>,
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): ColumnPicture {
  if (bins.kind === 'categorical') {
    const own = bins.values.length - shared;
    const names = [...bins.values.slice(0, own), 'rare or unseen', 'missing'];
    const side = (counts: ArrayLike<number>) => {
      const all = names.map((one): [string, number] => [one, 0]);
      for (let i = 0; i < counts.length; i++) {
        all[i < own ? i : Math.max(own, i - shared)]![1] += counts[i]!;
      }
      return new Map(all.filter(([, n]) => n > 0));
    };
    return categoryPicture(name, side(reference), side(current));
  }
  const { edges } = bins;
  const inner = edges.filter((_, i) => i > 0 && i < edges.length - 1);
  const ends = Float64Array.from(inner.length > 1 ? inner : edges);
  const axis = axisOf(ends, ends);
  const spread = (counts: ArrayLike<number>) => {
    const all = new Float64Array(bars + 1);
    for (let bin = 0; bin <= edges.length; bin++) {
      const low = edges[Math.max(0, bin - 1)] ?? 0;
      const high = edges[Math.min(bin, edges.length - 1)] ?? 0;
      share(all, axis, { low, high, count: counts[bin] ?? 0 });
    }
    all[bars] = (counts[edges.length + 1] ?? 0) + (counts[edges.length + 2] ?? 0);
    return all;
  };
  const label = type === 'time' ? timeLabel : shown;
  return {
    column: name,
    type,
    labels: [...axis.labels.map(label), 'missing'],
    reference: spread(reference),
    current: spread(current),
  };
}

/** Spreads a bin's count evenly over the bars that it covers. */
function share(
  all: Float64Array,
  { low, width }: Axis,
  bin: { readonly low: number; readonly high: number; readonly count: number },
): void {
  const place = (x: number) => Math.max(0, Math.min(bars, (x - low) / width));
  const from = place(bin.low);
  const to = place(bin.high);
  const isPoint = to - from < 1e-9;
  for (let i = Math.min(bars - 1, Math.floor(from)); i < bars && (isPoint || i < to); i++) {
    const part = isPoint ? 1 : (Math.min(to, i + 1) - Math.max(from, i)) / (to - from);
    all[i]! += part * bin.count;
    if (isPoint) break;
  }
}

function shown(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function timeLabel(ms: number): string {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? '' : time.toISOString().slice(0, 16).replace('T', ' ');
}
