import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeirError } from '../../../src/errors.js';
import { key, number, optional } from '../../../src/features/fields.js';
import type { TopicDefinition } from '../../../src/features/source.js';
import { verdicts } from '../../../src/records/batch.js';
import { BatchBuilder, positionAfter } from '../../../src/streams/ingest/batch-builder.js';

const minute = 60_000;
const hour = 60 * minute;
const start = Date.UTC(2024, 0, 15);
const fields = { id: key(), n: optional(number(0, 10)) };
const shape = { key: 'id', time: 'time', fields, rules: [], objects: [] };
const events: TopicDefinition = { kind: 'source', topic: 'events', ...shape };
const prices: TopicDefinition = { kind: 'table', topic: 'prices', ...shape };
const topics = [events, prices];
const at = (ms: number, rest: object = {}): string =>
  JSON.stringify({ id: 1, time: start + ms, ...rest });

function builderAt(nowMs = start + 100 * hour, batchRecords = 512): BatchBuilder {
  return new BatchBuilder(topics, nowMs, { batchRecords });
}

test('each verdict is given in its order and counted once', () => {
  const builder = builderAt(start + 2 * hour);
  const given = [
    builder.add(0, 0, 0, at(2 * hour)),
    builder.add(0, 0, 1, 'broken'),
    builder.add(0, 0, 2, at(2 * hour + 5 * minute)),
    builder.add(0, 0, 3, at(2 * hour + 5 * minute + 1)),
    builder.add(0, 0, 4, at(hour + 5 * minute)),
    builder.add(0, 0, 5, at(hour + 5 * minute - 1)),
    builder.add(0, 0, 5, at(2 * hour)),
    builder.add(0, 0, 5, at(0)),
    builder.add(0, 0, 0, at(9 * hour)),
    builder.add(0, 0, 0, 'broken', 'not valid UTF-8'),
  ].map((verdict) => verdicts[verdict]);
  assert.deepEqual(given, [
    'used',
    'invalid',
    'used',
    'future',
    'used',
    'late',
    'duplicate',
    'late',
    'future',
    'invalid',
  ]);
  const batch = builder.take();
  assert.deepEqual(batch.cursors, [
    {
      topic: 'events',
      partition: 0,
      offset: 6,
      maxTimeMs: start + 2 * hour + 5 * minute,
      idle: false,
      counts: [3, 2, 2, 2, 1, 0],
    },
  ]);
  assert.deepEqual(
    batch.details.filter((detail) => detail !== ''),
    [
      'not valid JSON',
      '2024-01-15T02:05:00.001Z is more than 5 min ahead of the clock',
      "2024-01-15T01:04:59.999Z is below the partition's latest time 2024-01-15T02:05:00.000Z less the allowed lateness of 60 min",
      'an offset that was taken before',
      "2024-01-15T00:00:00.000Z is below the partition's latest time 2024-01-15T02:05:00.000Z less the allowed lateness of 60 min",
      '2024-01-15T09:00:00.000Z is more than 5 min ahead of the clock',
      'not valid UTF-8',
    ],
  );
});

test('a batch holds its records in parallel columns, rows only of used ones', () => {
  const builder = builderAt();
  builder.add(0, 3, 10, at(1, { n: 2 }));
  builder.add(1, 0, 0, at(2));
  builder.add(0, 3, 11, '{"id":1,"time":5,"n":99}');
  const batch = builder.take();
  assert.deepEqual(
    [batch.batch, batch.first, batch.count, [...batch.topics], [...batch.partitions]],
    [0, 0, 3, [0, 1, 0], [3, 0, 3]],
  );
  assert.deepEqual([...batch.offsets], [10, 0, 11]);
  assert.deepEqual([...batch.timesMs], [start + 1, start + 2, Number.NaN]);
  assert.deepEqual(batch.rows, [{ id: 1, n: 2 }, { id: 1, n: undefined }, null]);
  assert.deepEqual(batch.raws, [at(1, { n: 2 }), at(2), '{"id":1,"time":5,"n":99}']);
  assert.deepEqual(batch.details, ['', '', 'n: expected a number from 0 to 10, found 99']);
});

test('rows of a table are never late, and partitions are judged apart', () => {
  const builder = builderAt();
  for (const [topic, partition, ms, verdict] of [
    [1, 0, 50 * hour, 'used'],
    [1, 0, 0, 'used'],
    [0, 0, 50 * hour, 'used'],
    [0, 1, 0, 'used'],
    [0, 0, 0, 'late'],
  ] as const) {
    const offset = builder.count;
    assert.equal(verdicts[builder.add(topic, partition, offset, at(ms))], verdict);
  }
});

test('batches are numbered, and a full one must be taken', () => {
  const builder = builderAt(undefined, 2);
  builder.add(0, 0, 0, at(0));
  assert.equal(builder.isFull, false);
  builder.add(0, 0, 1, at(1));
  assert.equal(builder.isFull, true);
  assert.throws(() => builder.add(0, 0, 2, at(2)), WeirError);
  const batch = builder.take();
  builder.add(0, 0, 2, at(2));
  const next = builder.take();
  assert.deepEqual([batch.batch, batch.first, batch.count], [0, 0, 2]);
  assert.deepEqual([next.batch, next.first, next.count], [1, 2, 1]);
  assert.equal(batch.cursors[0]?.offset, 2);
});

test('a tick follows the record with which the watermark passes a whole minute', () => {
  const builder = builderAt();
  builder.add(0, 0, 0, at(0));
  builder.add(0, 0, 1, at(59_999));
  builder.add(0, 0, 2, at(minute));
  builder.add(0, 0, 3, at(30_000));
  builder.add(1, 0, 0, at(60 * hour));
  builder.add(0, 0, 4, at(4 * minute + 1));
  assert.deepEqual(builder.take().ticks, [
    { index: 1, topic: 'events', watermarkMs: start - minute },
    { index: 3, topic: 'events', watermarkMs: start },
    { index: 6, topic: 'events', watermarkMs: start + 3 * minute },
  ]);
});

test('the partition furthest behind holds the watermark until it moves or is idle', () => {
  const builder = builderAt();
  builder.open(0, 0);
  builder.open(0, 1);
  builder.nowMs += 1_000;
  builder.add(0, 0, 0, at(10 * minute));
  assert.deepEqual(builder.holders(), [{ topic: 'events', partition: 1, idleForMs: null }]);
  assert.deepEqual(builder.take().ticks, []);
  builder.add(0, 1, 0, at(5 * minute));
  builder.nowMs += 41_000;
  builder.add(0, 0, 1, at(20 * minute));
  assert.deepEqual(builder.holders(), [{ topic: 'events', partition: 1, idleForMs: 41_000 }]);
  builder.setIdle(0, 1, true);
  assert.deepEqual(builder.holders(), [{ topic: 'events', partition: 0, idleForMs: 0 }]);
  assert.deepEqual(builder.take().ticks, [
    { index: 1, topic: 'events', watermarkMs: start + 4 * minute },
    { index: 2, topic: 'events', watermarkMs: start + 19 * minute },
  ]);
});

test('an idle partition that comes back holds the watermark but does not turn it back', () => {
  const builder = builderAt();
  builder.open(0, 1);
  builder.setIdle(0, 1, true);
  builder.add(0, 0, 0, at(10 * minute));
  builder.add(0, 1, 0, at(2 * minute));
  builder.add(0, 0, 1, at(20 * minute));
  builder.add(0, 1, 1, at(12 * minute));
  const { ticks, cursors } = builder.take();
  assert.deepEqual(
    ticks.map(({ index, watermarkMs }) => [index, (watermarkMs - start) / minute]),
    [
      [1, 9],
      [4, 11],
    ],
  );
  assert.equal(cursors.find(({ partition }) => partition === 1)?.idle, false);
});

test('the clock moves the watermark only while every partition is idle', () => {
  const builder = builderAt(start + 30 * minute);
  builder.riseByClock();
  builder.add(0, 0, 0, at(10 * minute));
  builder.riseByClock();
  builder.setIdle(0, 0, true);
  assert.deepEqual(builder.holders(), []);
  builder.take();
  builder.riseByClock();
  const batch = builder.take();
  assert.equal(batch.count, 0);
  assert.deepEqual(batch.ticks, [{ index: 0, topic: 'events', watermarkMs: start + 29 * minute }]);
});

test('a builder goes on from where an earlier one stood, without repeating a tick', () => {
  const whole = builderAt();
  const first = builderAt();
  const lines = Array.from({ length: 40 }, (_, i) => at(i * 25_000));
  for (const [i, text] of lines.entries()) whole.add(0, i % 2, i >> 1, text);
  for (const [i, text] of lines.slice(0, 17).entries()) first.add(0, i % 2, i >> 1, text);
  const half = first.take();
  const second = new BatchBuilder(topics, start + 100 * hour, {}, positionAfter(half));
  for (let i = 17; i < lines.length; i++) second.add(0, i % 2, i >> 1, lines[i] ?? '');
  const rest = second.take();
  const all = whole.take();
  assert.deepEqual(rest.cursors, all.cursors);
  assert.deepEqual(
    [...half.ticks, ...rest.ticks.map((tick) => ({ ...tick, index: tick.index + rest.first }))],
    all.ticks,
  );
  assert.deepEqual([rest.batch, rest.first], [1, 17]);
});
