import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cursor } from '../../records/batch.js';
import type {
  Admin,
  Consumer,
  EachBatchPayload,
  Kafka,
  Producer,
} from '../../sinks/kafka/client.js';
import { failPoint } from '../../telemetry/fail-point.js';
import type { Log } from '../../telemetry/log.js';
import type { LiveSettings } from '../live/live-source.js';
import { cursorOf } from './frame-message.js';
import { commitText } from './ingest-commit.js';
import { IngestLane, type JudgedBatch, type SourceRecord } from './ingest-lane.js';
import { type SourcePartition, type Takeover, takeOver } from './ingest-takeover.js';
import { LogWriter, type LogWriterSettings } from './log-writer.js';
import { Membership } from './membership.js';
import { nextOf, type Owned, type SourceTopic } from './owned-partition.js';
import { patiently } from './patiently.js';

export interface IngestRuntimeSettings {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly sources: readonly SourceTopic[];
  readonly ingest: LiveSettings;
  /** Where a source partition begins that was never read. */
  readonly start: 'earliest' | 'latest';
  readonly logs: readonly string[];
  /** Of each log topic. */
  readonly partitions: number;
  readonly writer: Omit<LogWriterSettings, 'producer' | 'instance' | 'lanes'>;
  readonly log: Log;
}

const batchCharsMax = 1024 * 1024;
const commitEveryMs = 1_000;
/** A table whose offsets do not move for so long is read, ms. */
const tablesMsMax = 10_000;
const tickMs = 1_000;
/**
 * A source partition read to its end begins a batch so often at most, ms: at 12,500 records a
 * second those of 10 ms cost a tenth less than those that the broker gives one by one.
 */
const paceMs = 10;
/** How often the clock is told to the logs while a source partition is idle, ms. */
const idleTellMs = 30_000;

const untold = 'the clock was not told to the logs; it will be when the partition is opened again';

/** How a source partition stands, for metrics and the page. */
export interface LaneState {
  readonly topic: string;
  readonly partition: number;
  readonly cursor: Cursor;
  /** Records judged, by whatever process; the sum of the cursor's counts, counted apart. */
  readonly taken: number;
  /** Records behind the source's end. */
  readonly lag: number;
  readonly idleForMs: number;
}

/**
 * Consumes the source partitions that the group assigns to this process, judges their records and
 * appends them to the logs; an offset is committed only when what is before it is in the logs.
 */
export class IngestRuntime {
  readonly #settings: IngestRuntimeSettings;
  readonly membership: Membership;
  readonly #consumer: Consumer;
  readonly #producer: Producer;
  readonly #admin: Admin;
  readonly #writer: LogWriter;
  readonly #topics: ReadonlyMap<string, SourceTopic>;
  /** By topic name and partition. */
  #owned = new Map<string, Owned>();
  /** Counts the assignments: a takeover that a newer one overtook is dropped. */
  #generation = 0;
  #timer: NodeJS.Timeout | null = null;
  #stopping = false;
  /** Partitions of event topics wait until the tables were read to their ends once. */
  #tablesRead = false;
  #fail: (error: unknown) => void = () => undefined;
  readonly failed: Promise<never>;
  #committedMs = 0;
  /** Whether the broker is being asked for the ends of partitions that look idle. */
  #asking = false;
  /** Appended batches and records, for metrics. */
  batches = 0;
  records = 0;

  constructor(settings: IngestRuntimeSettings) {
    const { kafka, groupId, sources, writer } = settings;
    this.#settings = settings;
    this.#consumer = kafka.consumer(groupId);
    this.membership = new Membership(this.#consumer, groupId);
    this.#producer = kafka.producer();
    this.#admin = kafka.admin();
    this.#topics = new Map(sources.map((source) => [source.name, source]));
    const events = sources.filter(({ definition }) => definition.kind !== 'table');
    const lanes = Object.fromEntries(events.map((s) => [s.definition.topic, s.partitions]));
    const instance = randomUUID();
    this.#writer = new LogWriter({ ...writer, producer: this.#producer, instance, lanes });
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => undefined); // heard by whoever waits for it
  }

  async start(): Promise<void> {
    const { sources } = this.#settings;
    await Promise.all([this.#producer.connect(), this.#admin.connect(), this.#consumer.connect()]);
    this.#consumer.on(this.#consumer.events.GROUP_JOIN, ({ payload }) => {
      this.#assign(payload.memberAssignment).catch((error) => this.#fail(error));
    });
    this.#consumer.on(this.#consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) this.#fail(payload.error);
    });
    await this.#consumer.subscribe({ topics: sources.map((s) => s.name), fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 64,
      eachBatch: (payload) => this.#eachBatch(payload),
    });
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** Takes no more, commits what is in the logs and leaves the group. */
  async stop(): Promise<void> {
    this.#stopping = true; // no batch begins another append
    await Promise.allSettled([...this.#owned.values()].map((owned) => owned.busy));
    await this.#commit(true); // while the group still knows this process
    await this.#consumer.stop();
    await this.close();
  }

  async close(): Promise<void> {
    this.#stopping = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#consumer.disconnect();
    await Promise.all([this.#producer.disconnect(), this.#admin.disconnect()]);
  }

  lanes(): LaneState[] {
    const nowMs = Date.now();
    return [...this.#owned.values()].map(({ source, lane, end }) => ({
      topic: source.topic,
      partition: source.partition,
      cursor: lane.cursor,
      taken: lane.taken,
      lag: Math.max(0, end - lane.cursor.offset),
      idleForMs: nowMs - lane.seenMs,
    }));
  }

  async #assign(assignment: Readonly<Record<string, readonly number[]>>): Promise<void> {
    const generation = ++this.#generation;
    const former = this.#owned;
    this.#owned = new Map();
    const sources: SourcePartition[] = [];
    for (const [name, partitions] of Object.entries(assignment)) {
      const { topic } = this.#topics.get(name)!.definition;
      for (const partition of partitions) sources.push({ topic, name, partition });
      this.#consumer.pause([{ topic: name, partitions: [...partitions] }]);
    }
    // What is being appended belongs to the lane as it was: where it ends is found in the logs.
    await Promise.allSettled([...former.values()].map((owned) => owned.busy));
    const { kafka, groupId, logs, partitions } = this.#settings;
    const isCurrent = (): boolean => generation === this.#generation && !this.#stopping;
    const opened = await patiently(
      async () => {
        const taken = await takeOver(kafka, this.#admin, groupId, sources, logs, partitions);
        if (!isCurrent()) return;
        this.#owned = new Map();
        for (const one of taken) await this.#open(one);
      },
      isCurrent,
      this.#settings.log,
    );
    if (opened === null || !isCurrent()) return;
    await this.#commit(true);
    this.#release();
  }

  async #open({ source, commit, ends, judged }: Takeover): Promise<void> {
    const topic = this.#topics.get(source.name)!;
    const { ingest, start, log } = this.#settings;
    const from = commit?.cursor ?? (await this.#beginning(source, start));
    const topics = this.#settings.sources.map((one) => one.definition);
    const lane = new IngestLane(
      {
        topics,
        topicIndex: topic.index,
        partition: source.partition,
        ingest,
        batchChars: batchCharsMax,
      },
      from,
      judged,
      Date.now(),
    );
    const acked = { ...lane.cursor };
    const { offset } = acked;
    this.#owned.set(placeOf(source.name, source.partition), {
      source,
      topic,
      lane,
      ends: new Map(ends),
      end: 0,
      acked,
      readTo: offset,
      committedOffset: -1,
      busy: Promise.resolve(),
    });
    const { name, partition } = source;
    this.#consumer.seek({ topic: name, partition, offset: String(offset) });
    log.info('source partition taken', { topic: name, partition, offset, again: judged.length });
  }

  /** Null for the beginning; a cursor at the end where only new records are wanted. */
  async #beginning(source: SourcePartition, start: 'earliest' | 'latest'): Promise<Cursor | null> {
    if (start === 'earliest') return null;
    const offsets = await this.#admin.fetchTopicOffsets(source.name);
    const high = offsets.find((one) => one.partition === source.partition)?.high ?? '0';
    const { topic, partition } = source;
    const counts = [0, 0, 0, 0, 0, 0];
    const maxTimeMs = Number.NEGATIVE_INFINITY;
    return { topic, partition, offset: Number(high), maxTimeMs, idle: false, counts };
  }

  /** Lets the owned partitions go, tables first: an event is to find the rows that were there. */
  #release(): void {
    for (const { source, topic } of this.#owned.values()) {
      if (topic.definition.kind !== 'table' && !this.#tablesRead) continue;
      this.#consumer.resume([{ topic: source.name, partitions: [source.partition] }]);
    }
    if (!this.#tablesRead) this.#awaitTables().catch((error) => this.#fail(error));
  }

  /**
   * Where nothing moves for a while there is nothing left: marks of transactions are no records.
   */
  async #awaitTables(before = -1, sinceMs = Date.now()): Promise<void> {
    const { sources } = this.#settings;
    const tables = sources.filter(({ definition }) => definition.kind === 'table');
    const { log } = this.#settings;
    const left = await patiently(
      () => this.#leftOf(tables),
      () => !this.#stopping,
      log,
    );
    if (left === null || this.#tablesRead || this.#stopping) return;
    const still = left === before ? sinceMs : Date.now();
    if (left > 0 && Date.now() - still < tablesMsMax) {
      setTimeout(() => this.#awaitTables(left, still).catch((error) => this.#fail(error)), 200);
      return;
    }
    this.#tablesRead = true;
    for (const { source } of this.#owned.values())
      this.#consumer.resume([{ topic: source.name, partitions: [source.partition] }]);
  }

  /** Offsets between what is committed of the tables, whoever reads them, and their ends. */
  async #leftOf(tables: readonly SourceTopic[]): Promise<number> {
    await this.#commit(true);
    const topics = tables.map((table) => table.name);
    if (topics.length === 0) return 0;
    const committed = await this.#admin.fetchOffsets({ groupId: this.#settings.groupId, topics });
    let left = 0;
    for (const { topic, partitions } of committed) {
      for (const { partition, high } of await this.#admin.fetchTopicOffsets(topic)) {
        const own = partitions.find((one) => one.partition === partition);
        left += Math.max(0, Number(high) - Number(own?.offset ?? -1));
      }
    }
    return left;
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, heartbeat, isRunning, isStale, resolveOffset } = payload;
    const owned = this.#owned.get(placeOf(batch.topic, batch.partition));
    if (owned === undefined || this.#stopping) return;
    owned.end = Number(batch.highWatermark);
    const { messages } = batch;
    if (messages.length === 0) return;
    const begunMs = performance.now();
    const { texts, faults } = await owned.topic.reader.readAll(messages.map(({ value }) => value));
    const records = messages.map(({ offset }, i): SourceRecord => {
      return { offset: Number(offset), text: texts[i]!, fault: faults?.get(i) ?? '' };
    });
    const isOwned = (): boolean =>
      this.#owned.get(placeOf(batch.topic, batch.partition)) === owned && !this.#stopping;
    for (const judged of owned.lane.take(records, owned.end, Date.now())) {
      while (!(await this.#settings.writer.cache.room())) {
        await heartbeat();
        if (!isOwned()) return;
      }
      if (!isOwned()) return;
      await this.#append(owned, judged);
      if (!isOwned()) return;
      resolveOffset(String(owned.acked.offset - 1));
      await heartbeat();
      if (!isRunning() || isStale()) return;
    }
    resolveOffset(batch.lastOffset());
    owned.readTo = Number(batch.lastOffset()) + 1;
    await this.#commit(false);
    const restMs = paceMs - (performance.now() - begunMs);
    if (owned.readTo >= owned.end && restMs > 1) await delay(restMs);
  }

  /**
   * In order; after one that failed none goes on: the lane is opened anew from what the logs have.
   */
  async #append(owned: Owned, judged: JudgedBatch): Promise<void> {
    owned.busy = owned.busy.then(() => this.#writer.append(judged, owned.ends));
    await owned.busy;
    owned.acked = cursorOf(judged.batch);
    this.batches++;
    this.records += judged.batch.count;
  }

  #tick(): void {
    const nowMs = Date.now();
    const { idleAfterMs } = this.#settings.ingest;
    const quiet = [...this.#owned.values()].filter(({ lane, topic, end }) => {
      if (topic.definition.kind === 'table' || !this.#tablesRead) return false;
      if (end > lane.cursor.offset) return false;
      if (!lane.hasTold) return nowMs - lane.seenMs >= tickMs;
      return nowMs - lane.seenMs >= idleAfterMs && nowMs - lane.toldMs >= idleTellMs;
    });
    if (quiet.length > 0 && !this.#asking) {
      this.#asking = true;
      this.#tellIdle(quiet)
        .catch((error) => this.#settings.log.debug(untold, { error }))
        .finally(() => {
          this.#asking = false;
        });
    }
    this.#commit(false).catch((error) => this.#fail(error));
  }

  /**
   * Says of partitions that they are idle, if they are: a broker that is away, or a process that
   * stood still, looks the same until the broker is asked.
   */
  async #tellIdle(quiet: readonly Owned[]): Promise<void> {
    const ends = new Map<string, number>();
    for (const name of new Set(quiet.map(({ source }) => source.name))) {
      for (const { partition, high } of await this.#admin.fetchTopicOffsets(name))
        ends.set(placeOf(name, partition), Number(high));
    }
    const nowMs = Date.now();
    for (const owned of quiet) {
      const { source, lane } = owned;
      const place = placeOf(source.name, source.partition);
      if (this.#owned.get(place) !== owned || this.#stopping) continue;
      owned.end = ends.get(place) ?? owned.end;
      if (owned.end > nextOf(owned)) continue;
      const isIdle = nowMs - lane.seenMs >= this.#settings.ingest.idleAfterMs;
      await this.#append(owned, isIdle ? lane.idle(nowMs) : lane.atEnd(nowMs));
    }
  }

  /** Commits what is in the logs, at most once a second unless `now`. */
  async #commit(now: boolean): Promise<void> {
    const nowMs = Date.now();
    if (!now && nowMs - this.#committedMs < commitEveryMs) return;
    this.#committedMs = nowMs;
    const due = [...this.#owned.values()].filter((o) => nextOf(o) !== o.committedOffset);
    if (due.length === 0) return;
    const at = due.map(nextOf);
    const offsets = due.map(({ source, acked, ends }, i) => {
      const { name: topic, partition } = source;
      const metadata = commitText({ cursor: acked, logs: ends });
      return { topic, partition, offset: String(at[i]), metadata };
    });
    try {
      await this.#consumer.commitOffsets(offsets);
      for (const [i, owned] of due.entries()) owned.committedOffset = at[i]!;
      failPoint('ingest.committed');
    } catch (error) {
      // The partitions are another's by now, or the broker is away: the logs say where they stand.
      this.#settings.log.debug('offsets were not committed; they will be with the next', { error });
    }
  }
}

function placeOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
