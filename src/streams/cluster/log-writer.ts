import { refusedFrame, routeBatch } from '../../operators/route-batch.js';
import type { Stage } from '../../operators/stage.js';
import type { Frame } from '../../records/frame.js';
import type { Message, Producer } from '../../sinks/kafka/client.js';
import { failPoint } from '../../telemetry/fail-point.js';
import type { Room } from '../frame-codec.js';
import type { FrameCache } from './frame-cache.js';
import { type BatchFacts, cursorOf, encodeMessage, headerOf } from './frame-message.js';
import type { JudgedBatch } from './ingest-lane.js';

export interface LogWriterSettings {
  readonly producer: Producer;
  readonly stages: readonly Stage[];
  /** Of each log topic. */
  readonly partitions: number;
  /** The log topic of a stage. */
  readonly topicOf: (stage: string) => string;
  readonly refusedTopic: string;
  readonly lanes: BatchFacts['lanes'];
  /** Names this process among all that write to the logs. */
  readonly instance: string;
  /** Frames for the tasks of this process; those of others are not kept. */
  readonly cache: FrameCache;
  readonly ownsTask: (topic: string, partition: number) => boolean;
}

interface Addressed {
  readonly topic: string;
  readonly partition: number;
  readonly frame: Frame;
}

/** A batch's frames on their way to the broker. */
interface Appending {
  readonly messages: ReadonlyMap<string, readonly Message[]>;
  readonly bytes: number;
  readonly ends: ReadonlyMap<string, number[]>;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** All frames of a request for one partition are one batch of the broker, which takes 16 MiB. */
const requestBytes = 8 * 1024 * 1024;

/**
 * Appends batches to the logs: one frame for each partition that the batch tells something. Batches
 * that come while a request is under way go together in the next.
 */
export class LogWriter {
  readonly #settings: LogWriterSettings;
  readonly #room: Room = { bytes: Buffer.allocUnsafeSlow(256 * 1024) };
  #frames = 0;
  #waiting: Appending[] = [];
  #sending = false;

  constructor(settings: LogWriterSettings) {
    this.#settings = settings;
  }

  /**
   * Resolves when every log has the batch, acknowledged by all in-sync replicas.
   * @param ends by log topic, by partition: the next offset as far as this lane knows; raised
   */
  append(judged: JudgedBatch, ends: ReadonlyMap<string, number[]>): Promise<void> {
    const { batch, clockMs, from, behind } = judged;
    failPoint('ingest.judged');
    const facts = { from, behind, clockMs, lanes: this.#settings.lanes };
    const header = headerOf(batch, facts);
    const messages = new Map<string, Message[]>();
    let bytes = 0;
    for (const { topic, partition, frame } of this.#framesOf(judged)) {
      const key = `${this.#settings.instance}/${this.#frames++}`;
      const list = messages.get(topic) ?? [];
      messages.set(topic, list);
      const value = encodeMessage(frame, header, this.#room);
      bytes += value.length;
      list.push({ partition, key, value });
      if (this.#settings.ownsTask(topic, partition))
        this.#settings.cache.put(key, { frame, facts });
    }
    if (messages.size === 0) return Promise.resolve();
    return new Promise((done, failed) => {
      this.#waiting.push({ messages, bytes, ends, done, failed });
      if (!this.#sending) this.#send();
    });
  }

  async #send(): Promise<void> {
    this.#sending = true;
    while (this.#waiting.length > 0) {
      const together = this.#next();
      try {
        await this.#request(together);
        for (const { done } of together) done();
      } catch (error) {
        for (const { failed } of together) failed(error);
      }
    }
    this.#sending = false;
  }

  /** The batches of the next request, in the order in which they came. */
  #next(): Appending[] {
    let count = 1;
    for (let bytes = this.#waiting[0]!.bytes; count < this.#waiting.length; count++) {
      bytes += this.#waiting[count]!.bytes;
      if (bytes > requestBytes) break;
    }
    const together = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return together;
  }

  async #request(together: readonly Appending[]): Promise<void> {
    const merged = new Map<string, Message[]>();
    for (const { messages } of together) {
      for (const [topic, list] of messages) {
        merged.set(topic, [...(merged.get(topic) ?? []), ...list]);
      }
    }
    const topicMessages = [...merged].map(([topic, messages]) => ({ topic, messages }));
    const told = await this.#settings.producer.sendBatch({ acks: -1, topicMessages });
    for (const { topicName, partition, baseOffset } of told) {
      const frames = merged.get(topicName)!.filter((one) => one.partition === partition).length;
      const end = Number(baseOffset) + frames;
      for (const { ends } of together) {
        const list = ends.get(topicName);
        if (list !== undefined) list[partition] = Math.max(list[partition] ?? 0, end);
      }
    }
    failPoint('ingest.appended');
  }

  *#framesOf({ batch, turned }: JudgedBatch): Generator<Addressed> {
    const { stages, partitions, topicOf, refusedTopic } = this.#settings;
    const cursor = cursorOf(batch);
    for (const stage of stages) {
      // Time moves in every log, records or none; a table moves no time.
      const own = stage.events.topic === cursor.topic;
      const moves = own && (batch.ticks.length > 0 || cursor.idle || turned);
      for (const [partition, frame] of routeBatch(batch, stage, partitions).entries()) {
        if (frame.count > 0 || moves) yield { topic: topicOf(stage.name), partition, frame };
      }
    }
    const frame = refusedFrame(batch);
    const partition = cursor.partition % partitions;
    if (frame.count > 0) yield { topic: refusedTopic, partition, frame };
  }
}
