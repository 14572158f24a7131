import { createHash } from 'node:crypto';
import { WeirError } from '../errors.js';
import { parseWindow, type Window } from '../windows/window.js';
import {
  type Aggregate,
  type AggregateFunction,
  createOn,
  type On,
  type Over,
} from './aggregate.js';
import { checkView } from './check-view.js';
import type { Expr, Node } from './expression.js';
import type { FeatureShape, FeatureType, ViewShape } from './shape.js';
import type { AsOfJoin, Stream, TopicDefinition } from './source.js';

type Declared = Readonly<Record<string, Aggregate<unknown>>>;

type Suffix<W extends string> = W extends `${infer Length}/${string}` ? Length : W;

type Spread<N extends string, A> =
  A extends Aggregate<infer T, infer O>
    ? O extends readonly string[]
      ? { readonly [K in `${N}_${Suffix<O[number]>}`]: T }
      : { readonly [K in N]: T }
    : never;

type Merged<U> = (U extends unknown ? (u: U) => void : never) extends (m: infer M) => void
  ? M
  : never;
type Flat<T> = { readonly [K in keyof T]: T[K] };

/** Names and types of declared features, windows spread over names. */
type FeaturesOf<D extends Declared> = Flat<
  Merged<{ [N in keyof D & string]: Spread<N, D[N]> }[keyof D & string]>
>;

type Exprs<Row> = { readonly [K in keyof Row]: Expr<Row[K]> };
type Derived = Readonly<Record<string, Expr<number> | Expr<number | null>>>;
type DerivedRow<E> = { readonly [K in keyof E]: E[K] extends Expr<infer T> ? T : never };

/** One aggregate over one window under its full name. */
export interface AggregateFeature {
  readonly kind: 'aggregate';
  readonly name: string;
  readonly fn: AggregateFunction;
  readonly of: Node | null;
  readonly where: Node | null;
  readonly window: Window;
  readonly type: FeatureType;
  readonly size: number;
  readonly from: number;
}

/** A value computed from the view's other features. */
export interface DerivedFeature {
  readonly kind: 'derived';
  readonly name: string;
  readonly node: Node;
  readonly type: 'number';
}

export type Feature = AggregateFeature | DerivedFeature;

/** The plain data of a view: what everything else is derived from. */
export interface ViewDefinition {
  readonly name: string;
  readonly key: string;
  readonly source: TopicDefinition;
  readonly joins: readonly AsOfJoin[];
  /** Public ones first, in the order of the vector; then internal ones. */
  readonly features: readonly Feature[];
  /** How many of `features` stand in the vector. */
  readonly publicCount: number;
  readonly shape: ViewShape;
}

/** A view whose rows have type Row; Internal are features that only derived ones and models see. */
export interface View<Row, Internal = unknown> {
  readonly definition: ViewDefinition;
  /** The features as operands, for a model's inputs. */
  readonly features: Exprs<Row & Internal>;
  /** Type only: never set. */
  readonly row?: Row;
}

export type RowOf<V> = V extends View<infer Row, infer _Internal> ? Flat<Row> : never;

interface ViewOptions<Row, D extends Declared, I extends Declared, E extends Derived> {
  readonly name: string;
  readonly key: keyof Row & string;
  readonly source: Stream<Row>;
  readonly features: (on: On<Row>) => D;
  /** Features that are not in the vector, for `derive` and for models. */
  readonly internal?: (on: On<Row>) => I;
  readonly derive?: (f: Exprs<FeaturesOf<D> & FeaturesOf<I>>) => E;
}

function spread(
  view: string,
  name: string,
  declared: Aggregate<unknown, Over>,
): AggregateFeature[] {
  const { over, ...rest } = declared;
  const list = typeof over === 'string' ? null : over;
  const owner = `view ${view}, feature ${name}`;
  if (list?.length === 0) {
    throw new WeirError(
      'definition-invalid',
      `${owner}: expected at least one window; found an empty list; name one, such as '24h'`,
    );
  }
  return (list ?? [over as string]).map((text) => ({
    kind: 'aggregate',
    name: list === null ? name : `${name}_${text.split('/')[0]}`,
    window: parseWindow(text, owner),
    fn: rest.fn,
    of: rest.of,
    where: rest.where,
    type: rest.type,
    size: rest.size,
    from: rest.from,
  }));
}

function spreadAll(view: string, declared: Declared): AggregateFeature[] {
  return Object.entries(declared).flatMap(([name, one]) => spread(view, name, one));
}

const words: Readonly<Partial<Record<AggregateFunction, string>>> = {
  lastTime: 'largest event time',
  hoursSinceLast: 'hours since the last event',
  own: 'latest table value',
  topCounts: 'most frequent values with their counts',
};

function commentOf(feature: Feature): string {
  if (feature.kind === 'derived') return 'derived from other features';
  const of = feature.of?.op === 'column' ? ` of ${feature.of.name}` : '';
  const over = feature.window === null ? '' : ` over ${feature.window.lengthMs / 3_600_000} h`;
  const where = feature.where === null ? '' : ' of some events';
  return `${words[feature.fn] ?? feature.fn}${of}${where}${over}`;
}

function shapeOf(feature: Feature): FeatureShape {
  const { name, type } = feature;
  const comment = commentOf(feature);
  return type === 'integers' && feature.kind === 'aggregate'
    ? { name, type, length: feature.size, comment }
    : { name, type, comment };
}

/** 16 hex digits that change exactly when the JSON of the definition does. */
export function hashOf(definition: unknown): string {
  return createHash('sha256').update(JSON.stringify(definition)).digest('hex').slice(0, 16);
}

/** Tells the type of a column of the view's own table: the first joined by the view's key. */
function ownColumnType(
  view: string,
  joins: readonly AsOfJoin[],
  key: string,
): (column: string) => FeatureType {
  const table = joins.find((join) => join.by === key)?.table;
  const names = Object.keys(table?.fields ?? {}).filter((name) => name !== table?.key);
  return (column) => {
    const kind = names.includes(column) ? table!.fields[column]!.kind : undefined;
    if (kind !== undefined && kind !== 'texts') return kind === 'number' ? 'number' : 'text';
    const found = table === undefined ? 'no such table' : `only ${names.join(', ')}`;
    throw new WeirError(
      'definition-invalid',
      `view ${view}: on.own('${column}'): expected a number or text of the table joined by the view's key ${key}; found ${kind === undefined ? found : 'a list of texts'}; join the table with .asOf(table, '${key}'), or choose another column`,
    );
  };
}

/**
 * Declares the features of an entity.
 * @example
 * view({ name: 'user', key: 'user_id', source: interactions,
 *   features: (on) => ({ clicks: on.count({ where: { kind: 'click' }, over: ['1h', '24h'] }) }) })
 * @throws WeirError definition-invalid
 */
export function view<
  Row,
  const D extends Declared,
  // biome-ignore lint/complexity/noBannedTypes: the row of a view without internal features
  const I extends Declared = {},
  // biome-ignore lint/complexity/noBannedTypes: as above
  const E extends Derived = {},
>(options: ViewOptions<Row, D, I, E>): View<FeaturesOf<D> & DerivedRow<E>, FeaturesOf<I>> {
  const { name, key } = options;
  const { events, joins } = options.source;
  const on = createOn<Row>(ownColumnType(name, joins, key));
  const open = spreadAll(name, options.features(on));
  const internal = spreadAll(name, options.internal?.(on) ?? {});
  const operand = (feature: string): Expr<never> => ({
    node: { op: 'feature', view: name, name: feature },
  });
  const operands = Object.fromEntries([...open, ...internal].map((f) => [f.name, operand(f.name)]));
  const derived = Object.entries(options.derive?.(operands as never) ?? {}).map(
    ([derivedName, expr]): DerivedFeature => ({
      kind: 'derived',
      name: derivedName,
      node: expr.node,
      type: 'number',
    }),
  );
  const features: readonly Feature[] = [...open, ...derived, ...internal];
  const publicCount = open.length + derived.length;
  checkView({ name, key, source: events, joins, features, publicCount });
  const hash = hashOf({ name, key, events, joins, features, publicCount });
  const shape = { name, key, features: features.slice(0, publicCount).map(shapeOf), hash };
  const all = Object.fromEntries(features.map((f) => [f.name, operand(f.name)]));
  return {
    definition: { name, key, source: events, joins, features, publicCount, shape },
    features: all as never, // the names and types are those that the signature computes
  };
}
