import { batchRows } from './onnx-session.js';

/** What scores a full batch: an `OnnxSession`. */
export interface BatchModel {
  readonly inputCount: number;
  readonly rows: Float32Array;
  readonly run: () => Promise<Float32Array>;
}

/** One row to be scored. */
export interface ScoringRow {
  /** Number of the row among all of its task: its place in a batch is `position` modulo 64. */
  readonly position: number;
  /** The inputs stand from `at` on; NaN for null. */
  readonly inputs: Float64Array;
  readonly at: number;
}

/** By model: the end of the last call; partitions of one process share its one array of rows. */
const turns = new WeakMap<BatchModel, Promise<unknown>>();

/**
 * Scores rows in fixed batches. A row's place follows from its position, so its score is the same
 * bits whatever it is batched with.
 */
export class Scorer {
  /** Batches that failed twice: their rows have null scores. */
  failed = 0;
  /** Batches that failed once. */
  retried = 0;
  readonly #model: BatchModel;

  constructor(model: BatchModel) {
    this.#model = model;
  }

  /**
   * Scores in the order of the rows; null where the model failed or gave no number. Calls wait
   * their turn, those of other scorers of the model too.
   */
  score(rows: readonly ScoringRow[]): Promise<(number | null)[]> {
    const before = turns.get(this.#model) ?? Promise.resolve();
    const turn = before.then(() => this.#scoreAll(rows));
    turns.set(
      this.#model,
      turn.catch(() => undefined),
    );
    return turn;
  }

  async #scoreAll(rows: readonly ScoringRow[]): Promise<(number | null)[]> {
    const scores = new Array<number | null>(rows.length).fill(null);
    for (const batch of batchesOf(rows)) {
      this.#model.rows.fill(0);
      for (const index of batch) this.#place(rows[index]!);
      const output = await this.#attempt();
      if (output === null) continue;
      for (const index of batch) {
        const score = output[rows[index]!.position % batchRows]!;
        if (Number.isFinite(score)) scores[index] = score;
      }
    }
    return scores;
  }

  #place({ position, inputs, at }: ScoringRow): void {
    const { inputCount, rows } = this.#model;
    const start = (position % batchRows) * inputCount;
    for (let i = 0; i < inputCount; i++) rows[start + i] = inputs[at + i]!;
  }

  async #attempt(): Promise<Float32Array | null> {
    try {
      return await this.#model.run();
    } catch {
      this.retried++;
    }
    try {
      return await this.#model.run();
    } catch {
      this.failed++;
      return null;
    }
  }
}

/** Indices by batch: a row goes to the first batch where its place is free. */
function batchesOf(rows: readonly ScoringRow[]): number[][] {
  const taken = new Int32Array(batchRows);
  const batches: number[][] = [];
  for (const [index, { position }] of rows.entries()) {
    const batch = taken[position % batchRows]!++;
    const list = batches[batch];
    if (list === undefined) batches.push([index]);
    else list.push(index);
  }
  return batches;
}
