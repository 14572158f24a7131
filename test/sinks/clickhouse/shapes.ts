import { key, number, oneOf, optional, text, texts } from '../../../src/features/fields.js';
import type { ViewShape } from '../../../src/features/shape.js';
import { source, table } from '../../../src/features/source.js';
import type { Batch } from '../../../src/records/batch.js';
import type { Vector } from '../../../src/records/vector.js';
import type { VectorRows } from '../../../src/sinks/clickhouse/vector-row.js';

/** One feature of every type. */
export const user: ViewShape = {
  name: 'user',
  key: 'user_id',
  hash: '0123456789abcdef',
  features: [
    { name: 'mean_rating', type: 'number', comment: "mean of the user's ratings" },
    { name: 'clicks_24h', type: 'integer', comment: 'count over 24 h' },
    { name: 'device', type: 'text', comment: 'last device' },
    { name: 'last_activity', type: 'time', comment: 'largest event time' },
    { name: 'busy_hours', type: 'integers', length: 3, comment: 'counts per hour' },
    { name: 'categories', type: 'counts', comment: 'most frequent values' },
  ],
};

export const { events: interactions } = source('interactions', {
  key: 'user_id',
  time: 'timestamp',
  fields: {
    user_id: key(),
    place_id: key(),
    event_type: oneOf('view', 'click'),
    rating: optional(number(1, 5)),
    search_query: optional(text({ from: 'context.search_query' })),
  },
});

export const context = table('city-context', {
  time: 'timestamp',
  fields: { temperature: optional(number()), active: optional(texts()) },
});

export function vectorAt(
  n: number,
  values: Vector['values'],
  change: Partial<Vector> = {},
): Vector {
  return {
    view: user,
    key: 7,
    topic: 'interactions',
    partition: 0,
    offset: n,
    timeMs: 1_705_314_600_123 + n,
    asOfMs: 1_705_314_600_123 + n,
    position: { epoch: 1, n },
    sequence: n,
    values,
    ...change,
  };
}

export function batchOf(
  records: readonly {
    topic: number;
    offset: number;
    verdict: number;
    row: Batch['rows'][number];
  }[],
): Batch {
  return {
    batch: 0,
    first: 100,
    count: records.length,
    topics: Uint8Array.from(records, (r) => r.topic),
    partitions: new Int32Array(records.length),
    offsets: Float64Array.from(records, (r) => r.offset),
    timesMs: Float64Array.from(records, (r) => 1_705_314_600_000 + r.offset),
    verdicts: Uint8Array.from(records, (r) => r.verdict),
    rows: records.map((r) => r.row),
    raws: records.map((r) => JSON.stringify(r.row)),
    details: records.map(() => ''),
    ticks: [],
    cursors: [],
  };
}

/** Vectors of `user` as the columns that a feature task makes, one event each. */
export function rowsOf(vectors: readonly Vector[]): VectorRows {
  const numeric = user.features.map(({ type }) => ['number', 'integer', 'time'].includes(type));
  const before = (i: number): number => numeric.slice(0, i).filter((n) => n === numeric[i]).length;
  const pick = (kind: boolean): unknown[] =>
    vectors.flatMap(({ values }) => values.filter((_, i) => numeric[i] === kind));
  const floats = (value: (vector: Vector) => number): Float64Array =>
    Float64Array.from(vectors, value);
  const batch = batchOf(
    vectors.map(({ key, offset }) => {
      return { topic: 0, offset, verdict: 0, row: { user_id: key } };
    }),
  );
  const partitions = Int32Array.from(vectors, ({ partition }) => partition);
  const index = Int32Array.from(vectors, (_, i) => i);
  return {
    view: {
      definition: { shape: user, key: 'user_id', source: { topic: 'interactions' } },
      slots: numeric.map((kind, i) => ({ numeric: kind, index: before(i) })),
      numbers: numeric.filter(Boolean).length,
      others: numeric.filter((kind) => !kind).length,
    },
    frame: {
      batch: { ...batch, first: 0, partitions, timesMs: floats((v) => v.timeMs) },
      count: vectors.length,
      index,
      order: Int32Array.from(vectors, ({ sequence }) => sequence),
    },
    count: vectors.length,
    event: index,
    asOfMs: floats((v) => v.asOfMs),
    n: floats((v) => v.position.n),
    numbers: Float64Array.from(pick(true) as (number | null)[], (value) => value ?? Number.NaN),
    others: pick(false),
  };
}
