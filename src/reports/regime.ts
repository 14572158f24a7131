/** Windows that have to be alike for a state to be one. */
const settledBlocks = 3;
/** Of them those that the next change is told from. */
const comparedBlocks = 2;

/**
 * The state that a stream has come to since it left its reference: the counts of its last whole
 * windows, one after the other, and whether they have stopped changing. Only the last two are what
 * comes next is compared with: across a longer time slow change would look like a sudden one.
 */
export class Regime {
  /** Three windows in a row were alike. */
  isSettled = false;
  readonly #windowRows: number;
  #blocks: Uint32Array[] = [];
  #blockEnd: number;

  /** @param row where the new state is taken to begin */
  constructor(row: number, windowRows: number) {
    this.#windowRows = windowRows;
    this.#blockEnd = row + windowRows;
  }

  /** Sum of the windows that a change is told from. */
  get counts(): Uint32Array {
    const blocks = this.#blocks.slice(-comparedBlocks);
    const sum = new Uint32Array(blocks[0]?.length ?? 0);
    for (const block of blocks) for (let i = 0; i < sum.length; i++) sum[i]! += block[i]!;
    return sum;
  }

  /** Takes the window that ends at `to` where it is the next. */
  take(
    to: number,
    window: Uint32Array,
    isAlike: (a: Uint32Array, b: Uint32Array) => boolean,
  ): void {
    if (to < this.#blockEnd) return;
    this.#blockEnd = to + this.#windowRows;
    this.#blocks.push(window.slice());
    if (this.#blocks.length > settledBlocks) this.#blocks.shift();
    if (this.isSettled || this.#blocks.length < settledBlocks) return;
    this.isSettled = this.#blocks.slice(0, -1).every((block) => isAlike(block, window));
  }
}
