import { setImmediate as nextTurn } from 'node:timers/promises';
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
  /** Why it is not used whatever it holds; empty where nothing is known against it. */
  readonly refusal?: string;
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

interface SaidCommand {
  readonly text: string;
  readonly done: (isLogged: boolean) => void;
}

/** Source partition of lines that come over HTTP: none that a broker or a generator would have. */
export const postedPartition = 1_000_000;
const waitMsMax = 1_000;
const postedLinesMax = 20_000;
const commandsWaitingMax = 100;
/** Characters of all that waits; a batch stands in memory several times. */
const commandsLengthMax = 8_000_000;
/**
 * Lines that no batch could take for so long are refused, and those in the logs are answered, ms.
 */
const parcelMsMax = 10_000;
const answerMsMax = 1_000;
/** A source that is always ready lets others have the thread so often, ms. */
const turnMsMax = 20;

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
  readonly #clock: () => number;
  readonly #seenMs = new Map<string, number>();
  #head: FeedRecord | null;
  #parcels: Parcel[] = [];
  /** Parcels whose lines are in the batch under way. */
  #judged: Parcel[] = [];
  #waiting = 0;
  #commands: SaidCommand[] = [];
  /** Commands in the batch under way. */
  #said: SaidCommand[] = [];
  /** When the feed had caught up, ms: what arrived before could not be taken sooner. */
  #liveSinceMs = 0;
  #wake: (() => void) | null = null;
  #stopped = false;
  #turnMs = 0;
  #answering: NodeJS.Timeout | null = null;

  constructor(
    topics: readonly TopicDefinition[],
    feed: Iterable<FeedRecord>,
    settings: LiveSettings,
    from: IngestPosition,
    clock: () => number = Date.now,
  ) {
    this.#topics = topics;
    this.#settings = settings;
    this.#clock = clock;
    this.builder = new BatchBuilder(topics, clock(), settings, from);
    this.#feed = feed[Symbol.iterator]();
    this.#head = this.#pull();
    this.catchingUp = this.#head !== null && this.#head.arrivalMs < clock() - waitMsMax;
  }

  /** The next batch, as soon as there is a record or the watermark moves; null once stopped. */
  async next(): Promise<Batch | null> {
    this.#settle();
    await this.#yieldTurn();
    // Lines of which some are in the logs already are taken to their end.
    while (!this.#stopped || this.#parcels.some((parcel) => parcel.verdicts.length > 0)) {
      const { builder } = this;
      builder.nowMs = this.#clock();
      this.batchArrivalMs = builder.nowMs;
      this.#takeParcels();
      if (!this.#stopped) this.#takeFeed();
      if (!this.catchingUp) this.#markIdle();
      this.#takeCommands();
      if (builder.count > 0 || builder.ticked || builder.commands > 0) return builder.take();
      await this.#sleep();
    }
    this.abandon();
    return null;
  }

  /** Queues lines; 'full' where the queue is. The answer is null where they were not taken. */
  accept(
    topicIndex: number,
    lines: readonly string[],
  ): Promise<readonly LineVerdict[] | null> | 'full' {
    if (this.#stopped) return Promise.resolve(null);
    if (this.#waiting + lines.length > postedLinesMax) return 'full';
    this.#waiting += lines.length;
    return new Promise((done) => {
      const parcel = { topicIndex, lines, verdicts: [], done };
      this.#parcels.push(parcel);
      setTimeout(() => this.#expire(parcel), parcelMsMax).unref();
      this.#wake?.();
    });
  }

  /** Says something to monitors; false where it will not stand in the logs. */
  say(text: string): Promise<boolean> {
    const waiting = this.#commands.reduce((sum, one) => sum + one.text.length, text.length);
    const isFull = this.#commands.length >= commandsWaitingMax || waiting > commandsLengthMax;
    if (this.#stopped || isFull) return Promise.resolve(false);
    return new Promise((done) => {
      this.#commands.push({ text, done });
      this.#wake?.();
    });
  }

  /**
   * The batch last taken is in the logs: whoever waits for it is answered soon, whatever sinks do.
   */
  logged(): void {
    if (this.#judged.length + this.#said.length > 0) {
      this.#answering ??= setTimeout(() => this.#settle(), answerMsMax).unref();
    }
  }

  /** Answers everyone who waits: what is in the logs is taken, the rest is not. */
  abandon(): void {
    this.#stopped = true;
    for (const parcel of this.#parcels) parcel.done(null);
    this.#parcels = [];
    for (const { done } of this.#commands) done(false);
    this.#commands = [];
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

  #takeCommands(): void {
    for (const command of this.#commands) {
      this.builder.say(command.text);
      this.#said.push(command);
    }
    this.#commands = [];
  }

  #takeFeed(): void {
    const { builder } = this;
    while (this.#head !== null && !builder.isFull && this.#head.arrivalMs <= builder.nowMs) {
      const { topic, partition, offset, line, arrivalMs, refusal } = this.#head;
      const topicIndex = this.#topics.findIndex((one) => one.topic === topic);
      if (topicIndex >= 0) {
        builder.add(topicIndex, partition, offset, line, refusal);
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

  /** Answers the parcels whose batch is in the logs. */
  #settle(): void {
    if (this.#answering !== null) clearTimeout(this.#answering);
    this.#answering = null;
    for (const parcel of this.#judged) {
      this.#waiting -= parcel.lines.length;
      parcel.done(parcel.verdicts);
    }
    this.#judged = [];
    for (const { done } of this.#said) done(true);
    this.#said = [];
  }

  #expire(parcel: Parcel): void {
    if (parcel.verdicts.length > 0 || !this.#parcels.includes(parcel)) return;
    this.#parcels = this.#parcels.filter((one) => one !== parcel);
    this.#waiting -= parcel.lines.length;
    parcel.done(null);
  }

  async #yieldTurn(): Promise<void> {
    if (performance.now() - this.#turnMs < turnMsMax) return;
    await nextTurn();
    this.#turnMs = performance.now();
  }

  async #sleep(): Promise<void> {
    const untilMs = this.#head === null ? waitMsMax : this.#head.arrivalMs - this.#clock();
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
