import type { Vector } from '../records/vector.js';
import type { VectorBlock } from './feature-task.js';
import type { Step } from './step.js';

interface Place {
  readonly order: number;
  readonly block: VectorBlock;
  readonly row: number;
}

/** The vectors of a step in ingest order, then by the view's name, whatever the partitions. */
export function vectorsInOrder(step: Step, epoch: number): Vector[] {
  const blocks = step.outputs.flat().flatMap((output) => output.blocks);
  const places = blocks.flatMap((block) =>
    Array.from({ length: block.count }, (_, row): Place => {
      return { order: block.frame.order[block.event[row]!]!, block, row };
    }),
  );
  const name = (place: Place): string => place.block.view.definition.name;
  places.sort((a, b) => a.order - b.order || (name(a) < name(b) ? -1 : 1));
  return places.map(({ block, row }) => vectorOf(block, row, epoch));
}

/** One row of a block as a vector. */
export function vectorOf(block: VectorBlock, row: number, epoch: number): Vector {
  const { view, frame } = block;
  const { batch } = frame;
  const event = block.event[row]!;
  const at = frame.index[event]!;
  const { definition } = view;
  return {
    view: definition.shape,
    key: batch.rows[at]![definition.key] as string | number,
    topic: definition.source.topic,
    partition: batch.partitions[at]!,
    offset: batch.offsets[at]!,
    timeMs: batch.timesMs[at]!,
    asOfMs: block.asOfMs[row]!,
    position: { epoch, n: block.n[row]! },
    sequence: batch.first + frame.order[event]!,
    values: view.values(block.numbers, row * view.numbers, block.others, row * view.others),
  };
}
