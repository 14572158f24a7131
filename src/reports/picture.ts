import type { CollectedColumn } from '../datasets/collected-column.js';
import type { NumericBins } from '../stats/bins.js';
import { nextDown } from '../stats/next-down.js';
import { quantile } from './decile-bins.js';
import { frequencies, type NumberSide } from './exact-tests.js';
import type { FrozenColumn } from './frozen-column.js';
import type { ColumnPicture } from './report.js';
import { type Axis, barLabels, barOf, evenAxis, roundAxis } from './round-axis.js';

/** So many different numbers have a bar each. */
const valuesMax = 24;
const categoriesMax = 12;
/** Of the bar that stands apart from those of numbers. */
export const missingLabel = 'missing';

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
  const values = distinctValues(first.sorted, second.sorted);
  if (values !== null) {
    const bar = new Map(values.map((value, i) => [value, i]));
    const side = ({ sorted, rows }: NumberSide) =>
      counted(sorted, rows, values.length, (value) => bar.get(value) ?? 0);
    const labels = values.map(labelOf(type));
    return barPicture({ column, type, labels }, [missingLabel], side(first), side(second));
  }
  const [low, high] = middle(first.sorted, second.sorted);
  const axis = type === 'time' ? evenAxis(low, high) : roundAxis(low, high);
  const ends = [first.sorted, second.sorted].filter(({ length }) => length > 0);
  const outside = {
    below: ends.some((sorted) => sorted[0]! < axis.low),
    above: ends.some((sorted) => sorted.at(-1)! >= axis.low + axis.bars * axis.width),
  };
  const labels = barLabels(axis, outside, labelOf(type));
  const side = ({ sorted, rows }: NumberSide) =>
    counted(sorted, rows, axis.bars, (value) => barOf(axis, value));
  return barPicture({ column, type, labels }, [missingLabel], side(first), side(second));
}

/** Different numbers of both sides, ascending; null where they are too many for bars. */
function distinctValues(...sides: readonly Float64Array[]): readonly number[] | null {
  const all = new Set<number>();
  for (const side of sides) {
    let former = Number.NaN;
    for (const value of side) {
      if (value === former) continue;
      former = value;
      all.add(value);
      if (all.size > valuesMax) return null;
    }
  }
  return [...all].sort((a, b) => a - b);
}

/** What 99 % of each side lie between. */
function middle(reference: Float64Array, current: Float64Array): readonly [number, number] {
  const sides = [reference, current].filter(({ length }) => length > 0);
  const low = Math.min(...sides.map((side) => quantile(side, 0.005)));
  return [low, Math.max(...sides.map((side) => quantile(side, 0.995)))];
}

function counted(
  sorted: Float64Array,
  rows: number,
  bars: number,
  place: (value: number) => number,
): Float64Array {
  const counts = new Float64Array(bars + 1);
  for (const value of sorted) counts[place(value)]!++;
  counts[bars] = rows - sorted.length;
  return counts;
}

/**
 * Bars of both sides: of `labels`, and then those named by `rest`, left out where they are empty.
 */
function barPicture(
  { column, type, labels }: Pick<ColumnPicture, 'column' | 'type' | 'labels'>,
  rest: readonly string[],
  reference: Float64Array,
  current: Float64Array,
): ColumnPicture {
  const isKept = (_: unknown, i: number) =>
    i < labels.length || reference[i]! > 0 || current[i]! > 0;
  return {
    column,
    type,
    labels: [...labels, ...rest].filter(isKept),
    reference: reference.filter(isKept),
    current: current.filter(isKept),
  };
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
    const names = [...bins.values.slice(0, own), 'rare or unseen', missingLabel];
    const side = (counts: ArrayLike<number>) => {
      const all = names.map((one): [string, number] => [one, 0]);
      for (let i = 0; i < counts.length; i++) {
        all[i < own ? i : Math.max(own, i - shared)]![1] += counts[i]!;
      }
      return new Map(all.filter(([, n]) => n > 0));
    };
    return categoryPicture(name, side(reference), side(current));
  }
  const sides = [reference, current] as const;
  return pointPicture(name, type, bins, ...sides) ?? spreadPicture(name, type, bins, ...sides);
}

/** Bars of the values of a reference that has few; null where it has many. */
function pointPicture(
  column: string,
  type: string,
  { edges }: NumericBins,
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): ColumnPicture | null {
  const points = edges.filter((edge, i) => edges[i - 1] === nextDown(edge));
  if (points.length * 2 !== edges.length || points.length > valuesMax) return null;
  const side = (counts: ArrayLike<number>) => {
    const all = new Float64Array(points.length + 2);
    for (let bin = 0; bin <= edges.length; bin++) {
      // The bins of the points alternate with those of what lies between.
      all[bin % 2 === 1 ? (bin - 1) / 2 : points.length]! += counts[bin] ?? 0;
    }
    all[points.length + 1] = missingOf(edges, counts);
    return all;
  };
  const labels = points.map(labelOf(type));
  const rest = ['others', missingLabel];
  return barPicture({ column, type, labels }, rest, side(reference), side(current));
}

const missingOf = ({ length }: readonly number[], counts: ArrayLike<number>): number =>
  (counts[length + 1] ?? 0) + (counts[length + 2] ?? 0);

function spreadPicture(
  column: string,
  type: string,
  { edges }: NumericBins,
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): ColumnPicture {
  const inner = edges.filter((_, i) => i > 0 && i < edges.length - 1);
  const ends = Float64Array.from(inner.length > 1 ? inner : edges);
  const [low, high] = middle(ends, ends);
  const axis = type === 'time' ? evenAxis(low, high) : roundAxis(low, high);
  const side = (counts: ArrayLike<number>) => {
    const all = new Float64Array(axis.bars + 1);
    for (let bin = 0; bin <= edges.length; bin++) {
      const from = edges[Math.max(0, bin - 1)] ?? 0;
      const to = edges[Math.min(bin, edges.length - 1)] ?? 0;
      share(all, axis, { low: from, high: to, count: counts[bin] ?? 0 });
    }
    all[axis.bars] = missingOf(edges, counts);
    return all;
  };
  const outside = {
    below: (edges[0] ?? 0) < axis.low,
    above: (edges.at(-1) ?? 0) >= axis.low + axis.bars * axis.width,
  };
  const labels = barLabels(axis, outside, labelOf(type));
  return barPicture({ column, type, labels }, [missingLabel], side(reference), side(current));
}

/** Spreads a bin's count evenly over the bars that it covers. */
function share(
  all: Float64Array,
  { low, width, bars }: Axis,
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

const labelOf = (type: string) => (type === 'time' ? timeLabel : shown);

/** Round, as ends of bars are, but for what adding them up leaves. */
function shown(value: number): string {
  return String(Number(value.toPrecision(10)));
}

function timeLabel(ms: number): string {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? '' : time.toISOString().slice(0, 16).replace('T', ' ');
}
