import type { TopicDefinition } from '../../features/source.js';
import type { Batch, Cursor } from '../../records/batch.js';
import { BatchBuilder, type IngestSettings } from '../ingest/batch-builder.js';

/** A stretch of the source partition that an earlier process judged by its own clock. */
export interface Judged {
  readonly from: number;
  /** Next offset after it. */
  readonly to: number;
  readonly clockMs: number;
}

export interface LaneSettings {
  readonly topics: readonly TopicDefinition[];
  readonly topicIndex: number;
  readonly partition: number;
  readonly ingest: IngestSettings;
  /** Records of a batch hold so many characters at most, or one record. */
  readonly batchChars: number;
}

/** A record as its value format gave it. */
export interface SourceRecord {
  readonly offset: number;
  readonly text: string;
  /** Why it could not be read; empty where it could. */
  readonly fault: string;
}

/** A batch and the clock that judged it. */
export interface JudgedBatch {
  readonly batch: Batch;
  readonly clockMs: number;
  /** Next offset of the source partition before the batch. */
  readonly from: number;
  /** Whether the source has more. */
  readonly behind: boolean;
  /** Whether that is news. */
  readonly turned: boolean;
}

/** One source partition on its way into the logs: where it stands, and the batch under way. */
export class IngestLane {
  readonly settings: LaneSettings;
  /** Where the partition stands; moves with every record. */
  readonly cursor: Cursor;
  /** Whether the logs have heard of the partition from here. */
  hasTold = false;
  /** When a record last came, or when the lane was opened, ms. */
  seenMs: number;
  /** The clock that was last told to the logs while idle, ms. */
  toldMs = 0;
  /** Records judged, those of earlier processes included. */
  taken: number;
  readonly #builder: BatchBuilder;
  readonly #judged: readonly Judged[];
  #chars = 0;
  #behind = true;
  /** Next offset before the batch under way. */
  #from: number;

  /**
   * @param from where the partition stood; null where nothing was taken
   * @param judged what is in some logs already, after `from`: judged again by the same clocks
   */
  constructor(
    settings: LaneSettings,
    from: Cursor | null,
    judged: readonly Judged[],
    nowMs: number,
  ) {
    this.settings = settings;
    this.seenMs = nowMs;
    this.#judged = judged;
    const position = { batch: 0, first: 0, cursors: from === null ? [] : [from] };
    this.#builder = new BatchBuilder(settings.topics, nowMs, settings.ingest, position);
    const { cursor } = this.#builder.open(settings.topicIndex, settings.partition);
    this.cursor = cursor;
    this.#from = cursor.offset;
    this.taken = cursor.counts.reduce((a, b) => a + b, 0);
  }

  get unknownValues(): ReturnType<BatchBuilder['unknownValues']> {
    return this.#builder.unknownValues();
  }

  /**
   * Judges records in order, in batches; what was taken before is passed over.
   * @param end of the source partition, as far as it is known
   */
  *take(records: readonly SourceRecord[], end: number, nowMs: number): Generator<JudgedBatch> {
    const { topicIndex, partition, batchChars } = this.settings;
    const builder = this.#builder;
    this.seenMs = nowMs;
    for (const { offset, text, fault } of records) {
      if (offset < this.cursor.offset) continue;
      const clockMs = this.#clockOf(offset, nowMs);
      const full = builder.isFull || this.#chars + text.length > batchChars;
      if (builder.count > 0 && (full || clockMs !== builder.nowMs)) yield this.#close(true);
      builder.nowMs = clockMs;
      builder.add(topicIndex, partition, offset, text, fault);
      this.taken++;
      this.#chars += text.length;
    }
    if (builder.count > 0) yield this.#close(this.cursor.offset < end);
  }

  /** An empty batch that says the partition is idle and what the clock is. */
  idle(nowMs: number): JudgedBatch {
    const { topicIndex, partition } = this.settings;
    this.#builder.nowMs = nowMs;
    this.#builder.setIdle(topicIndex, partition, true);
    this.toldMs = nowMs;
    return this.#close(false);
  }

  /**
   * An empty batch that says the partition is at its end, for one of which nothing was told yet.
   */
  atEnd(nowMs: number): JudgedBatch {
    this.#builder.nowMs = nowMs;
    return this.#close(false);
  }

  #close(behind: boolean): JudgedBatch {
    this.hasTold = true;
    this.#chars = 0;
    const turned = behind !== this.#behind;
    const judged = { clockMs: this.#builder.nowMs, from: this.#from, behind, turned };
    this.#behind = behind;
    this.#from = this.cursor.offset;
    return { batch: this.#builder.take(), ...judged };
  }

  #clockOf(offset: number, nowMs: number): number {
    for (const { from, to, clockMs } of this.#judged) {
      if (offset >= from && offset < to) return clockMs;
    }
    return nowMs;
  }
}
