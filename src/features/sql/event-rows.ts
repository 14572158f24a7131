import type { Field } from '../fields.js';
import type { AsOfJoin, TopicDefinition } from '../source.js';
import type { ViewDefinition } from '../view.js';

/** Name of the table that holds a topic's used records. */
export type TableOf = (topic: TopicDefinition) => string;

/** A SELECT and the names of what it gives. */
export interface Rows {
  readonly sql: string;
  readonly columns: readonly string[];
}

/** 32 bits that choose a sample by source coordinates: the same for an event and for its vectors. */
export const coordinateHash = 'toUInt32(cityHash64(r.`partition`, r.`offset`))';

const timeMs = 'toUnixTimestamp64Milli(r.`time`)';

// Columns are always named through r: a field may be called like one of the names given here.
function column(name: string, field: Field<unknown>): string {
  const isPlain = field.kind === 'number' || field.kind === 'texts';
  return isPlain ? `r.\`${name}\`` : `CAST(r.\`${name}\`, 'Nullable(String)')`;
}

/**
 * The events of keys `{low}` to `{high}` up to sequence `{last}`: key, sequence, time in ms, partition,
 * offset, the hash of these two, and the named columns.
 */
export function eventRows(view: ViewDefinition, names: readonly string[], table: TableOf): Rows {
  const { source, key } = view;
  const from = `FROM \`${table(source)}\` AS r FINAL
WHERE r.epoch = {epoch:UInt64} AND r.sequence <= {last:UInt64} AND r.\`${key}\` >= {low:String} AND r.\`${key}\` <= {high:String}`;
  // Of the keys between the bounds only those of which a vector is asked for.
  const asked = `SELECT r.\`${key}\` ${from} AND ${coordinateHash} <= {hash:UInt32}`;
  const columns = {
    key: `assumeNotNull(r.\`${key}\`)`,
    seq: 'r.sequence',
    t: timeMs,
    p: 'r.`partition`',
    o: 'r.`offset`',
    h: coordinateHash,
    // the caller names columns of the source
    ...Object.fromEntries(names.map((name) => [`c_${name}`, column(name, source.fields[name]!)])),
  };
  const list = Object.entries(columns).map(([name, sql]) => `${sql} AS ${name}`);
  return {
    sql: `SELECT ${list.join(', ')} ${from} AND r.\`${key}\` IN (${asked})`,
    columns: Object.keys(columns),
  };
}

/**
 * Adds to each row the named columns of the joined table as of the row's own time: field by field the
 * last word, in (time, sequence) order, of the updates with a smaller sequence and a time not after it.
 * @param by column of the row that holds the table's key
 */
export function withJoin(
  rows: Rows,
  join: AsOfJoin,
  names: readonly string[],
  by: string,
  table: TableOf,
): Rows {
  const { key, fields } = join.table;
  const kept = rows.columns.filter((name) => name !== 'seq');
  const known = 'u.seq < e.seq AND u.t <= e.t';
  const isFresh =
    join.maxAgeMs === null ? '1' : `maxIf(u.t, ${known}) >= any(e.t) - ${join.maxAgeMs}`;
  const picked = [
    'e.seq AS seq',
    ...kept.map((name) => `any(e.${name}) AS ${name}`),
    ...names.map((name) => {
      const lastWord = `argMaxIf(tuple(u.c_${name}), (u.t, u.seq), u.said_${name} AND ${known}).1`;
      return `if(${isFresh}, ${lastWord}, NULL) AS c_${name}`;
    }),
  ];
  const updates = [
    `${key === null ? "materialize('')" : `r.\`${key}\``} AS k`,
    'r.sequence AS seq',
    `${timeMs} AS t`,
    ...names.map((name) => {
      const value = column(name, fields[name]!); // the caller names columns of the table
      return `${value} AS c_${name}, isNotNull(r.\`${name}\`) OR has(r.cleared, '${name}') AS said_${name}`;
    }),
  ];
  const sql = `SELECT ${picked.join(', ')}
FROM (SELECT *, ${key === null ? "materialize('')" : by} AS k FROM (${rows.sql})) AS e
LEFT JOIN (SELECT ${updates.join(', ')} FROM \`${table(join.table)}\` AS r FINAL WHERE r.epoch = {epoch:UInt64}) AS u ON e.k = u.k
GROUP BY e.seq`;
  return { sql, columns: ['seq', ...kept, ...names.map((name) => `c_${name}`)] };
}
