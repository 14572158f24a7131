import { WeirError } from '../errors.js';
import { checkTopic } from './check-topic.js';
import type { Fields, RowOfFields } from './fields.js';

/** Something that must hold between fields of one record, else the record is invalid. */
export type Rule =
  | {
      readonly kind: 'required';
      readonly field: string;
      readonly when: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'together'; readonly fields: readonly string[] };

/** `field` must be present where the fields of `when` have these values. */
export function required(field: string, when: Readonly<Record<string, string>>): Rule {
  return { kind: 'required', field, when };
}

/** The fields are all present or all absent. */
export function together(...fields: readonly string[]): Rule {
  return { kind: 'together', fields };
}

interface TopicOptions<F extends Fields> {
  readonly time: string;
  readonly fields: F;
  readonly rules?: readonly Rule[];
  /** Paths that must hold an object, such as a table's `updates`. */
  readonly objects?: readonly string[];
}

/** The plain data of a topic: what ingest needs to know of it. */
export interface TopicDefinition {
  readonly kind: 'source' | 'table';
  readonly topic: string;
  /** Column that routes the record; a table without one has one row, copied to every partition. */
  readonly key: string | null;
  /** Name of the record's time, as written in the record. */
  readonly time: string;
  readonly fields: Fields;
  readonly rules: readonly Rule[];
  readonly objects: readonly string[];
}

/** Events with what is joined to them; rows have type Row. */
export interface Stream<Row> {
  readonly events: TopicDefinition;
  readonly joins: readonly AsOfJoin[];
  /** Joins the table's row as of each event's own time. */
  readonly asOf: AsOf<Row>;
  /** Type only: never set. */
  readonly row?: Row;
}

/** A topic of events. */
export interface Source<F extends Fields = Fields> extends Stream<RowOfFields<F>> {
  readonly topic: string;
  readonly fields: F;
}

/** A topic of partial updates that fold, field by field, into one row per key. */
export interface Table<F extends Fields = Fields> extends TopicDefinition {
  readonly kind: 'table';
  readonly fields: F;
}

export interface AsOfJoin {
  readonly table: TopicDefinition;
  /** Column of the event that holds the table's key; null for a keyless table. */
  readonly by: string | null;
  /** The row counts as absent when it is older than this, in ms; null for no limit. */
  readonly maxAgeMs: number | null;
}

export type AsOf<Row> = <F extends Fields>(
  table: Table<F>,
  by?: (keyof Row & string) | null,
  options?: { readonly maxAgeMs?: number },
) => Stream<Row & Nullable<RowOfFields<F>>>;

type Nullable<R> = { readonly [K in keyof R]: R[K] | null };

function asOfOn<Row>(source: TopicDefinition, joins: readonly AsOfJoin[]): AsOf<Row> {
  return <F extends Fields>(
    table: Table<F>,
    by: (keyof Row & string) | null = null,
    options: { readonly maxAgeMs?: number } = {},
  ) => {
    if ((by === null) !== (table.key === null)) {
      const expected =
        table.key === null
          ? 'none, since the table has no key'
          : `the column that holds ${table.key}`;
      throw new WeirError(
        'definition-invalid',
        `${source.topic}.asOf(${table.topic}): expected as second argument ${expected}; found ${by ?? 'none'}; ${table.key === null ? 'leave it out' : 'name it'}`,
      );
    }
    if (by !== null && !Object.hasOwn(source.fields, by)) {
      throw new WeirError(
        'definition-invalid',
        `${source.topic}.asOf(${table.topic}): expected as second argument a column of ${source.topic} itself; found ${by}; a joined column cannot join another table`,
      );
    }
    const taken = new Set([
      ...Object.keys(source.fields),
      ...joins.flatMap((j) => Object.keys(j.table.fields)),
    ]);
    const clash = Object.keys(table.fields).find((name) => taken.has(name) && name !== table.key);
    if (clash !== undefined) {
      throw new WeirError(
        'definition-invalid',
        `${source.topic}.asOf(${table.topic}): both have a column ${clash}; rename one and give its place with { from: '…' }`,
      );
    }
    const all = [...joins, { table, by, maxAgeMs: options.maxAgeMs ?? null }];
    type Wider = Row & Nullable<RowOfFields<F>>;
    return { events: source, joins: all, asOf: asOfOn<Wider>(source, all) };
  };
}

/** Declares a topic of events. */
export function source<const F extends Fields>(
  topic: string,
  options: TopicOptions<F> & { readonly key: keyof F & string },
): Source<F> {
  const { key, time, fields, rules = [], objects = [] } = options;
  const events: TopicDefinition = { kind: 'source', topic, key, time, fields, rules, objects };
  checkTopic(events);
  return { topic, fields, events, joins: [], asOf: asOfOn(events, []) };
}

/** Declares a topic of updates to a table; without `key` it has one row that every event sees. */
export function table<const F extends Fields>(
  topic: string,
  options: TopicOptions<F> & { readonly key?: keyof F & string },
): Table<F> {
  const { key = null, time, fields, rules = [], objects = [] } = options;
  const updates: Table<F> = { kind: 'table', topic, key, time, fields, rules, objects };
  checkTopic(updates);
  return updates;
}
