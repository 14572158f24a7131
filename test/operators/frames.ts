import { key, number, oneOf, optional, text } from '../../src/features/fields.js';
import { source, table } from '../../src/features/source.js';
import { view } from '../../src/features/view.js';
import { type Stage, stagesOf, topicsOf } from '../../src/operators/stage.js';
import { type Batch, type Tick, verdicts } from '../../src/records/batch.js';
import type { Frame } from '../../src/records/frame.js';

export const visits = source('visits', {
  key: 'who',
  time: 'at',
  fields: { who: key(), item: key(), kind: oneOf('look', 'buy') },
});
export const items = table('items', {
  key: 'item',
  time: 'at',
  fields: { item: key(), price: optional(number()) },
});
export const people = table('people', {
  key: 'who',
  time: 'at',
  fields: { who: key(), tier: optional(text()) },
});
export const season = table('season', { time: 'at', fields: { name: optional(text()) } });

export const person = view({
  name: 'person',
  key: 'who',
  source: visits.asOf(items, 'item').asOf(people, 'who').asOf(season),
  features: (on) => ({
    visits: on.count({ over: ['1h', 'lifetime'] }),
    spent: on.sum('price', { where: { kind: 'buy' }, over: '24h' }),
    dearest: on.max('price', { over: '1h' }),
    items: on.distinct('item', { over: '24h/1h' }),
    seasons: on.topCounts('name', { size: 2, over: 'lifetime' }),
    tier: on.own('tier'),
  }),
});
export const thing = view({
  name: 'thing',
  key: 'item',
  source: visits.asOf(items, 'item'),
  features: (on) => ({ seen: on.count({ over: '1h' }), listed: on.own('price') }),
});

export const topics = topicsOf([person.definition, thing.definition]);
export const [byPerson, byThing] = stagesOf([person.definition, thing.definition]) as [
  Stage,
  Stage,
];

/** A used record; its offset follows from where it stands in its source partition. */
export interface Sent {
  readonly topic: string;
  readonly partition?: number;
  readonly offset: number;
  readonly atMs: number;
  readonly row: Readonly<Record<string, unknown>>;
  readonly verdict?: (typeof verdicts)[number];
}

/** A batch as ingest makes it. */
export function batchOf(
  sent: readonly Sent[],
  options: { batch?: number; first?: number; ticks?: readonly Tick[] } = {},
): Batch {
  const { batch = 0, first = 0, ticks = [] } = options;
  const judged = sent.map(({ verdict = 'used' }) => verdict);
  return {
    batch,
    first,
    count: sent.length,
    topics: Uint8Array.from(sent, ({ topic }) => topics.findIndex((one) => one.topic === topic)),
    partitions: Int32Array.from(sent, ({ partition = 0 }) => partition),
    offsets: Float64Array.from(sent, ({ offset }) => offset),
    timesMs: Float64Array.from(sent, ({ atMs }) => atMs),
    verdicts: Uint8Array.from(judged, (verdict) => verdicts.indexOf(verdict)),
    rows: sent.map(({ row }, i) => (judged[i] === 'used' ? row : null)),
    raws: sent.map(({ row }) => JSON.stringify(row)),
    details: judged.map((verdict) => (verdict === 'used' ? '' : `it is ${verdict}`)),
    ticks,
    cursors: [],
  };
}

/** All of a batch as one frame. */
export function wholeFrame(batch: Batch): Frame {
  const index = Int32Array.from({ length: batch.count }, (_, i) => i);
  return { batch, count: batch.count, index, order: index };
}
