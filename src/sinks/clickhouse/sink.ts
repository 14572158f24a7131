import type { ViewShape } from '../../features/shape.js';
import type { TopicDefinition } from '../../features/source.js';
import type { Batch } from '../../records/batch.js';
import { verdicts } from '../../records/batch.js';
import type { DeadLetter } from '../../records/dead-letter.js';
import type { Score } from '../../records/score.js';
import type { AlertRow } from './alert-row.js';
import { type BlockLimits, BlockWriter, type OnInsert, type WriterState } from './block-writer.js';
import type { CheckRow } from './check-row.js';
import type { Clickhouse } from './client.js';
import { type EventSource, eventRow } from './event-row.js';
import { eventTable } from './event-table.js';
import { alertColumns, checkColumns, deadLetterColumns, scoreColumns } from './fixed-tables.js';
import { createGate } from './gate.js';
import type { RefusedRow } from './refused-row.js';
import { type ColumnSource, type RowWriter, rowWriter } from './row-writer.js';
import { type VectorRows, type VectorSource, vectorRow } from './vector-row.js';
import { vectorTable } from './vector-table.js';

export interface SinkOptions extends Partial<BlockLimits> {
  readonly views: readonly ViewShape[];
  /** The pipeline's topics, in the order that batches index. */
  readonly topics: readonly TopicDefinition[];
  /** Blocks that may wait before a write does. */
  readonly blocksMax?: number;
  /** Called with each row the server will not take; by default it goes to `dead_letters`. */
  readonly onRefused?: (row: RefusedRow) => void;
  /** Called with each block that was acknowledged. */
  readonly onInsert?: OnInsert;
}

/**
 * Writes rows to ClickHouse. Each write resolves when more rows may come, `flush` when all are
 * acknowledged. While the server is away writes wait; nothing is dropped.
 */
export interface ClickhouseSink {
  vectors(rows: VectorRows, epoch: number): Promise<void>;
  /** The used records of a batch. */
  events(batch: Batch, epoch: number): Promise<void>;
  /** Used records of a batch, by their places in it; `sequences` is parallel to `places`. */
  records(
    batch: Batch,
    places: ArrayLike<number>,
    sequences: ArrayLike<number>,
    epoch: number,
  ): Promise<void>;
  scores(scores: readonly Score[]): Promise<void>;
  checks(checks: readonly CheckRow[]): Promise<void>;
  alerts(alerts: readonly AlertRow[]): Promise<void>;
  deadLetters(letters: readonly DeadLetter[]): Promise<void>;
  /** Resolves when more rows may come. */
  ready(): Promise<void>;
  flush(): Promise<void>;
  /** As `flush`, without cutting blocks short: for snapshots, which are many. */
  settle(): Promise<void>;
  /** One entry per table, in the order of views, topics, then the fixed tables. */
  state(): readonly WriterState[];
  /**
   * Flushes for at most `msMax`. @throws WeirError clickhouse-failed where rows are left in the log
   */
  close(msMax?: number): Promise<void>;
}

const used = verdicts.indexOf('used');

export function createClickhouseSink(clickhouse: Clickhouse, options: SinkOptions): ClickhouseSink {
  const limits = limitsOf(options);
  const gate = createGate(options.blocksMax ?? 8);
  const abort = new AbortController();
  const onInsert = options.onInsert ?? (() => undefined);
  const writers: BlockWriter<never>[] = [];
  const open = <Source>(table: string, row: RowWriter<Source>): BlockWriter<Source> => {
    const onRefused = options.onRefused ?? ((refused: RefusedRow) => addLetter(letters, refused));
    const { signal } = abort;
    const common = { clickhouse, limits, gate, onInsert, signal };
    const writer = new BlockWriter({ ...common, table, row, onRefused });
    writers.push(writer);
    return writer;
  };
  const views = new Map<string, BlockWriter<VectorSource>>();
  for (const view of options.views) {
    views.set(view.name, open(vectorTable(view).name, vectorRow(view)));
  }
  const topics = options.topics.map((topic) => open(eventTable(topic).name, eventRow(topic)));
  const fixed = <Row>(table: string, columns: readonly ColumnSource<Row>[]): BlockWriter<Row> =>
    open(table, rowWriter(columns));
  const scores = fixed('scores', scoreColumns);
  const checks = fixed('checks', checkColumns);
  const alerts = fixed('alerts', alertColumns);
  const letters = fixed('dead_letters', deadLetterColumns);
  const all = <Row>(writer: BlockWriter<Row>, rows: readonly Row[]): Promise<void> => {
    for (const row of rows) writer.add(row);
    return gate.open();
  };
  const acknowledged = async (how: 'flush' | 'settle'): Promise<void> => {
    await Promise.all(writers.map((writer) => writer[how]()));
    await letters[how](); // refused rows of the others have come to it meanwhile
  };
  return {
    vectors: (rows, epoch) => {
      const writer = views.get(rows.view.definition.shape.name)!; // every view has a table
      const source: VectorSource = { rows, row: 0, epoch };
      for (; source.row < rows.count; source.row += 1) writer.add(source);
      return gate.open();
    },
    events: (batch, epoch) => {
      addEvents(topics, batch, epoch);
      return gate.open();
    },
    records: (batch, places, sequences, epoch) => {
      const source: EventSource = { batch, index: 0, sequence: 0, epoch };
      for (let i = 0; i < places.length; i += 1) {
        source.index = places[i]!;
        source.sequence = sequences[i]!;
        topics[batch.topics[source.index]!]!.add(source); // as in addEvents
      }
      return gate.open();
    },
    scores: (rows) => all(scores, rows),
    checks: (rows) => all(checks, rows),
    alerts: (rows) => all(alerts, rows),
    deadLetters: (rows) => all(letters, rows),
    ready: () => gate.open(),
    flush: () => acknowledged('flush'),
    settle: () => acknowledged('settle'),
    state: () => writers.map((writer) => writer.state()),
    close: async (msMax = 10_000) => {
      const timer = setTimeout(() => abort.abort(), msMax);
      try {
        await acknowledged('flush');
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function limitsOf({ rowsMax, bytesMax, ageMsMax }: Partial<BlockLimits>): BlockLimits {
  return {
    rowsMax: rowsMax ?? 10_000,
    bytesMax: bytesMax ?? 8 * 1024 * 1024,
    ageMsMax: ageMsMax ?? 1_000,
  };
}

function addEvents(topics: readonly BlockWriter<EventSource>[], batch: Batch, epoch: number): void {
  const source: EventSource = { batch, index: 0, sequence: 0, epoch };
  for (let i = 0; i < batch.count; i += 1) {
    if (batch.verdicts[i] !== used) continue;
    source.index = i;
    source.sequence = batch.first + i;
    topics[batch.topics[i]!]!.add(source); // batches index the same topics
  }
}

type Letter = Omit<DeadLetter, 'reason'> & { reason: string };

/**
 * A refused row becomes a dead letter of its source record; a row of `dead_letters` itself cannot.
 */
function addLetter(letters: BlockWriter<Letter>, refused: RefusedRow): void {
  const { table, row, reason } = refused;
  if (table === 'dead_letters') return;
  letters.add({
    topic: String(row.topic ?? table),
    partition: coordinate(row.partition),
    offset: coordinate(row.offset),
    reason: 'refused',
    detail: `${table}: ${reason}`.slice(0, 2_000),
    raw: JSON.stringify(row),
  });
}

/** 0 where the row has none, or a wrong one: it is in `raw` as it is. */
function coordinate(value: unknown): number {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : 0;
}
