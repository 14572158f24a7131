import { assert } from '../../errors.js';
import { failPoint } from '../../telemetry/fail-point.js';
import type { Message, Producer } from './client.js';

export interface OutputMessage {
  readonly topic: string;
  /** Null: by the hash of the key, as every Kafka client does it. */
  readonly partition: number | null;
  readonly key: string;
  readonly value: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A message that is not written, and why. */
export type OnRefused = (message: OutputMessage, reason: string) => void;

/** A request of `count` messages was acknowledged after `seconds`. */
export type OnSent = (count: number, seconds: number) => void;

export interface OutputState {
  readonly pending: number;
  readonly written: number;
  readonly requests: number;
  /** Since when the request under way waits, ms; null where none does. */
  readonly waitingSinceMs: number | null;
}

export interface OutputLimits {
  /** Messages that may wait before `ready` does. */
  readonly pendingMax: number;
  /** Bytes of messages that may wait, likewise. */
  readonly pendingBytesMax: number;
  readonly requestMessages: number;
  /** A broker takes 1 MB for one partition by default, all messages of a request together. */
  readonly requestBytes: number;
  /** Of a message in a topic that is not Weir's own. */
  readonly messageBytesMax: number;
  /** How long a message waits for others, ms. */
  readonly lingerMs: number;
}

const usual: OutputLimits = {
  pendingMax: 20_000,
  pendingBytesMax: 64 * 1024 * 1024,
  requestMessages: 5_000,
  requestBytes: 800_000,
  messageBytesMax: 1_000_000,
  lingerMs: 0,
};

/**
 * Writes messages to Kafka in the order in which they come, one request at a time; acknowledged by
 * all in-sync replicas. While the broker is away they wait; nothing is dropped.
 */
export class KafkaOutput {
  readonly #producer: Producer;
  readonly #onRefused: OnRefused;
  readonly #limits: OutputLimits;
  readonly #onSent: OnSent | null;
  #pending: OutputMessage[] = [];
  #sending: Promise<void> | null = null;
  #failure: unknown = null;
  #added = 0;
  #pendingBytes = 0;
  #written = 0;
  #requests = 0;
  #sinceMs: number | null = null;
  readonly #waiting: { readonly upTo: number; readonly done: () => void }[] = [];

  constructor(
    producer: Producer,
    onRefused: OnRefused,
    limits: Partial<OutputLimits> = {},
    onSent: OnSent | null = null,
  ) {
    this.#onSent = onSent;
    this.#producer = producer;
    this.#onRefused = onRefused;
    this.#limits = { ...usual, ...limits };
  }

  /** A message that others read is refused where the broker would refuse its whole request. */
  add(message: OutputMessage): void {
    const { length } = message.value;
    if (message.partition === null && length > this.#limits.messageBytesMax) {
      const most = this.#limits.messageBytesMax;
      this.#onRefused(message, `it has ${length} bytes, and a broker takes ${most} by default`);
      return;
    }
    this.#pending.push(message);
    this.#added++;
    this.#pendingBytes += message.value.length;
    this.#sending ??= this.#send();
  }

  /** Resolves when more may come. @throws what ended the producer */
  async ready(): Promise<void> {
    while (this.#isFull()) await this.#until(this.#written + 1);
    this.#check();
  }

  /** Resolves when all that was added before the call is acknowledged. @throws as `ready` */
  async flush(): Promise<void> {
    await this.#until(this.#added);
    this.#check();
  }

  state(): OutputState {
    return {
      pending: this.#added - this.#written,
      written: this.#written,
      requests: this.#requests,
      waitingSinceMs: this.#sinceMs,
    };
  }

  #isFull(): boolean {
    const { pendingMax, pendingBytesMax } = this.#limits;
    const full = this.#added - this.#written > pendingMax || this.#pendingBytes > pendingBytesMax;
    return full && this.#failure === null;
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  #until(upTo: number): Promise<void> {
    if (this.#written >= upTo || this.#failure !== null) return Promise.resolve();
    return new Promise((done) => this.#waiting.push({ upTo, done }));
  }

  async #send(): Promise<void> {
    try {
      // At least a turn, so that what is added together goes together.
      await new Promise((resolve) => setTimeout(resolve, this.#limits.lingerMs));
      while (this.#pending.length > 0) {
        const batch = this.#next();
        const sinceMs = Date.now();
        this.#sinceMs = sinceMs;
        await this.#producer.sendBatch({ acks: -1, topicMessages: byTopic(batch) });
        this.#onSent?.(batch.length, (Date.now() - sinceMs) / 1_000);
        failPoint('output.sent');
        this.#sinceMs = null;
        this.#requests++;
        this.#written += batch.length;
        for (const { value } of batch) this.#pendingBytes -= value.length;
        this.#wake();
      }
    } catch (error) {
      assert(error !== null, 'a failure is not null');
      this.#failure = error;
      this.#wake();
    } finally {
      this.#sending = null;
      if (this.#pending.length > 0 && this.#failure === null) this.#sending = this.#send();
    }
  }

  /** The messages of the next request, taken from those that wait. */
  #next(): readonly OutputMessage[] {
    const { requestMessages, requestBytes } = this.#limits;
    let count = 0;
    let bytes = 0;
    while (count < Math.min(this.#pending.length, requestMessages)) {
      bytes += this.#pending[count]!.value.length;
      if (count > 0 && bytes > requestBytes) break;
      count++;
    }
    const batch = this.#pending.slice(0, count);
    this.#pending = this.#pending.slice(count);
    return batch;
  }

  #wake(): void {
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      const { upTo, done } = this.#waiting[i]!;
      if (this.#written < upTo && this.#failure === null) continue;
      this.#waiting.splice(i, 1);
      done();
    }
  }
}

function byTopic(batch: readonly OutputMessage[]): { topic: string; messages: Message[] }[] {
  const topics = new Map<string, Message[]>();
  for (const { topic, partition, key, value, headers } of batch) {
    const list = topics.get(topic) ?? [];
    topics.set(topic, list);
    const message: Message = partition === null ? { key, value } : { key, value, partition };
    if (headers !== undefined) message.headers = { ...headers };
    list.push(message);
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}
