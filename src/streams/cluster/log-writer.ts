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

/** Appends batches to the logs: one frame for each partition that the batch tells something. */
export class LogWriter {
  readonly #settings: LogWriterSettings;
  readonly #room: Room = { bytes: Buffer.allocUnsafeSlow(256 * 1024) };
  #frames = 0;

  constructor(settings: LogWriterSettings) {
    this.#settings = settings;
  }

  /**
   * Resolves when every log has the batch, acknowledged by all in-sync replicas.
   * @param ends by log topic, by partition: the next offset as far as this lane knows; raised
   */
  async append(judged: JudgedBatch, ends: ReadonlyMap<string, number[]>): Promise<void> {
    const { producer, lanes } = this.#settings;
    const { batch, clockMs, from, behind } = judged;
    failPoint('ingest.judged');
    const facts = { from, behind, clockMs, lanes };
    const header = headerOf(batch, facts);
    const messages = new Map<string, Message[]>();
    for (const { topic, partition, frame } of this.#framesOf(judged)) {
      const key = `${this.#settings.instance}/${this.#frames++}`;
      const list = messages.get(topic) ?? [];
      messages.set(topic, list);
      list.push({ partition, key, value: encodeMessage(frame, header, this.#room) });
      if (this.#settings.ownsTask(topic, partition))
        this.#settings.cache.put(key, { frame, facts });
    }
    if (messages.size === 0) return;
    const topicMessages = [...messages].map(([topic, list]) => ({ topic, messages: list }));
    const told = await producer.sendBatch({ acks: -1, topicMessages });
    for (const { topicName, partition, baseOffset } of told) {
      const list = ends.get(topicName);
      if (list !== undefined)
        list[partition] = Math.max(list[partition] ?? 0, Number(baseOffset) + 1);
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
