import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { refusedFrame, routeBatch } from '../../src/operators/route-batch.js';
import { verdicts } from '../../src/records/batch.js';
import type { Frame } from '../../src/records/frame.js';
import { decodeFrame, encodeFrame, headerOf } from '../../src/streams/frame-codec.js';
import { mergeFrames } from '../../src/streams/merge-frames.js';
import { batchOf, byPerson, byThing, type Sent, topics } from '../operators/frames.js';

const readRow = (_topic: number, raw: string) => JSON.parse(raw);

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('\uFEFF', '\u{1F600}', '\0', '"\\', '\r'),
);
const anySent = fc.record({
  topic: fc.constantFrom('visits', 'items', 'season', 'people'),
  partition: fc.nat(5),
  offset: fc.maxSafeNat(),
  atMs: fc.integer({ min: -1e12, max: 4e12 }),
  row: fc.record({ who: anyText, item: fc.nat(20), note: anyText }, { noNullPrototype: true }),
  verdict: fc.constantFrom(...verdicts),
});
const anyBatch = fc
  .tuple(fc.array(anySent, { maxLength: 30 }), fc.nat(1_000), fc.nat(1e9), fc.maxSafeInteger())
  .map(([sent, batch, first, watermarkMs]) => {
    const cursors = [
      { topic: 'visits', partition: 1, offset: 9, maxTimeMs: 5, idle: false, counts: [1, 2] },
      { topic: 'items', partition: 0, offset: 0, maxTimeMs: -Infinity, idle: true, counts: [0, 0] },
    ];
    const ticks = [{ index: Math.min(3, sent.length), topic: 'visits', watermarkMs }];
    return { ...batchOf(sent as Sent[], { batch, first, ticks }), cursors };
  });

function throughBytes(frame: Frame): Frame {
  const room = { bytes: Buffer.allocUnsafeSlow(64) };
  const encoded = encodeFrame(frame, headerOf(frame.batch), room);
  // At any place in memory, as a log gives it.
  return decodeFrame(Buffer.concat([Buffer.alloc(3), encoded]).subarray(3), readRow);
}

test('a frame that was written is read back as it was, its own records only', () => {
  fc.assert(
    fc.property(anyBatch, (batch) => {
      for (const frame of [...routeBatch(batch, byPerson, 3), refusedFrame(batch)]) {
        const read = throughBytes(frame);
        assert.equal(read.count, frame.count);
        assert.deepEqual(read.order, frame.order);
        assert.equal(read.batch.batch, batch.batch);
        assert.equal(read.batch.first, batch.first);
        assert.deepEqual(read.batch.ticks, batch.ticks);
        assert.deepEqual(read.batch.cursors, batch.cursors);
        for (const name of ['topics', 'partitions', 'offsets', 'timesMs', 'verdicts'] as const) {
          const expected = Array.from(frame.index, (at) => batch[name][at]);
          assert.deepEqual([...read.batch[name]], expected, name);
        }
        for (const name of ['rows', 'raws', 'details'] as const) {
          const expected = Array.from(frame.index, (at) => batch[name][at]);
          assert.deepEqual(read.batch[name], expected, name);
        }
      }
    }),
  );
});

test("a batch put together from every log's frames is the batch, but for records no log has", () => {
  fc.assert(
    fc.property(anyBatch, (batch) => {
      const frames = [byPerson, byThing].flatMap((stage) => routeBatch(batch, stage, 3));
      const merged = mergeFrames([...frames, refusedFrame(batch)].map(throughBytes));
      assert.equal(merged.batch, batch.batch);
      assert.deepEqual(merged.cursors, batch.cursors);
      assert.equal(merged.count, batch.count); // every topic here goes to some log
      assert.deepEqual(merged.verdicts, batch.verdicts);
      assert.deepEqual(merged.raws, batch.raws);
      assert.deepEqual(merged.rows, batch.rows);
      assert.deepEqual(merged.details, batch.details);
      assert.deepEqual(merged.offsets, batch.offsets);
      assert.deepEqual(merged.topics, batch.topics);
    }),
  );
});

test('one room holds frames of any size, one after the other', () => {
  const room = { bytes: Buffer.allocUnsafeSlow(8) };
  for (const size of [0, 1, 3_000, 2]) {
    const row = { who: 'é'.repeat(size), item: 1, kind: 'look' };
    const batch = batchOf([{ topic: 'visits', offset: 0, atMs: 0, row }]);
    const [frame] = routeBatch(batch, byPerson, 1) as [Frame];
    const encoded = encodeFrame(frame, headerOf(batch), room);
    assert.deepEqual(decodeFrame(encoded, readRow).batch.rows, [row]);
  }
  assert.equal(topics.length, 4);
});
