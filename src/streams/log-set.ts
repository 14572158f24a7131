import { join } from 'node:path';
import { WeirError } from '../errors.js';
import type { Stage } from '../operators/stage.js';
import type { Batch } from '../records/batch.js';
import type { Frame } from '../records/frame.js';
import { decodeFrame, encodeFrame, headerOf, type Room, type RowReader } from './frame-codec.js';
import { mergeFrames } from './merge-frames.js';
import { StoredScores } from './score-log.js';
import { type Log, openLog } from './storage/log.js';

/** The log of scores, which follow from the others but for the model; stands beside them. */
export const scoresName = 'scores';

/** The frames of one batch, as every log has them. */
export interface LoggedBatch {
  /** By stage, by partition. */
  readonly frames: readonly (readonly Frame[])[];
  /** The records that are not used. */
  readonly refused: Frame;
}

/**
 * One log per task, and one for the records that no task takes. A batch is in the logs when it is
 * in every one of them.
 */
export class LogSet {
  /** What models answered; behind the others by at most the batch under way. */
  readonly scores: StoredScores;
  readonly #refused: Log;
  /** By stage, by partition. */
  readonly #logs: readonly (readonly Log[])[];
  readonly #room: Room = { bytes: Buffer.allocUnsafeSlow(64 * 1024) };

  /** Opens the logs under `directory` and cuts batches that a crash left in some of them only. */
  constructor(directory: string, stages: readonly Stage[], partitions: number) {
    const open = (name: string): Log => openLog(join(directory, name));
    this.#refused = open('refused.0');
    this.#logs = stages.map((stage) =>
      Array.from({ length: partitions }, (_, partition) => open(`${stage.name}.${partition}`)),
    );
    const last = this.lastBatch;
    for (const log of this.#all) log.truncateAfter(last);
    this.scores = new StoredScores(join(directory, scoresName), last);
  }

  /** The last batch that every log has; -1 for none. */
  get lastBatch(): number {
    return Math.min(...this.#all.map((log) => log.lastBatch));
  }

  get bytes(): number {
    return this.#all.reduce((sum, log) => sum + log.bytes, this.scores.bytes);
  }

  get #all(): Log[] {
    return [this.#refused, ...this.#logs.flat()];
  }

  append(batch: Batch, { frames, refused }: LoggedBatch): void {
    const header = headerOf(batch);
    for (const [stage, logs] of this.#logs.entries()) {
      for (const [partition, log] of logs.entries()) {
        log.append(batch.batch, encodeFrame(frames[stage]![partition]!, header, this.#room));
      }
    }
    this.#refused.append(batch.batch, encodeFrame(refused, header, this.#room));
  }

  /** The batches after `batch`, in order, put together from all logs. */
  *read(batch: number, readRow: RowReader): Generator<Batch> {
    this.scores.load(batch);
    const readers = this.#logs.map((logs) => logs.map((log) => log.read(batch)));
    let expected = batch + 1;
    try {
      for (const { batch: number, payload } of this.#refused.read(batch)) {
        // After a power cut a snapshot can be ahead of the logs: they go on behind it, with a gap.
        if (number !== expected) throw missing(expected);
        expected++;
        const frames = readers.map((partitions) =>
          partitions.map((reader) => {
            const next = reader.next();
            if (next.done || next.value.batch !== number) throw missing(number);
            return decodeFrame(next.value.payload, readRow);
          }),
        );
        yield mergeFrames([...frames.flat(), decodeFrame(payload, readRow)]);
      }
    } finally {
      // They wait behind the last batch; an open file would keep a dropped segment's space.
      for (const reader of readers.flat()) reader.return();
    }
  }

  /** Lets go of what no recovery needs: segments wholly before `batch`. */
  dropBefore(batch: number): void {
    for (const log of [...this.#all, this.scores]) log.dropBefore(batch);
  }

  sync(): void {
    for (const log of [...this.#all, this.scores]) log.sync();
  }

  close(): void {
    for (const log of [...this.#all, this.scores]) log.close();
  }
}

function missing(batch: number): WeirError {
  return new WeirError(
    'segment-corrupt',
    `batch ${batch} is not in every log: a segment file was removed or belongs to another run; restore it, or start over with --reset`,
  );
}
