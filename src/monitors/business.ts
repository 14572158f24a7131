import type { Row } from '../features/fields.js';
import type { Figure, FigureRule } from './figure.js';

/** Columns of an event equal to a value, or to one of a list. */
export type EventMatch = Readonly<Record<string, string | number | readonly (string | number)[]>>;

interface Common {
  readonly test: 'click-through' | 'conversion' | 'satisfaction';
  /** A view of the events that are counted. */
  readonly view: string;
  /** Relative drop below the reference's figure that is drift. */
  readonly drop?: number;
  /** Below it is drift whatever the drop, where the reference is above. */
  readonly least?: number;
}

/** What the users do with the answers: a share of events, or the mean of a column. */
export type BusinessFigure =
  | (Common & { readonly of: EventMatch; readonly per: EventMatch })
  | (Common & { readonly mean: string });

/** Per figure: numerator, denominator, and the numerator's squares where it is a sum of values. */
const sumsPerBusinessFigure = 3;

/** Adds one event to the sums of all figures. */
export type CountEvent = (sums: Float64Array, row: Row) => void;

/** Null where a view has no figures: then no event needs looking at. */
export function compileBusiness(figures: readonly BusinessFigure[], view: string) {
  const own = figures.filter((figure) => figure.view === view);
  if (own.length === 0) return null;
  const counters = own.map(compileOne);
  const count: CountEvent = (sums, row) => {
    for (let i = 0; i < counters.length; i++) counters[i]!(sums, i * sumsPerBusinessFigure, row);
  };
  return { figures: own, width: own.length * sumsPerBusinessFigure, count };
}

type Counter = (sums: Float64Array, at: number, row: Row) => void;

function compileOne(figure: BusinessFigure): Counter {
  if ('mean' in figure) {
    const { mean } = figure;
    return (sums, at, row) => {
      const value = row[mean];
      if (typeof value !== 'number' || !Number.isFinite(value)) return;
      sums[at] = sums[at]! + value;
      sums[at + 1] = sums[at + 1]! + 1;
      sums[at + 2] = sums[at + 2]! + value * value;
    };
  }
  const of = matcher(figure.of);
  const per = matcher(figure.per);
  return (sums, at, row) => {
    if (of(row)) sums[at] = sums[at]! + 1;
    if (per(row)) sums[at + 1] = sums[at + 1]! + 1;
  };
}

function matcher(match: EventMatch): (row: Row) => boolean {
  const tests = Object.entries(match).map(([column, value]) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    const [first] = values;
    return values.length === 1
      ? (row: Row) => row[column] === first
      : (row: Row) => values.includes(row[column]);
  });
  const [only] = tests;
  return tests.length === 1 ? only! : (row) => tests.every((test) => test(row));
}

const usualDrop = 0.05;

/** A period's figures of one view; errors as if events were independent. */
export function businessOf(
  figures: readonly BusinessFigure[],
  sums: readonly number[],
): readonly Pick<Figure, 'test' | 'value' | 'error' | 'n' | 'rule'>[] {
  return figures.map((figure, i) => {
    const [of = 0, n = 0, squares = 0] = sums.slice(i * sumsPerBusinessFigure);
    const { test } = figure;
    const rule = dropRule(figure.drop ?? usualDrop);
    if (n === 0) return { test, value: null, error: null, n, rule };
    const value = of / n;
    const variance =
      'mean' in figure
        ? Math.max(0, squares / n - value * value)
        : Math.max(0, value * (1 - value));
    return { test, value, error: Math.sqrt(variance / n), n, rule };
  });
}

function dropRule(drop: number): FigureRule {
  return {
    worse: 'down',
    scale: 'relative',
    warning: drop / 2,
    threshold: drop,
    leave: drop / 2,
  };
}
