import type { FeatureType } from '../../features/shape.js';

export interface Column {
  readonly name: string;
  /** The type exactly as system.columns shows it, so that tables can be compared. */
  readonly type: string;
  readonly codec?: string;
  readonly comment: string;
}

/** A table generated from a definition. */
export interface TableShape {
  readonly name: string;
  readonly comment: string;
  readonly columns: readonly Column[];
  readonly engine: string;
  readonly partitionBy: string;
  readonly orderBy: readonly string[];
  /** Column whose hash chooses the shard: what replaces a row must lie where the row lies. */
  readonly shardBy: string;
}

const time = "DateTime64(3, 'UTC')";

/** Column types of features; lists cannot be null in ClickHouse and are empty instead. */
export const featureColumnTypes: Readonly<Record<FeatureType, string>> = {
  number: 'Nullable(Float64)',
  integer: 'Nullable(Int64)',
  text: 'LowCardinality(Nullable(String))',
  time: `Nullable(${time})`,
  integers: 'Array(Int64)',
  counts: 'Array(Tuple(String, Int64))',
};

type Plain = readonly [name: string, type: string, comment: string, codec?: string];

function column([name, type, comment, codec]: Plain): Column {
  return { name, type, comment, ...(codec === undefined ? {} : { codec }) };
}

const delta = 'CODEC(Delta, ZSTD)';

/** Where a record came from and where it stands among all: first in every generated table. */
export const originColumns: readonly Column[] = (
  [
    ['topic', 'LowCardinality(String)', 'Topic of the source record'],
    ['partition', 'Int32', 'Partition of the source record'],
    ['offset', 'UInt64', 'Offset of the source record in its partition', delta],
    ['time', time, 'Time of the event, UTC', delta],
    ['epoch', 'UInt64', 'Epoch of the log; a new one begins when the log is made anew'],
    [
      'sequence',
      'UInt64',
      'Number of the source record among all that ingest took in the epoch, from 0',
      delta,
    ],
  ] satisfies Plain[]
).map(column);

export const vectorColumns: readonly Column[] = (
  [
    ['key', 'String', 'Key of the entity, as text'],
    ['as_of', time, 'Largest event time the key had seen, the event included, UTC', delta],
    [
      'position',
      'UInt64',
      "Position in the epoch: data records that the task's log held before the event",
      delta,
    ],
    ['definition', 'LowCardinality(String)', 'Hash of the view definition, 16 hex digits'],
  ] satisfies Plain[]
).map(column);
