import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Batch, type Cursor, verdicts } from '../../../src/records/batch.js';
import { LaneWatermarks } from '../../../src/streams/cluster/lane-watermarks.js';

const minute = 60_000;
const disorderMs = minute;

/** One record of a source partition, as ingest's own batch: its tick, if it passes a minute. */
function batchOf(partition: number, timesMs: readonly number[], state: Map<number, number>): Batch {
  const ticks: { index: number; topic: string; watermarkMs: number }[] = [];
  for (const [i, timeMs] of timesMs.entries()) {
    const before = state.get(partition) ?? Number.NEGATIVE_INFINITY;
    const max = Math.max(before, timeMs);
    const floor = (ms: number): number => Math.floor((ms - disorderMs) / minute) * minute;
    if (max > before && (before === Number.NEGATIVE_INFINITY || floor(max) > floor(before)))
      ticks.push({ index: i + 1, topic: 'events', watermarkMs: floor(max) });
    state.set(partition, max);
  }
  return emptyBatch(partition, timesMs.length, false, ticks);
}

function emptyBatch(
  partition: number,
  count: number,
  idle: boolean,
  ticks: Batch['ticks'] = [],
): Batch {
  const cursor: Cursor = {
    topic: 'events',
    partition,
    offset: 0,
    maxTimeMs: 0,
    idle,
    counts: verdicts.map(() => 0),
  };
  const none = { rows: [], raws: [], details: [], batch: 0, first: 0 };
  return {
    ...none,
    count,
    topics: new Uint8Array(count),
    partitions: new Int32Array(count),
    offsets: new Float64Array(count),
    timesMs: new Float64Array(count),
    verdicts: new Uint8Array(count),
    ticks,
    cursors: [cursor],
  };
}

const facts = (clockMs = 0) => ({ from: 0, behind: false, clockMs, lanes: { events: 3 } });

describe('the watermark of a topic whose source partitions come from several ingests', () => {
  test('stays until every source partition was heard of', () => {
    const watermarks = new LaneWatermarks(disorderMs);
    const state = new Map<number, number>();
    assert.deepEqual(watermarks.take(batchOf(0, [10 * minute], state), facts()), []);
    assert.deepEqual(watermarks.take(batchOf(1, [20 * minute], state), facts()), []);
    assert.deepEqual(watermarks.take(batchOf(2, [15 * minute], state), facts()), [
      { index: 1, topic: 'events', watermarkMs: 9 * minute },
    ]);
    assert.equal(watermarks.holder('events'), 0);
  });

  test('passes an idle partition over, and follows the idle ones’ clock where all are idle', () => {
    const watermarks = new LaneWatermarks(disorderMs);
    const state = new Map<number, number>();
    watermarks.take(batchOf(0, [10 * minute], state), facts());
    watermarks.take(batchOf(1, [20 * minute], state), facts());
    const idle = (partition: number, clockMs: number) =>
      watermarks.take(emptyBatch(partition, 0, true), facts(clockMs));
    assert.deepEqual(idle(2, 60 * minute), [
      { index: 0, topic: 'events', watermarkMs: 9 * minute },
    ]);
    assert.deepEqual(idle(0, 61 * minute), [
      { index: 0, topic: 'events', watermarkMs: 19 * minute },
    ]);
    assert.equal(watermarks.holder('events'), 1);
    assert.deepEqual(idle(1, 62 * minute), [
      { index: 0, topic: 'events', watermarkMs: 59 * minute },
    ]);
    assert.equal(watermarks.holder('events'), null);
  });

  test('is the minimum over partitions of their maximum less the disorder, in whole minutes', () => {
    const record = fc.record({ partition: fc.nat(2), timeMs: fc.nat(200 * minute) });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 60 }), fc.nat(60), (records, cut) => {
        let watermarks = new LaneWatermarks(disorderMs);
        const state = new Map<number, number>();
        const maxima = [0, 1, 2].map(() => Number.NEGATIVE_INFINITY);
        let expected = Number.NEGATIVE_INFINITY;
        let found = Number.NEGATIVE_INFINITY;
        for (const [i, { partition, timeMs }] of records.entries()) {
          if (i === cut) {
            const kept = JSON.parse(JSON.stringify(watermarks.dump()));
            watermarks = new LaneWatermarks(disorderMs);
            watermarks.restore(kept);
          }
          for (const tick of watermarks.take(batchOf(partition, [timeMs], state), facts())) {
            assert.ok(tick.watermarkMs > found);
            found = tick.watermarkMs;
          }
          maxima[partition] = Math.max(maxima[partition]!, timeMs);
          const minimum = Math.floor((Math.min(...maxima) - disorderMs) / minute) * minute;
          expected = Math.max(expected, minimum);
          assert.equal(found, expected);
        }
      }),
    );
  });
});
