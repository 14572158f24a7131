import { assert } from '../../errors.js';
import type { Row } from '../../features/fields.js';
import type { TopicDefinition } from '../../features/source.js';
import type { Batch, Cursor, Tick } from '../../records/batch.js';
import { compileDecoder, type Decoder } from './decoder.js';
import { createLane, cursorFrom, judgeHead, type Lane } from './lane.js';
import type { UnknownValues } from './unknown-values.js';
import {
  createWatermark,
  type Holder,
  join,
  observe,
  refresh,
  riseByClock,
  type Watermark,
} from './watermark.js';

export interface IngestSettings {
  /** How far behind its partition's latest time a record may be and still be used, ms. */
  readonly latenessMs: number;
  /** How far behind the latest time the watermark stays, ms. */
  readonly disorderMs: number;
  readonly batchRecords: number;
}

export const defaultIngestSettings: IngestSettings = {
  latenessMs: 3_600_000,
  disorderMs: 60_000,
  batchRecords: 512,
};

/** Where an earlier run stood: its last batch, or its snapshot. */
export interface IngestPosition {
  /** Number of the next batch. */
  readonly batch: number;
  /** Records of the epoch before it. */
  readonly first: number;
  readonly cursors: readonly Cursor[];
  /**
   * Last tick by topic, ms; needed where partitions come and go, else it follows from the cursors.
   */
  readonly ticksMs?: Readonly<Record<string, number>>;
}

export const startPosition: IngestPosition = { batch: 0, first: 0, cursors: [] };

/** The position after `batch`. */
export function positionAfter(batch: Batch): IngestPosition {
  return { batch: batch.batch + 1, first: batch.first + batch.count, cursors: batch.cursors };
}

/** Decodes, judges and collects source records, of any topics and partitions, into batches. */
export class BatchBuilder {
  readonly settings: IngestSettings;
  /** The clock that judges future stamps, ms; the caller moves it. */
  nowMs: number;
  readonly #topics: readonly TopicDefinition[];
  readonly #earlier: IngestPosition;
  readonly #decoders: readonly Decoder[];
  readonly #watermarks: readonly (Watermark | null)[];
  readonly #lanes: Map<number, Lane>[];
  readonly #order: Lane[] = [];
  #batch: number;
  #first: number;
  #count = 0;
  #records: Columns;
  #commands: string[] = [];

  constructor(
    topics: readonly TopicDefinition[],
    nowMs: number,
    settings: Partial<IngestSettings> = {},
    from: IngestPosition = startPosition,
  ) {
    this.settings = { ...defaultIngestSettings, ...settings };
    this.nowMs = nowMs;
    this.#topics = topics;
    this.#earlier = from;
    this.#decoders = topics.map(compileDecoder);
    this.#watermarks = topics.map((topic) => this.#watermarkOf(topic));
    this.#lanes = topics.map(() => new Map());
    this.#batch = from.batch;
    this.#first = from.first;
    this.#records = createColumns(this.settings.batchRecords);
    this.#resume();
  }

  #watermarkOf(topic: TopicDefinition): Watermark | null {
    if (topic.kind === 'table') return null;
    const watermark = createWatermark(topic.topic, this.settings.disorderMs);
    watermark.tickMs = this.#earlier.ticksMs?.[topic.topic] ?? watermark.tickMs;
    return watermark;
  }

  /** Makes a source partition known; from then on it holds its topic's watermark. */
  open(topicIndex: number, partition: number): Lane {
    const lanes = this.#lanes[topicIndex];
    const topic = this.#topics[topicIndex];
    const decoder = this.#decoders[topicIndex];
    assert(
      lanes !== undefined && topic !== undefined && decoder !== undefined,
      `no topic has the index ${topicIndex}`,
    );
    const known = lanes.get(partition);
    if (known !== undefined) return known;
    const cursor = cursorFrom(this.#earlier.cursors, topic, partition);
    const watermark = this.#watermarks[topicIndex] ?? null;
    const lateness = topic.kind === 'table' ? Number.POSITIVE_INFINITY : this.settings.latenessMs;
    const lane = createLane(topicIndex, decoder, cursor, lateness, watermark);
    lanes.set(partition, lane);
    this.#order.push(lane);
    if (watermark !== null) join(watermark, cursor);
    return lane;
  }

  /** Opens the partitions of an earlier run and takes the ticks that follow from them as given. */
  #resume(): void {
    for (const { topic, partition } of this.#earlier.cursors) {
      const topicIndex = this.#topics.findIndex((one) => one.topic === topic);
      if (topicIndex >= 0) this.open(topicIndex, partition);
    }
    for (const watermark of this.#watermarks) if (watermark !== null) refresh(watermark, 0, []);
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.settings.batchRecords;
  }

  /** Whether the batch under way moves a watermark. */
  get ticked(): boolean {
    return this.#records.ticks.length > 0;
  }

  /** Adds what is said to monitors; it stands before the records of the batch. */
  say(command: string): void {
    this.#commands.push(command);
  }

  /** Commands of the batch under way. */
  get commands(): number {
    return this.#commands.length;
  }

  /** Why the record last added is not used; empty where it is. */
  get lastDetail(): string {
    return this.#records.details.at(-1) ?? '';
  }

  /** Where the known partitions of a topic stand. */
  partitionsOf(topicIndex: number): readonly Cursor[] {
    return [...this.#lanes[topicIndex]!.values()].map((lane) => lane.cursor);
  }

  /** Adds one source record; answers its index into `verdicts`. The batch must not be full. */
  add(topicIndex: number, partition: number, offset: number, text: string, fault = ''): number {
    const lane = this.#lanes[topicIndex]?.get(partition) ?? this.open(topicIndex, partition);
    judgeHead(lane, offset, text, fault, this.nowMs);
    this.append(lane);
    return lane.verdict;
  }

  /** Adds the head of `lane`, which `judgeHead` has judged against the lane as it stands. */
  append(lane: Lane): void {
    const index = this.#count;
    assert(index < this.settings.batchRecords, 'a batch was filled beyond its size');
    const { cursor } = lane;
    const records = this.#records;
    records.topics[index] = lane.topicIndex;
    records.partitions[index] = lane.partition;
    records.offsets[index] = lane.offset;
    records.timesMs[index] = lane.timeMs;
    records.verdicts[index] = lane.verdict;
    records.rows.push(lane.row);
    records.raws.push(lane.text);
    records.details.push(lane.detail);
    this.#count = index + 1;
    cursor.counts[lane.verdict]!++; // one count for each verdict
    if (lane.offset >= cursor.offset) cursor.offset = lane.offset + 1;
    lane.seenMs = this.nowMs;
    if (cursor.idle) this.#setIdle(lane, false);
    if (lane.nextMaxMs > cursor.maxTimeMs) {
      cursor.maxTimeMs = lane.nextMaxMs;
      if (lane.watermark !== null) observe(lane.watermark, cursor, index + 1, records.ticks);
    }
  }

  /** An idle partition does not hold the watermark; a record makes it active again. */
  setIdle(topicIndex: number, partition: number, idle: boolean): void {
    this.#setIdle(this.open(topicIndex, partition), idle);
  }

  #setIdle(lane: Lane, idle: boolean): void {
    if (lane.cursor.idle === idle) return;
    lane.cursor.idle = idle;
    if (lane.watermark !== null) refresh(lane.watermark, this.#count, this.#records.ticks);
  }

  /** Lets the clock move the watermarks of topics whose partitions are all idle. */
  riseByClock(): void {
    for (const watermark of this.#watermarks) {
      if (watermark !== null) {
        riseByClock(watermark, this.nowMs, this.#count, this.#records.ticks);
      }
    }
  }

  /** Which partition each event source's watermark waits for; none where all are idle. */
  holders(): readonly Holder[] {
    return this.#order
      .filter((lane) => lane.watermark?.holder === lane.cursor)
      .map(({ cursor, seenMs }) => ({
        topic: cursor.topic,
        partition: cursor.partition,
        idleForMs: Number.isNaN(seenMs) ? null : this.nowMs - seenMs,
      }));
  }

  /** Counts of values that `oneOf` fields do not name, by topic. */
  unknownValues(): readonly {
    readonly topic: string;
    readonly unknown: readonly UnknownValues[];
  }[] {
    return this.#decoders.map(({ definition, unknown }) => ({ topic: definition.topic, unknown }));
  }

  /** The batch so far; the next one is empty. */
  take(): Batch {
    const count = this.#count;
    const records = this.#records;
    const batch: Batch = {
      batch: this.#batch,
      first: this.#first,
      count,
      topics: records.topics.subarray(0, count),
      partitions: records.partitions.subarray(0, count),
      offsets: records.offsets.subarray(0, count),
      timesMs: records.timesMs.subarray(0, count),
      verdicts: records.verdicts.subarray(0, count),
      rows: records.rows,
      raws: records.raws,
      details: records.details,
      ticks: records.ticks,
      cursors: this.#order.map(({ cursor }) => ({ ...cursor, counts: [...cursor.counts] })),
      ...(this.#commands.length === 0 ? {} : { commands: this.#commands }),
    };
    this.#commands = [];
    this.#records = createColumns(this.settings.batchRecords);
    this.#batch++;
    this.#first += count;
    this.#count = 0;
    return batch;
  }
}

interface Columns {
  readonly topics: Uint8Array;
  readonly partitions: Int32Array;
  readonly offsets: Float64Array;
  readonly timesMs: Float64Array;
  readonly verdicts: Uint8Array;
  readonly rows: (Row | null)[];
  readonly raws: string[];
  readonly details: string[];
  readonly ticks: Tick[];
}

function createColumns(records: number): Columns {
  return {
    topics: new Uint8Array(records),
    partitions: new Int32Array(records),
    offsets: new Float64Array(records),
    timesMs: new Float64Array(records),
    verdicts: new Uint8Array(records),
    rows: [],
    raws: [],
    details: [],
    ticks: [],
  };
}
