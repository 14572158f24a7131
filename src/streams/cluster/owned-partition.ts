import type { TopicDefinition } from '../../features/source.js';
import type { Cursor } from '../../records/batch.js';
import type { ValueReader } from '../../sinks/kafka/value-format.js';
import type { IngestLane } from './ingest-lane.js';
import type { SourcePartition } from './ingest-takeover.js';

/** A source topic as it stands in Kafka. */
export interface SourceTopic {
  readonly definition: TopicDefinition;
  /** Index into the pipeline's topics. */
  readonly index: number;
  /** Its name in Kafka. */
  readonly name: string;
  readonly partitions: number;
  readonly reader: ValueReader;
}

/** A source partition that this process owns. */
export interface Owned {
  readonly source: SourcePartition;
  readonly topic: SourceTopic;
  readonly lane: IngestLane;
  readonly ends: Map<string, number[]>;
  /** Where the source stands by what every log has. */
  acked: Cursor;
  /** Next offset to read: behind `acked` there may be marks of transactions. */
  readTo: number;
  committedOffset: number;
  /** The source's end when it was last read. */
  end: number;
  /** What is being appended; the next batch waits for it. */
  busy: Promise<void>;
}

/** The offset to commit. */
export function nextOf({ acked, readTo }: Owned): number {
  return Math.max(acked.offset, readTo);
}
