import { type Cursor, verdicts } from '../../records/batch.js';

/**
 * What is committed with a source partition's offset: where the partition stood, and how far each
 * log was by then. Whoever takes the partition over reads the logs from there to see what was
 * appended beyond it.
 */
export interface IngestCommit {
  readonly cursor: Cursor;
  /** By log topic, by partition: the next offset. */
  readonly logs: ReadonlyMap<string, readonly number[]>;
}

/** A broker takes 4,096 bytes by default. */
const textMax = 4_000;

/** The commit as a text; where it would be too long, a topic is told by its smallest offset. */
export function commitText({ cursor, logs }: IngestCommit): string {
  const { maxTimeMs, idle, counts } = cursor;
  const t = Number.isFinite(maxTimeMs) ? maxTimeMs : null;
  const textOf = (list: (offsets: readonly number[]) => readonly number[]): string => {
    const l = Object.fromEntries([...logs].map(([topic, offsets]) => [topic, list(offsets)]));
    return JSON.stringify({ v: 1, t, idle, counts, l });
  };
  const whole = textOf((offsets) => offsets);
  return whole.length <= textMax ? whole : textOf((offsets) => [Math.min(...offsets)]);
}

/** Null where nothing of Weir's was committed. */
export function readCommit(
  topic: string,
  partition: number,
  offset: number,
  metadata: string | null | undefined,
  partitions: number,
): IngestCommit | null {
  if (!metadata?.startsWith('{"v":1,')) return null;
  const { t, idle, counts, l } = JSON.parse(metadata) as Kept; // as `commitText` wrote it
  const logs = Object.entries(l).map(([name, offsets]) => {
    const whole = offsets.length === partitions || offsets.length > 1;
    return [
      name,
      whole ? offsets : Array.from({ length: partitions }, () => offsets[0] ?? 0),
    ] as const;
  });
  const cursor: Cursor = {
    topic,
    partition,
    offset,
    maxTimeMs: t ?? Number.NEGATIVE_INFINITY,
    idle,
    counts: verdicts.map((_, i) => counts[i] ?? 0),
  };
  return { cursor, logs: new Map(logs) };
}

interface Kept {
  readonly t: number | null;
  readonly idle: boolean;
  readonly counts: readonly number[];
  readonly l: Readonly<Record<string, readonly number[]>>;
}
