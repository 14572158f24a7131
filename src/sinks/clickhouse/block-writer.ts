import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { WeirError } from '../../errors.js';
import { jitteredWaitMs } from '../back-off.js';
import type { Clickhouse, InsertOutcome } from './client.js';
import { columnType } from './column-type.js';
import type { Gate } from './gate.js';
import type { RefusedRow } from './refused-row.js';
import { createRowBytes, type RowBytes } from './row-bytes.js';
import type { RowWriter } from './row-writer.js';

export interface BlockLimits {
  readonly rowsMax: number;
  readonly bytesMax: number;
  /** A block is sent when its oldest row has waited this long. */
  readonly ageMsMax: number;
}

/** Told of each block that was acknowledged, for histograms. */
export type OnInsert = (table: string, rows: number, bytes: number, seconds: number) => void;

/** What a table's writer has done so far. */
export interface WriterState {
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
  readonly blocks: number;
  readonly retries: number;
  readonly refused: number;
  /** Rows taken and not yet acknowledged or refused. */
  readonly pending: number;
  /** How long the oldest of them has waited, ms; 0 where there is none. */
  readonly oldestPendingMs: number;
  /** How long the insert under way has gone without an answer, ms; 0 where none is under way. */
  readonly unansweredMs: number;
  /** How long the last insert that was answered took, s; null before the first. */
  readonly lastInsertSeconds: number | null;
  /** Why rows are waiting; null while they are not. */
  readonly waitingFor: string | null;
}

export interface BlockWriterOptions<Source> {
  readonly clickhouse: Clickhouse;
  readonly table: string;
  readonly row: RowWriter<Source>;
  readonly limits: BlockLimits;
  /** Bounds the blocks that wait, over all tables. */
  readonly gate: Gate;
  readonly onRefused: (row: RefusedRow) => void;
  readonly onInsert: OnInsert;
  readonly signal: AbortSignal;
}

/** Rows that are sent together. */
interface Block {
  readonly bytes: Buffer;
  /** Where each row begins, and where the last one ends. */
  readonly offsets: readonly number[];
}

/** Least memory a block begins with; else what the one before it took, and some more. */
const firstBytes = 16 * 1024;
/** A snapshot waits for its rows: no longer than this for company of theirs. */
const settleMsMax = 1_000;

/**
 * Gathers rows of one table into blocks and sends them one after the other, until each is
 * acknowledged.
 */
export class BlockWriter<Source> {
  private readonly options: BlockWriterOptions<Source>;
  private out: RowBytes = createRowBytes(firstBytes);
  private offsets: number[] = [0];
  /**
   * Memory of a block that was acknowledged: where each block takes its own, V8 marks the whole
   * heap again after every few of them, "external memory pressure".
   */
  private spare: RowBytes | null = null;
  private timer: NodeJS.Timeout | null = null;
  private tail: Promise<void> = Promise.resolve();
  private failure: WeirError | null = null;
  private readonly counts = { rows: 0, bytes: 0, blocks: 0, retries: 0, refused: 0, pending: 0 };
  private waitingFor: string | null = null;
  private lastInsertSeconds: number | null = null;
  /** When the insert under way was sent; null where none is. */
  private sentMs: number | null = null;
  /** Who waits for the block being filled to be closed. */
  private readonly unsealed: (() => void)[] = [];
  /** When the first row of the block being filled came. */
  private filledMs = 0;
  /** The same of the blocks that are sealed, oldest first. */
  private readonly sealedMs: number[] = [];

  constructor(options: BlockWriterOptions<Source>) {
    this.options = options;
  }

  /** Takes a row; one with a value that its column cannot hold is refused here and now. */
  add(source: Source): void {
    const { out, offsets } = this;
    const count = offsets.length;
    const column = this.options.row.write(out, source);
    if (column >= 0) {
      out.at = offsets[count - 1]!;
      this.refuse(this.refusedSource(source, column));
      return;
    }
    if (count === 1) this.filledMs = performance.now();
    offsets.push(out.at);
    this.counts.pending += 1;
    const { rowsMax, bytesMax, ageMsMax } = this.options.limits;
    if (count >= rowsMax || out.at >= bytesMax) this.seal();
    else this.timer ??= setTimeout(() => this.seal(), ageMsMax).unref();
  }

  /** Closes the block being filled and queues it. */
  seal(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const { out, offsets } = this;
    if (offsets.length === 1) return;
    const block = { bytes: out.bytes.subarray(0, out.at), offsets };
    this.out = this.spare ?? createRowBytes(Math.max(firstBytes, Math.ceil(1.1 * out.at)));
    this.spare = null;
    this.offsets = [0];
    for (const resolve of this.unsealed.splice(0)) resolve();
    this.sealedMs.push(this.filledMs);
    this.options.gate.enter();
    this.tail = this.tail
      .then(() => this.send(block, 0, offsets.length - 1))
      .then(() => {
        this.spare = out;
        out.at = 0;
      })
      .catch((error: WeirError) => {
        this.failure ??= error;
      })
      .finally(() => {
        this.sealedMs.shift();
        this.options.gate.leave();
      });
  }

  /**
   * As `flush`, but the block being filled goes on until it is full or old. Where it may grow older
   * than `settleMsMax` it is closed now.
   */
  async settle(): Promise<void> {
    if (this.options.limits.ageMsMax > settleMsMax) this.seal();
    else if (this.offsets.length > 1) {
      await new Promise<void>((resolve) => this.unsealed.push(resolve));
    }
    await this.flushed();
  }

  /** Resolves when every row taken so far is acknowledged or refused; it waits for no later one. */
  async flush(): Promise<void> {
    this.seal();
    await this.flushed();
  }

  private async flushed(): Promise<void> {
    await this.tail;
    if (this.failure !== null) throw this.failure;
  }

  state(): WriterState {
    const { counts, waitingFor, lastInsertSeconds } = this;
    const nowMs = performance.now();
    const oldest = this.sealedMs[0] ?? (this.offsets.length > 1 ? this.filledMs : nowMs);
    return {
      table: this.options.table,
      ...counts,
      oldestPendingMs: nowMs - oldest,
      unansweredMs: this.sentMs === null ? 0 : nowMs - this.sentMs,
      lastInsertSeconds,
      waitingFor,
    };
  }

  /** Sends rows `from` to `end`, halved until the rows that the server refuses stand alone. */
  private async send(block: Block, from: number, end: number): Promise<void> {
    if (this.failure !== null) return; // the process is closing; the log still has these rows
    const { bytes, offsets } = block;
    const rows = end - from;
    const body = bytes.subarray(offsets[from], offsets[end]);
    const outcome = await this.insertUntilAnswered(body);
    this.counts.blocks += 1;
    if (outcome.ok) {
      this.counts.rows += rows;
      this.counts.bytes += body.length;
      this.counts.pending -= rows;
      this.options.onInsert(this.options.table, rows, body.length, this.lastInsertSeconds ?? 0);
    } else if (rows > 1) {
      const middle = from + (rows >> 1);
      await this.send(block, from, middle);
      await this.send(block, middle, end);
    } else {
      this.counts.pending -= 1;
      this.refuse(this.refusedBytes(body, outcome.reason));
    }
  }

  private async insertUntilAnswered(body: Buffer): Promise<InsertOutcome> {
    const { clickhouse, table, row, signal } = this.options;
    const { columns } = row;
    // By content: rows of several tasks meet in one block, so first and last position do not name
    // it.
    const token = `${table}-${createHash('sha1').update(body).digest('hex')}`;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const outcome = await this.timed(() => clickhouse.insert({ table, columns, body, token }));
        this.waitingFor = null;
        return outcome;
      } catch (error) {
        if (!(error instanceof WeirError)) throw error;
        this.counts.retries += 1;
        this.waitingFor = error.message;
        await this.pause(attempt, signal, error);
      }
    }
  }

  private async timed<T>(call: () => Promise<T>): Promise<T> {
    const sentMs = performance.now();
    this.sentMs = sentMs;
    try {
      const answer = await call();
      this.lastInsertSeconds = (performance.now() - sentMs) / 1_000;
      return answer;
    } finally {
      this.sentMs = null;
    }
  }

  private async pause(attempt: number, signal: AbortSignal, cause: WeirError): Promise<void> {
    const waitMs = jitteredWaitMs(attempt, 50, 10_000);
    try {
      await delay(waitMs, undefined, { signal });
    } catch {
      throw new WeirError(
        'clickhouse-failed',
        `table ${this.options.table}: rows were not acknowledged when Weir closed (${cause.message}); they are written again from the log at the next start`,
        { cause },
      );
    }
  }

  private refuse(row: RefusedRow): void {
    this.counts.refused += 1;
    this.options.onRefused(row);
  }

  private refusedSource(source: Source, column: number): RefusedRow {
    const { table, row } = this.options;
    const { columns } = row;
    const { name, type, value } = columns[column]!; // the writer's own number
    const found = String(JSON.stringify(value(source)) ?? value(source)).slice(0, 200);
    const reason = `expected ${type} in column ${name}, found ${found}`;
    const values = columns.map((one) => [one.name, one.value(source)]);
    return { table, reason, row: Object.fromEntries(values) };
  }

  private refusedBytes(bytes: Buffer, reason: string): RefusedRow {
    const { table, row } = this.options;
    const cursor = { bytes, at: 0 };
    const values = row.columns.map(({ name, type }) => [name, columnType(type).read(cursor)]);
    return { table, reason, row: Object.fromEntries(values) };
  }
}
