import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { lengthOf, ratio } from '../../../src/features/expression.js';
import { key, number, optional, text, texts } from '../../../src/features/fields.js';
import { source, type TopicDefinition, table } from '../../../src/features/source.js';
import { recomputation } from '../../../src/features/sql/recompute.js';
import { type View, view } from '../../../src/features/view.js';
import type { Clickhouse } from '../../../src/sinks/clickhouse/client.js';
import { ensureTable } from '../../../src/sinks/clickhouse/ensure-table.js';
import { eventTable } from '../../../src/sinks/clickhouse/event-table.js';
import { createRowBytes } from '../../../src/sinks/clickhouse/row-bytes.js';
import { rowWriter } from '../../../src/sinks/clickhouse/row-writer.js';
import { type Running, skip, withEmbedded } from '../../sinks/clickhouse/with-embedded.js';

const bars = table('bars', {
  key: 'bar',
  time: 'at',
  fields: { bar: key(), kind: optional(text()), price: optional(number()) },
});
const city = table('city', { time: 'at', fields: { temperature: optional(number()) } });
const visits = source('visits', {
  key: 'who',
  time: 'at',
  fields: { who: key(), bar: key(), x: optional(number()), tags: optional(texts()) },
});

const minute = 60_000;
/** 2024-01-01T00:00:00Z, an edge of panes of 5 min. */
const start = 1_704_067_200_000;

const who = view({
  name: 'who',
  key: 'who',
  source: visits.asOf(bars, 'bar').asOf(city, null, { maxAgeMs: 10 * minute }),
  features: (on) => ({
    n: on.count({ over: '10m/5m' }),
    sum: on.sum('x', { over: 'lifetime' }),
    mean: on.mean('x', { over: '10m/5m' }),
    least: on.min('x', { over: '10m/5m' }),
    spread: on.variance('x', { over: 'lifetime' }),
    bars: on.distinct('bar', { over: 'lifetime' }),
    xs: on.histogram('x', { size: 3, from: 2, over: 'lifetime' }),
    kinds: on.topCounts('kind', { size: 2, over: 'lifetime' }),
    paid: on.sum('price', { over: 'lifetime' }),
    warm: on.count({ where: { temperature: 20 }, over: 'lifetime' }),
    last: on.lastTime(),
    hours: on.hoursSinceLast(),
    tagged: on.sum(lengthOf(on.column('tags')), { over: 'lifetime' }),
  }),
  derive: (f) => ({ rate: ratio(f.sum, f.n), tags: ratio(f.tagged, f.n) }),
});

const bar = view({
  name: 'bar',
  key: 'bar',
  source: visits.asOf(bars, 'bar'),
  features: (on) => ({ kind: on.own('kind'), price: on.own('price') }),
});

// sequence, minutes after the start, then the row; nothing is in the order of time.
const barUpdates = [
  [0, -1, { bar: 'p', kind: 'pub', price: 2 }, []],
  // Known from here on only, though it speaks of minute 4: it clears the price and leaves the kind.
  [3, 4, { bar: 'p', kind: null, price: null }, ['price']],
  [9, -2, { bar: 'q', kind: 'café', price: 7 }, []],
] as const;
const cityUpdates = [[1, -9, { temperature: 20 }, []]] as const;
const events = [
  [2, 5, { who: '7', bar: 'p', x: 2 }],
  [4, 5, { who: '7', bar: 'p', x: 3 }], // the same instant
  [5, 1, { who: '7', bar: 'p', x: 4 }], // late
  [6, 15, { who: '7', bar: 'q', x: null }], // minute 5 is the first that its window holds
  [7, 20, { who: '7', bar: 'q', x: 2.5 }], // and minute 10 that of this one's
  [8, 6, { who: '07', bar: 'p', x: 1 }], // another key
  [10, 21, { who: '7', bar: 'q', x: 1 }],
] as const;

describe('recomputation', { skip }, () => {
  let running: Running;
  let clickhouse: Clickhouse;

  before(async () => {
    running = await withEmbedded();
    clickhouse = running.client('recompute');
    await clickhouse.command('CREATE DATABASE recompute');
    await write(clickhouse, bars, barUpdates);
    await write(clickhouse, city, cityUpdates);
    await write(clickhouse, visits.events, events);
  });
  after(() => running.end());

  const rowsOf = async (of: View<unknown>, change: object = {}): Promise<Row[]> => {
    const { sql, features } = recomputation(of.definition, (topic) => eventTable(topic).name);
    const all = { low: '', high: '~', hash: 2 ** 32 - 1, part: 0, parts: 1 };
    const rows = await clickhouse.rows<Row>(sql, { epoch: 1, last: 100, ...all, ...change });
    rows.sort((a, b) => Number(a.seq) - Number(b.seq));
    return rows.map((row) => ({
      key: row.key,
      seq: row.seq,
      as_of: (Number(row.as_of) - start) / minute,
      ...Object.fromEntries(features.map(({ name }, i) => [name, row[`f${i}`]])),
    }));
  };
  const column = async (of: View<unknown>, name: string): Promise<unknown[]> =>
    (await rowsOf(of)).map((row) => row[name]);

  test('a vector is as of the largest time its key has seen', async () => {
    assert.deepEqual(await column(who, 'key'), ['7', '7', '7', '7', '7', '07', '7']);
    assert.deepEqual(await column(who, 'as_of'), [5, 5, 5, 15, 20, 6, 21]);
  });

  test('a window begins with the pane that as_of less its length falls in', async () => {
    assert.deepEqual(await column(who, 'n'), [0, 1, 2, 2, 1, 0, 2]);
    assert.deepEqual(await column(who, 'mean'), [null, 2, 2.5, 2.5, null, null, 2.5]);
    assert.deepEqual(await column(who, 'least'), [null, 2, 2, 2, null, null, 2.5]);
  });

  test('a lifetime holds every event that came before', async () => {
    assert.deepEqual(await column(who, 'sum'), [0, 2, 5, 9, 9, 0, 11.5]);
    assert.deepEqual(await column(who, 'bars'), [0, 1, 1, 1, 2, 0, 2]);
    assert.deepEqual(await column(who, 'spread'), [
      null,
      null,
      0.5,
      1,
      1,
      null,
      0.7291666666666666,
    ]);
    assert.deepEqual((await column(who, 'xs')).at(-1), [1, 1, 1]);
    assert.deepEqual(await column(who, 'rate'), [null, 2, 2.5, 4.5, 9, null, 5.75]);
  });

  test('time since the last event is taken at as_of', async () => {
    const last = (await column(who, 'last')).map((ms) => {
      return ms === null ? null : (Number(ms) - start) / minute;
    });
    assert.deepEqual(last, [null, 5, 5, 5, 15, null, 20]);
    const minutes = (await column(who, 'hours')).map((hours) => {
      return hours === null ? null : Math.round(Number(hours) * 60);
    });
    assert.deepEqual(minutes, [null, 0, 0, 10, 5, null, 1]);
  });

  test('a joined row is what was known of the time of the event, never revised', async () => {
    // 2 at minute 5; then, once the clearing is known, nothing at minute 5 and still 2 at minute 1.
    assert.deepEqual(await column(who, 'paid'), [0, 2, 2, 4, 4, 0, 4]);
    assert.deepEqual((await column(who, 'kinds')).at(-1), [['pub', 3]]);
    assert.deepEqual(await column(bar, 'price'), [2, null, 2, null, null, null, 7]);
    assert.deepEqual(await column(bar, 'kind'), ['pub', 'pub', 'pub', null, null, 'pub', 'café']);
  });

  test('a joined row that is too old is absent', async () => {
    // The temperature of minute −9 counts at minute 1, not at minute 5.
    assert.deepEqual(await column(who, 'warm'), [0, 0, 0, 1, 1, 0, 1]);
  });

  test('only the events asked for are given, from all that their key has had', async () => {
    const of7 = await rowsOf(who, { low: '7', high: '7', last: 6 });
    assert.deepEqual(
      of7.map(({ seq, sum }) => [seq, sum]),
      [
        [2, 0],
        [4, 2],
        [5, 5],
        [6, 9],
      ],
    );
    const halves = [0, 1].map((part) => rowsOf(who, { part, parts: 2 }));
    const sizes = (await Promise.all(halves)).map((rows) => rows.length);
    assert.equal(sizes[0]! + sizes[1]!, events.length);
    assert.deepEqual(await rowsOf(who, { epoch: 0 }), []);
  });

  test('what an array cannot tell is left out, and what is derived from it, each with the reason', () => {
    const { omitted, features } = recomputation(who.definition, (topic) => topic.topic);
    assert.deepEqual(omitted, [
      {
        feature: 'tagged',
        why: 'an array in ClickHouse does not tell a list tags that is absent from an empty one',
      },
      { feature: 'tags', why: 'it is derived from tagged' },
    ]);
    assert.equal(features.length, who.definition.publicCount - 2);
  });
});

type Row = Record<string, unknown>;
type Written = readonly [
  seq: number,
  minutes: number,
  row: Readonly<Record<string, unknown>>,
  cleared?: readonly string[],
];

async function write(
  clickhouse: Clickhouse,
  topic: TopicDefinition,
  rows: readonly Written[],
): Promise<void> {
  const shape = eventTable(topic);
  await ensureTable(clickhouse, shape);
  const { columns, write: writeRow } = rowWriter<Row>(
    shape.columns.map(({ name, type }) => ({ name, type, value: (row) => row[name] })),
  );
  const out = createRowBytes(1_024);
  for (const [sequence, minutes, row, cleared] of rows) {
    const time = start + minutes * minute;
    const origin = { topic: topic.topic, partition: 0, offset: sequence, epoch: 1, raw: '' };
    assert.equal(writeRow(out, { ...origin, tags: [], ...row, sequence, time, cleared }), -1);
  }
  const body = out.bytes.subarray(0, out.at);
  const outcome = await clickhouse.insert({ table: shape.name, columns, body, token: shape.name });
  assert.deepEqual(outcome, { ok: true });
}
