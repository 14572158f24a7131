import type { ViewState } from '../src/features/view-state.js';
import type { VectorBlock } from '../src/operators/feature-task.js';
import type { Step } from '../src/operators/step.js';

const windows = ['1h', '24h', '7d', '30d'] as const;
const parts = ['count', 'clicks', 'views', 'ctr', 'rating', 'best'] as const;
/** Names of the 24 values in the order in which they are summed. */
const names = windows.flatMap((window) => parts.map((part) => `${part}_${window}`));

/** Where the 24 values stand among the numbers of a vector. */
export function j1Slots(view: ViewState): Int32Array {
  return Int32Array.from(names, (name) => {
    const feature = view.definition.features.findIndex((one) => one.name === name);
    return view.slots[feature]!.index;
  });
}

/** Term of one vector: independent of the order of vectors, dependent on that of values. */
export function j1Term(user: number, values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < 24; i++) sum += (i + 1) * Math.floor(values[i]! * 1000 + 0.5);
  return sum * ((user % 97) + 1);
}

/** A sink that keeps nothing but the checksum of J1 over the vectors it is given. */
export class J1Checksum {
  vectors = 0;
  #sum = 0;
  readonly #values = new Float64Array(24);
  #at: Int32Array | undefined;

  get value(): number {
    return this.#sum;
  }

  add(step: Step): void {
    for (const output of step.outputs[0]!) this.#addBlock(output.blocks[0]!);
  }

  #addBlock(block: VectorBlock): void {
    const { view, frame, count, event, numbers } = block;
    const { rows } = frame.batch;
    this.#at ??= j1Slots(view);
    const at = this.#at;
    const values = this.#values;
    for (let v = 0; v < count; v++) {
      const start = v * view.numbers;
      for (let i = 0; i < 24; i++) {
        const value = numbers[start + at[i]!]!;
        values[i] = Number.isNaN(value) ? 0 : value;
      }
      const user = rows[frame.index[event[v]!]!]!.user_id as number; // J1's keys are numbers
      this.#sum = (this.#sum + j1Term(user, values)) % 4_294_967_296;
    }
    this.vectors += count;
  }
}
