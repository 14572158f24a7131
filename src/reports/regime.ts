/** Windows of a new state that are kept, to tell the next change from. */
const blocksMax = 3;

/**
 * The state that a stream has come to since it left its reference: counts of whole windows, one
 * after the other, and whether they have stopped changing.
 */
export class Regime {
  /** Two windows in a row were alike. */
  isSettled = false;
  readonly #windowRows: number;
  #blocks: Uint32Array[] = [];
  #blockEnd: number;

  /** @param row where the new state is taken to begin */
  constructor(row: number, windowRows: number) {
    this.#windowRows = windowRows;
    this.#blockEnd = row + windowRows;
  }

  /** Sum of the windows that are kept. */
  get counts(): Uint32Array {
    const sum = new Uint32Array(this.#blocks[0]?.length ?? 0);
    for (const block of this.#blocks) {
      for (let i = 0; i < sum.length; i++) sum[i]! += block[i]!;
    }
    return sum;
  }

  /** Takes the window that ends at `to` where it is the next; whether it was. */
  take(to: number, window: Uint32Array, isAlike: (a: Uint32Array, b: Uint32Array) => boolean) {
    if (to < this.#blockEnd) return false;
    this.#blockEnd = to + this.#windowRows;
    const before = this.#blocks.at(-1);
    this.#blocks.push(window.slice());
    if (this.#blocks.length > blocksMax) this.#blocks.shift();
    if (!this.isSettled && before !== undefined) {
      this.isSettled = isAlike(before, window);
      // What is still moving is no state: only its end is.
      if (this.#blocks.length > 2 && !this.isSettled) this.#blocks.shift();
    }
    return true;
  }
}
