import { toSql } from '../compile-expression.js';
import type { AggregateFeature, Feature, ViewDefinition } from '../view.js';
import { aggregateSql, sinceSql } from './aggregate-sql.js';
import { eventRows, type Rows, type TableOf, withJoin } from './event-rows.js';
import { type Facts, factsOf } from './facts.js';
import { type Omission, omissions } from './omissions.js';

/** How a view's vectors before each event are recomputed from the events. */
export interface Recomputation {
  /**
   * One SELECT of key, seq, t, as_of (ms), p, o (partition, offset) and f0, f1, … for `features`.
   * Parameters: `epoch` and `last` sequence of the events; `low` and `high` key; the events asked
   * for are those with a coordinate hash up to `hash` that leaves `part` when divided by `parts`.
   */
  readonly sql: string;
  /** Public features that it gives; feature i is the column `f<i>`. */
  readonly features: readonly Feature[];
  readonly omitted: readonly Omission[];
}

/**
 * Writes the SQL that recomputes a view from the tables of its topics by the predicate alone: every
 * f of the key with sequence(f) < sequence(e) and time(f) ≥ floor((as_of − W)/P)·P, as_of the
 * largest time of the key's events up to e. It joins each event with all earlier ones of its key:
 * no state.
 */
export function recomputation(view: ViewDefinition, table: TableOf): Recomputation {
  const omitted = omissions(view);
  const names = new Set(omitted.map(({ feature }) => feature));
  const all = view.features.filter(({ name }) => !names.has(name));
  const aggregates = all.filter((feature) => feature.kind === 'aggregate');
  const folded = aggregates.filter(({ fn }) => !takesTimeOnly(fn));
  const facts = factsOf(view, folded);
  const windows = [...new Set(aggregates.map(({ window }) => JSON.stringify(window)))]
    .filter((text) => text !== 'null')
    // Written just above.
    .map((text) => JSON.parse(text) as NonNullable<AggregateFeature['window']>);
  const sinceOf = ({ window }: AggregateFeature): string | null => {
    const at = windows.findIndex((one) => JSON.stringify(one) === JSON.stringify(window));
    return at < 0 ? null : `since${at}`;
  };
  const values = aggregates.map((feature) => {
    const sql = aggregateSql(feature, facts.of.get(feature.name) ?? null, sinceOf(feature));
    return `${sql} AS a_${feature.name}`;
  });
  const features = view.features.slice(0, view.publicCount).filter(({ name }) => !names.has(name));
  const given = features.map((feature, i) => `${valueSql(feature)} AS f${i}`);
  const fixed = ['key', 't', 'as_of', 'p', 'o'].map((name) => `any(v.${name}) AS ${name}`);
  const sinces = windows.map((window, i) => `${sinceSql(window)} AS since${i}`);
  const sql = `SELECT ${['key', 'seq', 't', 'as_of', 'p', 'o', ...given].join(',\n  ')}
FROM (
SELECT ${['v.seq AS seq', ...fixed, ...values].join(',\n  ')}
FROM (${factRows(view, facts, table)}) AS f
INNER JOIN (SELECT ${['*', ...sinces].join(', ')} FROM (${askedRows(view, aggregates, table)})) AS v ON f.key = v.key
WHERE f.seq <= v.seq
GROUP BY v.seq
)`;
  return { sql, features, omitted };
}

function takesTimeOnly(fn: AggregateFeature['fn']): boolean {
  return fn === 'lastTime' || fn === 'hoursSinceLast' || fn === 'own';
}

function valueSql(feature: Feature): string {
  if (feature.kind === 'aggregate') return `a_${feature.name}`;
  const sql = toSql(feature.node, {
    column: (name) => `c_${name}`,
    feature: (name) => `a_${name}`,
    time: 't',
  });
  return `if(isFinite(toFloat64(${sql})), toFloat64(${sql}), NULL)`;
}

/** Every event with what the aggregates take of it. */
function factRows(view: ViewDefinition, facts: Facts, table: TableOf): string {
  const { sql } = joined(view, facts.reads, table);
  const columns = [...facts.columns].map(([value, name]) => `${value} AS ${name}`);
  return `SELECT ${['key', 'seq', 't', ...columns].join(', ')} FROM (${sql})`;
}

/** The events' rows with the named columns, own and joined. */
function joined(view: ViewDefinition, names: readonly string[], table: TableOf): Rows {
  const { source, joins } = view;
  const own = names.filter((name) => name in source.fields);
  const used = joins.map((join) => {
    return names.filter((name) => !(name in source.fields) && name in join.table.fields);
  });
  const bys = joins.flatMap(({ by }, i) => (by === null || used[i]!.length === 0 ? [] : [by]));
  const start = eventRows(view, [...new Set([...own, ...bys])], table);
  return joins.reduce<Rows>((rows, join, i) => {
    return used[i]!.length === 0 ? rows : withJoin(rows, join, used[i]!, `c_${join.by}`, table);
  }, start);
}

/** The events asked for, with as_of and the columns of the view's own table. */
function askedRows(
  view: ViewDefinition,
  aggregates: readonly AggregateFeature[],
  table: TableOf,
): string {
  const rows = eventRows(view, [], table);
  const asOf = 'max(t) OVER (PARTITION BY key ORDER BY seq ROWS UNBOUNDED PRECEDING) AS as_of';
  const asked: Rows = {
    sql: `SELECT * FROM (SELECT *, ${asOf} FROM (${rows.sql})) WHERE h <= {hash:UInt32} AND h % {parts:UInt32} = {part:UInt32}`,
    columns: [...rows.columns, 'as_of'],
  };
  const own = aggregates.flatMap(({ fn, of }) => {
    return fn === 'own' && of?.op === 'column' ? [of.name] : [];
  });
  const join = view.joins.find(({ by }) => by === view.key);
  return join === undefined || own.length === 0
    ? asked.sql
    : withJoin(asked, join, [...new Set(own)], 'key', table).sql;
}
