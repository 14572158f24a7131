import type { TopicDefinition } from '../../features/source.js';
import type { DeadLetter } from '../../records/dead-letter.js';
import { deadLettersOf } from '../dead-letters.js';
import type { RowReader } from '../frame-codec.js';
import { decodeMessage } from './frame-message.js';
import type { LogMessage, LogTask } from './log-task.js';

/** Where dead letters go. */
export interface DeadLetterOutput {
  readonly add: (letters: readonly DeadLetter[]) => void;
  readonly ready: () => Promise<void>;
  readonly flush: () => Promise<void>;
}

/** A partition of the log of refused records: each becomes a dead letter, at least once. */
export class RefusedLogTask implements LogTask {
  readonly #topics: readonly TopicDefinition[];
  readonly #outputs: readonly DeadLetterOutput[];
  letters = 0;

  constructor(topics: readonly TopicDefinition[], outputs: readonly DeadLetterOutput[]) {
    this.#topics = topics;
    this.#outputs = outputs;
  }

  async take(messages: readonly LogMessage[]): Promise<void> {
    for (const { value } of messages) {
      const letters = deadLettersOf(decodeMessage(value, noRow).frame, this.#topics);
      this.letters += letters.length;
      for (const output of this.#outputs) output.add(letters);
    }
  }

  async ready(): Promise<void> {
    await Promise.all(this.#outputs.map((output) => output.ready()));
  }

  async flush(): Promise<void> {
    await Promise.all(this.#outputs.map((output) => output.flush()));
  }

  dump(): Map<string, readonly Uint8Array[]> {
    return new Map([['letters', [new TextEncoder().encode(String(this.letters))]]]);
  }

  restore(parts: ReadonlyMap<string, Uint8Array>): void {
    this.letters = Number(new TextDecoder().decode(parts.get('letters')));
  }

  async close(): Promise<void> {}
}

/** No refused record has a row. */
const noRow: RowReader = () => ({});
