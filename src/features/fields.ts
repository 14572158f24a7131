/** A column of a source or table: what a record may carry there, and where it stands. */
export interface Field<T> {
  readonly kind: 'key' | 'number' | 'text' | 'oneOf' | 'texts';
  readonly optional: boolean;
  /** Path in the record, dots between names; the column's own name by default. */
  readonly from?: string;
  /** Bounds of a number, both included. */
  readonly min?: number;
  readonly max?: number;
  /** Values a `oneOf` expects; others are kept and counted: senders grow new values first. */
  readonly values?: readonly string[];
  /** Type only: never set. */
  readonly value?: T;
}

export type Fields = { readonly [name: string]: Field<unknown> };

/** What a field holds in a row: null where an optional one is absent. */
export type ValueOf<F> = F extends Field<infer T> ? T : never;

export type RowOfFields<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/**
 * A record's columns, flat, one property per declared field, in the order declared. In an event
 * null is absent; in a table's update undefined is absent and null clears.
 */
export type Row = Readonly<Record<string, unknown>>;

export interface FieldOptions {
  readonly from?: string;
}

/** An entity's key: text or an integer up to 2^53 - 1; its identity is its text. */
export function key(options: FieldOptions = {}): Field<string | number> {
  return { kind: 'key', optional: false, ...options };
}

/** A finite number, between `min` and `max` where they are given. */
export function number(min?: number, max?: number, options: FieldOptions = {}): Field<number> {
  const bounds = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  return { kind: 'number', optional: false, ...bounds, ...options };
}

/** Any text. */
export function text(options: FieldOptions = {}): Field<string> {
  return { kind: 'text', optional: false, ...options };
}

/** A list of texts. */
export function texts(options: FieldOptions = {}): Field<readonly string[]> {
  return { kind: 'texts', optional: false, ...options };
}

/** One of the given texts; any other is kept and counted as unknown. */
export function oneOf<const V extends readonly string[]>(...values: V): Field<V[number]> {
  return { kind: 'oneOf', optional: false, values };
}

/** The field may be absent or null; `from` says where in the record it stands. */
export function optional<T>(field: Field<T>, options: FieldOptions = {}): Field<T | null> {
  // The runtime fields carry no T.
  return { ...field, ...options, optional: true } as Field<T | null>;
}
