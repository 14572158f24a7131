import type { Expr, Node } from './expression.js';
import type { FeatureType } from './shape.js';

/** Functions over the events of a window. */
export type AggregateFunction =
  | 'count'
  | 'sum'
  | 'mean'
  | 'min'
  | 'max'
  | 'variance'
  | 'populationVariance'
  | 'standardDeviation'
  | 'distinct'
  | 'histogram'
  | 'topCounts'
  | 'lastTime'
  | 'hoursSinceLast'
  | 'own';

/** One window as a text (`'7d'`), or a list whose lengths become suffixes (`clicks_24h`). */
export type Over = string | readonly string[];

/** A declared feature before its windows are spread over names. */
export interface Aggregate<T, O extends Over = Over> {
  readonly fn: AggregateFunction;
  readonly of: Node | null;
  readonly where: Node | null;
  readonly over: O;
  readonly type: FeatureType;
  /** Entries kept of `topCounts`, slots of `histogram`. */
  readonly size: number;
  /** `histogram`: the value counted in slot 0. */
  readonly from: number;
  /** Type only: never set. */
  readonly value?: T;
}

/** Equality of columns as an object, or any condition. */
export type Where<Row> = { readonly [K in keyof Row]?: NonNullable<Row[K]> } | Expr<boolean>;

/** The columns that hold a T. `keyof` it, without a name of its own, is listed in errors. */
type ColumnsOf<Row, T> = {
  readonly [K in keyof Row as Row[K] extends T | null ? K : never]: Row[K];
};

export interface Options<Row, O extends Over> {
  readonly over: O;
  readonly where?: Where<Row>;
}

/** What a view's features are built with. */
export interface On<Row> {
  /** The event's value of a column, for `where` and for expressions. */
  readonly column: <K extends keyof Row & string>(name: K) => Expr<Row[K]>;
  /** The event's time, ms. */
  readonly time: Expr<number>;
  readonly count: <const O extends Over>(options: Options<Row, O>) => Aggregate<number, O>;
  readonly sum: Moment<Row, number>;
  /** Null where there is nothing to average. */
  readonly mean: Moment<Row, number | null>;
  readonly min: Moment<Row, number | null>;
  readonly max: Moment<Row, number | null>;
  /** Sample variance (n − 1); null below two values. */
  readonly variance: Moment<Row, number | null>;
  /** Population variance (n); null where there is nothing. */
  readonly populationVariance: Moment<Row, number | null>;
  /** Root of the sample variance; null below two values. */
  readonly standardDeviation: Moment<Row, number | null>;
  /** Exact to 32,768 values, then adaptive sampling (Flajolet 1990), standard error < 1 %. */
  readonly distinct: Moment<Row, number, string | number>;
  /** Counts of the whole numbers `from … from + size − 1`; others are left out. */
  readonly histogram: <const O extends Over>(
    of: (keyof ColumnsOf<Row, number> & string) | Expr<number> | Expr<number | null>,
    options: Options<Row, O> & { readonly size: number; readonly from?: number },
  ) => Aggregate<readonly number[], O>;
  /** The most frequent texts with their counts; ties by code point. */
  readonly topCounts: (
    of: (keyof ColumnsOf<Row, string> & string) | Expr<string> | Expr<string | null>,
    options: { readonly size: number; readonly where?: Where<Row>; readonly over: 'lifetime' },
  ) => Aggregate<readonly (readonly [string, number])[], 'lifetime'>;
  /** Largest event time the key has seen, ms. */
  readonly lastTime: () => Aggregate<number | null, 'lifetime'>;
  /** Hours from `lastTime` to the instant of the vector; changes without events. */
  readonly hoursSinceLast: () => Aggregate<number | null, 'lifetime'>;
  /** A column of the table that has the view's own key, as of the vector. */
  readonly own: <K extends keyof Row & string>(name: K) => Aggregate<Row[K], 'lifetime'>;
}

type Moment<Row, Result, Value extends string | number = number> = <const O extends Over>(
  of: (keyof ColumnsOf<Row, Value> & string) | Expr<Value> | Expr<Value | null>,
  options: Options<Row, O>,
) => Aggregate<Result, O>;

function isExpr(value: object): value is Expr<unknown> {
  return 'node' in value;
}

function nodeOf(of: string | Expr<unknown>): Node {
  return typeof of === 'string' ? { op: 'column', name: of } : of.node;
}

function conditionOf(where: object | undefined): Node | null {
  if (where === undefined) return null;
  if (isExpr(where)) return where.node;
  const tests = Object.entries(where).map(([name, value]): Node => {
    const args: readonly Node[] = [
      { op: 'column', name },
      { op: 'const', value: value as string },
    ]; // a row holds texts and numbers
    return { op: 'call', fn: 'equal', args };
  });
  if (tests.length === 0) return null;
  return tests.reduce((a, b) => ({ op: 'call', fn: 'and', args: [a, b] }));
}

interface Loose {
  readonly over: Over;
  readonly where?: object;
  readonly size?: number;
  readonly from?: number;
}

function declare(
  fn: AggregateFunction,
  type: FeatureType,
  of: string | Expr<unknown> | null,
  options: Loose,
): Aggregate<never, never> {
  return {
    fn,
    type,
    of: of === null ? null : nodeOf(of),
    where: conditionOf(options.where),
    over: options.over as never, // the builder's own signature carries the type
    size: options.size ?? 0,
    from: options.from ?? 0,
  };
}

/** Builds features over rows; `ownType` tells the type of a column of the view's own table. */
export function createOn<Row>(ownType: (column: string) => FeatureType): On<Row> {
  const lifetime = { over: 'lifetime' } as const;
  const moment =
    (fn: AggregateFunction, type: FeatureType) =>
    (of: string | Expr<unknown>, options: Loose): Aggregate<never, never> =>
      declare(fn, type, of, options);
  return {
    column: (name) => ({ node: { op: 'column', name } }),
    time: { node: { op: 'time' } },
    count: (options) => declare('count', 'integer', null, options),
    sum: moment('sum', 'number'),
    mean: moment('mean', 'number'),
    min: moment('min', 'number'),
    max: moment('max', 'number'),
    variance: moment('variance', 'number'),
    populationVariance: moment('populationVariance', 'number'),
    standardDeviation: moment('standardDeviation', 'number'),
    distinct: moment('distinct', 'integer'),
    histogram: (of, options) => declare('histogram', 'integers', of, options),
    topCounts: (of, options) => declare('topCounts', 'counts', of, options),
    lastTime: () => declare('lastTime', 'time', null, lifetime),
    hoursSinceLast: () => declare('hoursSinceLast', 'number', null, lifetime),
    own: (name) => declare('own', ownType(name), name, lifetime),
  };
}
