import { type Batch, verdicts } from '../records/batch.js';
import type { Frame } from '../records/frame.js';
import { partitionOf, type Stage } from './stage.js';

const used = verdicts.indexOf('used');

/** The frames of one stage, by partition: used records by key, tables where they are joined. */
export function routeBatch(batch: Batch, stage: Stage, partitions: number): Frame[] {
  const lists = Array.from({ length: partitions }, () => new Int32Array(batch.count));
  const counts = new Int32Array(partitions);
  const put = (partition: number, i: number): void => {
    lists[partition]![counts[partition]!++] = i;
  };
  for (let i = 0; i < batch.count; i++) {
    if (batch.verdicts[i] !== used) continue;
    const route = stage.routes[batch.topics[i]!]!;
    if (route.kind === 'key') {
      put(partitionOf(batch.rows[i]![route.column] as string | number, partitions), i);
    } else if (route.kind === 'copy') {
      for (let partition = 0; partition < partitions; partition++) put(partition, i);
    }
  }
  return lists.map((list, partition) => {
    const index = list.subarray(0, counts[partition]);
    return { batch, count: index.length, index, order: index };
  });
}

/** The frame of the records that are not used: late, invalid, future, duplicate, filtered. */
export function refusedFrame(batch: Batch): Frame {
  const list: number[] = [];
  for (let i = 0; i < batch.count; i++) if (batch.verdicts[i] !== used) list.push(i);
  const index = Int32Array.from(list);
  return { batch, count: index.length, index, order: index };
}
