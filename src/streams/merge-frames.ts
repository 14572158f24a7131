import type { Row } from '../features/fields.js';
import { type Batch, verdicts } from '../records/batch.js';
import type { Frame } from '../records/frame.js';

/**
 * The batch that frames were routed from, put together again: a record that went to several logs
 * stands in it once, at its own place. Places that no log has stay filtered.
 */
export function mergeFrames(frames: readonly Frame[]): Batch {
  const [{ batch: shared }] = frames as [Frame];
  const count = frames.reduce((max, { order }) => Math.max(max, (order.at(-1) ?? -1) + 1), 0);
  const merged = {
    topics: new Uint8Array(count),
    partitions: new Int32Array(count),
    offsets: new Float64Array(count),
    timesMs: new Float64Array(count),
    verdicts: new Uint8Array(count).fill(verdicts.indexOf('filtered')),
    rows: new Array<Row | null>(count).fill(null),
    raws: new Array<string>(count).fill(''),
    details: new Array<string>(count).fill(''),
  };
  for (const { batch, count: own, index, order } of frames) {
    for (let i = 0; i < own; i++) {
      const from = index[i]!;
      const to = order[i]!;
      merged.topics[to] = batch.topics[from]!;
      merged.partitions[to] = batch.partitions[from]!;
      merged.offsets[to] = batch.offsets[from]!;
      merged.timesMs[to] = batch.timesMs[from]!;
      merged.verdicts[to] = batch.verdicts[from]!;
      merged.rows[to] = batch.rows[from]!;
      merged.raws[to] = batch.raws[from]!;
      merged.details[to] = batch.details[from]!;
    }
  }
  const { batch, first, ticks, cursors, commands } = shared;
  return {
    batch,
    first,
    count,
    ticks,
    cursors,
    ...merged,
    ...(commands === undefined ? {} : { commands }),
  };
}
