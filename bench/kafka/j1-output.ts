import type { VectorBlock } from '../../src/operators/feature-task.js';
import type { KafkaOutput } from '../../src/sinks/kafka/output.js';
import type { FeatureOutput } from '../../src/streams/cluster/feature-output.js';
import { j1Slots } from '../j1-checksum.js';

const slabBytes = 256 * 1024;
/** A vector of J1 as JSON, whatever its numbers are. */
const vectorBytesMax = 64 + 24 * 26;
const zero = 48;

/** JSON of J1's vectors, one after the other in pieces of memory that go with their messages. */
class VectorText {
  #slab = Buffer.allocUnsafeSlow(slabBytes);
  #start = 0;
  #at = 0;

  /** `{"user_id":U,"f":[24 numbers]}`; what is null is 0. */
  vector(user: number, numbers: Float64Array, start: number, slots: Int32Array): Buffer {
    if (this.#at + vectorBytesMax > slabBytes) {
      this.#slab = Buffer.allocUnsafeSlow(slabBytes);
      this.#at = 0;
    }
    this.#start = this.#at;
    this.#ascii('{"user_id":');
    this.#number(user);
    this.#ascii(',"f":[');
    for (let i = 0; i < slots.length; i++) {
      const value = numbers[start + slots[i]!]!;
      if (i > 0) this.#slab[this.#at++] = 44; // a comma
      this.#number(Number.isNaN(value) ? 0 : value);
    }
    this.#ascii(']}');
    return this.#slab.subarray(this.#start, this.#at);
  }

  #number(value: number): void {
    if (!(value >= 0 && value < 1_000_000) || value !== Math.trunc(value)) {
      this.#ascii(String(value));
      return;
    }
    const slab = this.#slab;
    let left = value | 0;
    let end = this.#at + 1;
    for (let power = 10; power <= left; power *= 10) end++;
    for (let at = end - 1; at >= this.#at; at--) {
      const tens = (left / 10) | 0;
      slab[at] = zero + left - tens * 10;
      left = tens;
    }
    this.#at = end;
  }

  #ascii(text: string): void {
    const slab = this.#slab;
    let at = this.#at;
    for (let i = 0; i < text.length; i++) slab[at++] = text.charCodeAt(i);
    this.#at = at;
  }
}

/** One record per event, keyed by the user; all of a user's in one partition, in order. */
export function j1Output(output: KafkaOutput, topic: string, partition: number): FeatureOutput {
  const text = new VectorText();
  let slots: Int32Array | undefined;
  const send = ({ view, frame, count, event, numbers }: VectorBlock): void => {
    slots ??= j1Slots(view);
    for (let v = 0; v < count; v++) {
      const row = frame.batch.rows[frame.index[event[v]!]!]!;
      const user = row.user_id as number; // J1's keys are numbers
      const value = text.vector(user, numbers, v * view.numbers, slots);
      output.add({ topic, partition, key: String(user), value });
    }
  };
  return {
    frame: (taken) => send(taken.output.blocks[0]!),
    ready: () => output.ready(),
    flush: () => output.flush(),
  };
}
