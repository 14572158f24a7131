import type { ModelDefinition } from '../models/definition.js';
import type { EventCondition } from '../models/event-columns.js';
import type { VectorBlock } from './feature-task.js';

type Key = string | number;

/** An event that makes earlier scores of the same two keys positive. */
export interface OrderedOutcome {
  /** Place of the event in its batch. */
  readonly order: number;
  /** Row of the block. */
  readonly row: number;
  readonly key: Key;
  readonly item: Key;
  readonly timeMs: number;
}

/** The outcomes among the events of a block of the model's first view, in order. */
export function outcomesOf(
  block: VectorBlock,
  { first, second }: ModelDefinition,
  isOutcome: EventCondition,
): readonly OrderedOutcome[] {
  const { frame, event, count } = block;
  const { batch, index, order } = frame;
  const found: OrderedOutcome[] = [];
  for (let row = 0; row < count; row++) {
    const at = index[event[row]!]!;
    const values = batch.rows[at]!;
    const timeMs = batch.timesMs[at]!;
    if (!isOutcome(values, timeMs)) continue;
    const [key, item] = [values[first.key], values[second.key]] as [Key, Key]; // decoded: keys
    found.push({ order: order[event[row]!]!, row, key, item, timeMs });
  }
  return found;
}
