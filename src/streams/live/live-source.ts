import type { TopicDefinition } from '../../features/source.js';
import { type Batch, type Verdict, verdicts } from '../../records/batch.js';
import { BatchBuilder, type IngestPosition, type IngestSettings } from '../ingest/batch-builder.js';
import type { Holder } from '../ingest/watermark.js';

/** A record that a feed brings, in order of arrival. */
export interface FeedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly arrivalMs: number;
  readonly line: string;
}

export interface LiveSettings extends IngestSettings {
  /** A partition without a record for so long no longer holds the watermark, ms. */
  readonly idleAfterMs: number;
}

/** What was decided of one line, and why it is not used. */
export interface LineVerdict {
  readonly verdict: Verdict;
  readonly reason: string;
}

interface Parcel {
  readonly topicIndex: number;
  readonly lines: readonly string[];
  readonly verdicts: LineVerdict[];
  readonly done: (verdicts: readonly LineVerdict[] | null) => void;
}

/** Source partition of lines that come over HTTP: none that a broker or a generator would have. */
export const postedPartition = 1_000_000;
const waitMsMax = 1_000;
const postedLinesMax = 20_000;

/**
 * The source of a running engine: a feed whose records arrive by the clock, and lines that are
 * posted. The clock acts here and nowhere behind: on future stamps, idle partitions, and on the
 * watermark when all are idle.
 */
export class LiveSource {
  readonly builder: BatchBuilder;
  /** True while the feed is behind the clock. */
  catchingUp: boolean;
  /** When the oldest record of the batch last taken could be taken, ms. */
  batchArrivalMs = 0;
  readonly #topics: readonly TopicDefinition[];
  readonly #feed: Iterator<FeedRecord>;
  readonly #settings: LiveSettings;
  readonly #seenMs = new Map<string, number>();
  #head: FeedRecord | null;
  #parcels: Parcel[] = [];
  /** Parcels whose lines are in the batch under way. */
  #judged: Parcel[] = [];
  #waiting = 0;
  /** When the feed had caught up, ms: what arrived before could not be taken sooner. */
  #liveSinceMs = 0;
  #wake: (() => void) | null = null;
  #stopped = false;

  constructor(
    topics: readonly TopicDefinition[],
    feed: Iterable<FeedRecord>,
    settings: LiveSettings,
    from: IngestPosition,
  ) {
    this.#topics = topics;
    this.#settings = settings;
    this.builder = new BatchBuilder(topics, Date.now(), settings, from);
    this.#feed = feed[Symbol.iterator]();
    this.#head = this.#pull();
    this.catchingUp = this.#head !== null && this.#head.arrivalMs < Date.now() - waitMsMax;
  }

  /** The next batch, as soon as there is a record or the watermark moves; null once stopped. */
  async next(): Promise<Batch | null> {
    this.#settle(true);
    while (!this.#stopped) {
      const { builder } = this;
      builder.nowMs = Date.now();
      this.batchArrivalMs = builder.nowMs;
      this.#takeParcels();
      this.#takeFeed();
      if (!this.catchingUp) this.#markIdle();
      if (builder.count > 0 || builder.ticked) return builder.take();
      await this.#sleep();
    }
    this.#settle(false);
    return null;
  }

  /** Queues lines; null where the queue is full. The answer comes when they are in the logs. */
  accept(
    topicIndex: number,
    lines: readonly string[],
  ): Promise<readonly LineVerdict[] | null> | 'full' {
    if (this.#stopped || this.#waiting + lines.length > postedLinesMax) return 'full';
    this.#waiting += lines.length;
    return new Promise((done) => {
      this.#parcels.push({ topicIndex, lines, verdicts: [], done });
      this.#wake?.();
    });
  }

  holders(): readonly Holder[] {
    return this.builder.holders();
  }

  /** Ends the source after the batch under way. */
  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  #pull(): FeedRecord | null {
    const { done, value } = this.#feed.next();
    return done ? null : value;
  }

  #takeParcels(): void {
    const { builder } = this;
    while (this.#parcels.length > 0 && !builder.isFull) {
      const parcel = this.#parcels[0]!;
      while (parcel.verdicts.length < parcel.lines.length && !builder.isFull)
        this.#takeLine(parcel);
      if (parcel.verdicts.length < parcel.lines.length) return;
      this.#parcels.shift();
      this.#judged.push(parcel);
    }
  }

  #takeLine(parcel: Parcel): void {
    const { builder } = this;
    const text = parcel.lines[parcel.verdicts.length]!;
    const { cursor } = builder.open(parcel.topicIndex, postedPartition);
    const verdict = builder.add(parcel.topicIndex, postedPartition, cursor.offset, text);
    this.#seenMs.set(`${parcel.topicIndex}/${postedPartition}`, builder.nowMs);
    parcel.verdicts.push({ verdict: verdicts[verdict]!, reason: builder.lastDetail });
  }

  #takeFeed(): void {
    const { builder } = this;
    while (this.#head !== null && !builder.isFull && this.#head.arrivalMs <= builder.nowMs) {
      const { topic, partition, offset, line, arrivalMs } = this.#head;
      const topicIndex = this.#topics.findIndex((one) => one.topic === topic);
      if (topicIndex >= 0) {
        builder.add(topicIndex, partition, offset, line);
        this.#seenMs.set(`${topicIndex}/${partition}`, builder.nowMs);
        const dueMs = Math.max(arrivalMs, this.#liveSinceMs);
        if (!this.catchingUp && dueMs < this.batchArrivalMs) this.batchArrivalMs = dueMs;
      }
      this.#head = this.#pull();
    }
    if (this.catchingUp && (this.#head === null || this.#head.arrivalMs > builder.nowMs)) {
      this.catchingUp = false;
      this.#liveSinceMs = builder.nowMs;
    }
  }

  #markIdle(): void {
    const { builder } = this;
    for (const [topicIndex, topic] of this.#topics.entries()) {
      if (topic.kind === 'table') continue;
      for (const { partition } of builder.partitionsOf(topicIndex)) {
        const place = `${topicIndex}/${partition}`;
        const seenMs = this.#seenMs.get(place);
        if (seenMs === undefined) this.#seenMs.set(place, builder.nowMs);
        else if (builder.nowMs - seenMs >= this.#settings.idleAfterMs) {
          builder.setIdle(topicIndex, partition, true);
        }
      }
    }
    builder.riseByClock();
  }

  /** Answers the parcels whose batch has gone through the graph. */
  #settle(taken: boolean): void {
    for (const parcel of this.#judged) {
      this.#waiting -= parcel.lines.length;
      parcel.done(parcel.verdicts);
    }
    this.#judged = [];
    if (taken) return;
    for (const parcel of this.#parcels) parcel.done(null);
    this.#parcels = [];
  }

  async #sleep(): Promise<void> {
    const untilMs = this.#head === null ? waitMsMax : this.#head.arrivalMs - Date.now();
    if (untilMs <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(untilMs, waitMsMax));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }
}
