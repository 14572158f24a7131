import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from '../../sinks/kafka/client.js';
import type { ValueReader } from '../../sinks/kafka/value-format.js';
import { backoffMs } from '../../sinks/webhook/backoff.js';
import { messageOf } from '../../sinks/webhook/message.js';
import type { DeliveryOutcome } from '../../sinks/webhook/outbox.js';
import { post, type WebhookMessage, type WebhookPlace } from '../../sinks/webhook/post.js';
import type { Log } from '../../telemetry/log.js';

/** A topic whose records are posted. */
export interface PostedTopic {
  readonly topic: string;
  readonly kind: WebhookMessage['kind'];
  readonly reader: ValueReader;
  /** The record's field that holds its id. */
  readonly id: 'alert_id' | 'event_id';
}

export interface WebhookReaderOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topics: readonly PostedTopic[];
  readonly place: WebhookPlace;
  readonly log: Log;
  readonly onOutcome: (outcome: DeliveryOutcome) => void;
  /** Posts a message once. */
  readonly send?: typeof post;
  readonly clock?: () => number;
}

/** A member that waits for a receiver tells the group so often that it is there, ms. */
const heartbeatMs = 1_000;

/**
 * Posts what stands in the topics of alerts and retraining events, as a consumer group of its own:
 * whatever ends a process, another goes on from the last committed offset, so each record is posted
 * at least once. Nothing but this group waits for the receiver. Records older than the time after
 * which a message is given up are passed over where they were not tried before.
 */
export class WebhookReader {
  readonly #options: WebhookReaderOptions;
  readonly #consumer: Consumer;
  #stopped = false;

  constructor(options: WebhookReaderOptions) {
    this.#options = options;
    this.#consumer = options.kafka.consumer(options.groupId);
  }

  async start(): Promise<void> {
    const topics = this.#options.topics.map(({ topic }) => topic);
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics, fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.#take(payload),
    });
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.#consumer.disconnect();
  }

  async #take({ batch, heartbeat, isRunning, isStale }: EachBatchPayload): Promise<void> {
    const { topic, partition } = batch;
    const posted = this.#options.topics.find((one) => one.topic === topic);
    const goesOn = (): boolean => !this.#stopped && isRunning() && !isStale();
    for (const message of batch.messages) {
      const read = posted === undefined ? null : await this.#read(posted, message);
      if (read !== null && !(await this.#deliver(read, message, goesOn, heartbeat))) return;
      const offset = String(Number(message.offset) + 1);
      await this.#consumer.commitOffsets([{ topic, partition, offset }]);
      await heartbeat();
    }
  }

  /** Null for what is no record of ours. */
  async #read(posted: PostedTopic, { value }: KafkaMessage): Promise<WebhookMessage | null> {
    const { texts, faults } = await posted.reader.readAll([value]);
    if (faults !== null) return null;
    const record: Readonly<Record<string, unknown>> = JSON.parse(texts[0]!); // of one value
    const id = record[posted.id];
    if (typeof id !== 'string') return null;
    const suffix = posted.kind === 'retraining-event' ? '/retraining' : '';
    return messageOf(posted.kind, `${id}${suffix}`, record);
  }

  /** True where the message is done with; false where this member is to go. */
  async #deliver(
    message: WebhookMessage,
    { timestamp }: KafkaMessage,
    goesOn: () => boolean,
    heartbeat: () => Promise<void>,
  ): Promise<boolean> {
    const { place, log, onOutcome, send = post, clock = Date.now } = this.#options;
    const endMs = Number(timestamp) + place.retryForMs;
    if (clock() >= endMs) return true;
    for (let attempts = 1; goesOn(); attempts++) {
      const outcome = await send(place, message, clock());
      if (outcome.kind === 'delivered') {
        onOutcome('delivered');
        return true;
      }
      onOutcome('failed');
      const fields = { id: message.id, why: outcome.why };
      if (outcome.kind === 'refused' || clock() >= endMs) {
        onOutcome('given-up');
        log.error('a webhook was given up; its topic and the tables have it', fields);
        return true;
      }
      log.warn('a webhook was not delivered; it is tried again', fields);
      const nextMs = clock() + backoffMs(attempts);
      while (goesOn() && clock() < nextMs) {
        await new Promise((resolve) =>
          setTimeout(resolve, Math.min(heartbeatMs, nextMs - clock())),
        );
        await heartbeat();
      }
    }
    return false;
  }
}
