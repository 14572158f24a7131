import { WeirError } from '../errors.js';
import type { ScoredModel } from '../operators/model-scorer.js';
import type { ScoreLog } from '../operators/score-events.js';
import { type Log, openLog } from './storage/log.js';

/** Scores on disk, one frame per batch: what a model answered is never asked again. */
export class StoredScores implements ScoreLog {
  readonly #log: Log;
  /** Batches that a recovery will take again. */
  readonly #known = new Map<number, readonly ScoredModel[]>();

  /** Opens the log and cuts what goes beyond `lastBatch` of the logs that it follows. */
  constructor(directory: string, lastBatch: number) {
    this.#log = openLog(directory);
    this.#log.truncateAfter(lastBatch);
  }

  get bytes(): number {
    return this.#log.bytes;
  }

  /** Reads the batches after `batch`, which a recovery is about to take. */
  load(batch: number): void {
    for (const frame of this.#log.read(batch)) {
      this.#known.set(frame.batch, parse(Buffer.from(frame.payload).toString(), frame.batch));
    }
  }

  find(batch: number): readonly ScoredModel[] | undefined {
    const known = this.#known.get(batch);
    this.#known.delete(batch);
    return known;
  }

  append(batch: number, scored: readonly ScoredModel[]): void {
    this.#log.append(batch, Buffer.from(JSON.stringify(scored)));
  }

  dropBefore(batch: number): void {
    this.#log.dropBefore(batch);
  }

  sync(): void {
    this.#log.sync();
  }

  close(): void {
    this.#log.close();
  }
}

function parse(text: string, batch: number): readonly ScoredModel[] {
  try {
    return JSON.parse(text) as readonly ScoredModel[]; // as `append` wrote it, its checksum sound
  } catch (cause) {
    const message = `the scores of batch ${batch} are no scores of this version; start over with --reset`;
    throw new WeirError('segment-corrupt', message, { cause });
  }
}
