import type { FunctionName } from './functions.js';

/** A tree that compiles to JavaScript, to ClickHouse SQL and to a stable hash. */
export type Node =
  | { readonly op: 'const'; readonly value: number | string }
  /** A column of the event's row: its own or one joined as of the event's time. */
  | { readonly op: 'column'; readonly name: string }
  /** The event's time, ms. */
  | { readonly op: 'time' }
  /** A feature, of the view itself or, in a model's inputs, of a named one. */
  | { readonly op: 'feature'; readonly view: string | null; readonly name: string }
  | { readonly op: 'call'; readonly fn: FunctionName; readonly args: readonly Node[] };

/**
 * An expression with values of type T. Null is "not known": it passes through arithmetic;
 * a comparison with it is false.
 */
export interface Expr<T> {
  readonly node: Node;
  /** Type only: never set. */
  readonly type?: T;
}

export type Numeric = Expr<number> | Expr<number | null> | number;
export type Textual = Expr<string> | Expr<string | null> | string;
type Known = string | number;
export type Operand = Expr<string | number | null> | Known;

function nodeOf(value: Expr<unknown> | Known): Node {
  return typeof value === 'object' ? value.node : { op: 'const', value };
}

function call<T>(fn: FunctionName, ...args: readonly (Expr<unknown> | Known)[]): Expr<T> {
  return { node: { op: 'call', fn, args: args.map(nodeOf) } };
}

type Num = Expr<number | null>;
type Bool = Expr<boolean>;

export const add = (a: Numeric, b: Numeric): Num => call('add', a, b);
export const subtract = (a: Numeric, b: Numeric): Num => call('subtract', a, b);
export const multiply = (a: Numeric, b: Numeric): Num => call('multiply', a, b);
/** a / b; null where b is 0. */
export const ratio = (a: Numeric, b: Numeric): Num => call('ratio', a, b);
/** Null below 0. */
export const sqrt = (a: Numeric): Num => call('sqrt', a);
export const radians = (degrees: Numeric): Num => call('radians', degrees);
export const cos = (radians: Numeric): Num => call('cos', radians);
/** ln(1 + a). */
export const log1p = (a: Numeric): Num => call('log1p', a);

export const equal = (a: Operand, b: Operand): Bool => call('equal', a, b);
export const less = (a: Numeric, b: Numeric): Bool => call('less', a, b);
export const atLeast = (a: Numeric, b: Numeric): Bool => call('atLeast', a, b);
export const and = (a: Bool, b: Bool): Bool => call('and', a, b);
export const or = (a: Bool, b: Bool): Bool => call('or', a, b);
export const not = (a: Bool): Bool => call('not', a);
/** 1 where true, else 0. */
export const indicator = (a: Bool): Expr<number> => call('indicator', a);
/** The first that is known. */
export const coalesce = (a: Numeric, b: Numeric): Num => call('coalesce', a, b);

/** Great-circle distance of points in degrees, km; a sphere of radius 6371.0088 km (haversine). */
export const haversineKm = (lat1: Numeric, lng1: Numeric, lat2: Numeric, lng2: Numeric): Num =>
  call('haversineKm', lat1, lng1, lat2, lng2);

/** Hour of the day in UTC, 0–23. */
export const hourOfDay = (timeMs: Numeric): Num => call('hourOfDay', timeMs);
/** Day of the week in UTC, 1 (Monday) – 7. */
export const dayOfWeek = (timeMs: Numeric): Num => call('dayOfWeek', timeMs);
export const dayOfMonth = (timeMs: Numeric): Num => call('dayOfMonth', timeMs);
/** 1–12. */
export const month = (timeMs: Numeric): Num => call('month', timeMs);
/** Calendar days since 1970-01-01 in UTC. */
export const dayNumber = (timeMs: Numeric): Num => call('dayNumber', timeMs);
/** Saturday and Sunday in UTC. */
export const isWeekend = (timeMs: Numeric): Bool => atLeast(dayOfWeek(timeMs), 6);
/** From 9:00 to 17:59 in UTC: the hours 9 to 17. */
export const isBusinessHours = (timeMs: Numeric): Bool =>
  and(atLeast(hourOfDay(timeMs), 9), less(hourOfDay(timeMs), 18));
/** Meteorological season of the northern hemisphere in UTC: winter is December to February. */
export const season = (timeMs: Numeric): Expr<string> => call('season', timeMs);

/** How many elements a list has; null where there is no list. */
export const lengthOf = (list: Expr<readonly unknown[] | null>): Num => call('lengthOf', list);
/** The count of a text among `[[text, count], …]`; 0 where it is not among them. */
export const countOf = (
  counts: Expr<readonly (readonly [string, number])[] | null>,
  text: Textual,
): Num => call('countOf', counts, text);
/** The element of a list at a whole index from 0; null outside. */
export const elementOf = (list: Expr<readonly number[] | null>, index: Numeric): Num =>
  call('elementOf', list, index);
