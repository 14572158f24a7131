import { WeirError } from '../../errors.js';
import type { Emission } from '../../monitors/emission.js';
import type { Kafka, Message, Producer } from '../../sinks/kafka/client.js';
import { failPoint } from '../../telemetry/fail-point.js';
import { type PolicyRecord, readPolicyRecord } from './policy-record.js';
import { snapshotSettings } from './topics.js';

/** Writes emissions and the state that made them together, or neither. */
export interface PolicyStore {
  /** Ends whatever an earlier holder has under way, shuts it out, then reads what it left. */
  open(): Promise<PolicyRecord | null>;
  /**
   * Resolves when both are there for all to see. After a failure it is not known whether they are:
   * `open` tells.
   */
  commit(emissions: readonly Emission[], record: PolicyRecord): Promise<void>;
  close(): Promise<void>;
}

export interface PolicyTopics {
  readonly alerts: string;
  readonly retraining: string;
  /**
   * One partition, of this task alone (see `policyStateSettings`): kafkajs 2.2.4 takes aborted
   * records for committed ones where the transactions of several producers interleave.
   */
  readonly state: string;
}

export interface KafkaPolicyStoreOptions {
  readonly kafka: Kafka;
  /** The task's id: the same in every process that may hold the task, of no other task. */
  readonly transactionalId: string;
  readonly topics: PolicyTopics;
  /** The value of an alert (`toAlertRecord`) or a retraining event (`toRetrainingRecord`). */
  readonly encode: (emission: Emission) => Promise<Buffer | string> | Buffer | string;
  /** Told when another process has taken the task over and this one's transaction was refused. */
  readonly onFenced?: () => void;
}

/** Settings of the state topic: the last record is all that is needed. */
export const policyStateSettings = { ...snapshotSettings, 'segment.ms': '3600000' } as const;

/** A policy task's emissions and state in Kafka transactions. */
export class KafkaPolicyStore implements PolicyStore {
  readonly #options: KafkaPolicyStoreOptions;
  #producer: Producer | null = null;

  constructor(options: KafkaPolicyStoreOptions) {
    this.#options = options;
  }

  /** @throws WeirError kafka-failed */
  async open(): Promise<PolicyRecord | null> {
    await this.close();
    const { kafka, transactionalId, topics } = this.#options;
    const producer = kafka.transactional(transactionalId);
    this.#producer = producer;
    try {
      await producer.connect();
      // Its first transaction fences the others and ends theirs; its place is the end to read to.
      const marker = { partition: 0, key: `${transactionalId}/opened`, value: '{}' };
      const at = await this.#transact([{ topic: topics.state, messages: [marker] }]);
      return await readPolicyRecord(kafka, topics.state, transactionalId, at + 1);
    } catch (cause) {
      throw this.#failed('could not take over', cause);
    }
  }

  async commit(emissions: readonly Emission[], record: PolicyRecord): Promise<void> {
    const { transactionalId, topics, encode } = this.#options;
    const lists = new Map<string, Message[]>();
    for (const emission of emissions) {
      const topic = emission.kind === 'alert' ? topics.alerts : topics.retraining;
      const message = { key: emission.model, value: await encode(emission) };
      lists.set(topic, [...(lists.get(topic) ?? []), message]);
    }
    const state = { partition: 0, key: transactionalId, value: JSON.stringify(record) };
    lists.set(topics.state, [state]);
    try {
      await this.#transact([...lists].map(([topic, messages]) => ({ topic, messages })));
    } catch (cause) {
      throw this.#failed('could not commit', cause);
    }
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    await producer?.disconnect().catch(() => undefined); // it is gone either way
  }

  /** @returns offset of the first record of the state topic */
  async #transact(topicMessages: { topic: string; messages: Message[] }[]): Promise<number> {
    if (this.#producer === null) throw new Error('expected an open store');
    const transaction = await this.#producer.transaction();
    let at = -1;
    try {
      const written = await transaction.sendBatch({ acks: -1, topicMessages });
      const { state } = this.#options.topics;
      at = Number(written.find((one) => one.topicName === state)?.baseOffset ?? -1);
    } catch (error) {
      await transaction.abort().catch(() => undefined); // whoever opens next ends it
      throw error;
    }
    failPoint('policy.begun');
    await transaction.commit();
    failPoint('policy.committed');
    return at;
  }

  #failed(what: string, cause: unknown): WeirError {
    const { transactionalId, topics, onFenced } = this.#options;
    const fenced = isFenced(cause);
    if (fenced) onFenced?.();
    const message = fenced
      ? `the task ${transactionalId} ${what}: another process has taken it over, and this one writes nothing more; nothing needs to be done`
      : `the task ${transactionalId} ${what}: ${(cause as Error).message}; it starts again from its last commit when the broker is there`;
    return new WeirError('kafka-failed', message, { cause, place: { topic: topics.state } });
  }
}

/** Whether a later producer of the same transactional id has shut this one out. */
function isFenced(error: unknown): boolean {
  const { type, code, cause } = error as { type?: string; code?: number; cause?: unknown };
  if (type === 'INVALID_PRODUCER_EPOCH' || type === 'PRODUCER_FENCED' || code === 90) return true;
  return cause !== undefined && cause !== null && isFenced(cause);
}
