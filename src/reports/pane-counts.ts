import type { Batch } from '../datasets/cell.js';
import { WeirError } from '../errors.js';
import { greatestDivisor } from '../stats/greatest-divisor.js';
import { countCells } from './edge-grid.js';
import type { FrozenColumn } from './frozen-column.js';
import type { Moment } from './report.js';

/** Counts kept for one window, at most: 1 GiB of them. */
const countsMax = 1 << 28;

/** Where each column's counts start; one more for the end. */
export function offsetsOf(columns: readonly FrozenColumn[]): readonly number[] {
  const offsets = [0];
  for (const { counts } of columns) offsets.push(offsets.at(-1)! + counts.length);
  return offsets;
}

interface Pane {
  readonly counts: Uint32Array;
  rows: number;
  firstTime: Moment;
  lastTime: Moment;
}

/**
 * The sliding window as panes of counts: a pane is as many rows as divide both window and slide, a
 * window is the sum of its panes, and sliding adds the newest and subtracts the oldest.
 */
export class PaneCounts {
  /** Of the window, by column at its offset. */
  readonly sum: Uint32Array;
  /** Rows counted so far. */
  rows = 0;
  readonly #columns: readonly FrozenColumn[];
  readonly #offsets: readonly number[];
  readonly #panes: Pane[];
  readonly #paneRows: number;
  readonly #slide: number;
  #at = 0;

  constructor(columns: readonly FrozenColumn[], nWindow: number, slide: number) {
    this.#columns = columns;
    this.#offsets = offsetsOf(columns);
    this.#paneRows = greatestDivisor(nWindow, slide);
    this.#slide = slide;
    const size = this.#offsets.at(-1)!;
    const panes = nWindow / this.#paneRows;
    if (panes * size > countsMax) {
      throw new WeirError(
        'wrong-use',
        `--slide: expected a divisor of --window that leaves at most ${Math.floor(countsMax / size)} panes a window; found ${panes} for ${nWindow} and ${slide}; choose a slide such as ${Math.ceil(nWindow / 10)}`,
      );
    }
    this.sum = new Uint32Array(size);
    this.#panes = Array.from({ length: panes }, () => ({
      counts: new Uint32Array(size),
      rows: 0,
      firstTime: null,
      lastTime: null,
    }));
  }

  /** Panes of a window. */
  get count(): number {
    return this.#panes.length;
  }

  /** Rows until a pane is full. */
  get room(): number {
    return this.#paneRows - this.#panes[this.#at]!.rows;
  }

  /** Counts rows of a batch, no more than there is room for. */
  add(batch: Batch, sources: readonly number[], from: number, rows: number, time: TimeOf): void {
    const pane = this.#panes[this.#at]!;
    for (const [i, column] of this.#columns.entries()) {
      const { place } = column;
      const offset = this.#offsets[i]!;
      const { counts } = pane;
      const source = batch.columns[sources[i]!];
      if (source === undefined) {
        counts[offset + column.firstMissing]! += rows;
        continue;
      }
      if (column.grid !== null) {
        countCells(column.grid, source, { from, to: from + rows }, counts, offset);
        continue;
      }
      const { kinds, values } = source;
      for (let row = from; row < from + rows; row++) {
        counts[offset + place(kinds[row]!, values[row]!)]!++;
      }
    }
    if (pane.rows === 0) pane.firstTime = time(from);
    pane.lastTime = time(from + rows - 1);
    pane.rows += rows;
    this.rows += rows;
  }

  /** Takes a full pane into the window; whether a slide is complete and the window full. */
  turn(): boolean {
    const { sum } = this;
    const { counts } = this.#panes[this.#at]!;
    for (let i = 0; i < sum.length; i++) sum[i]! += counts[i]!;
    return this.rows >= this.#windowRows && (this.rows - this.#windowRows) % this.#slide === 0;
  }

  /** Makes the oldest pane the next to be filled. */
  evict(): void {
    this.#at = (this.#at + 1) % this.#panes.length;
    const oldest = this.#panes[this.#at]!;
    const { sum } = this;
    for (let i = 0; i < sum.length; i++) sum[i]! -= oldest.counts[i]!;
    oldest.counts.fill(0);
    oldest.rows = 0;
  }

  /** Times of the first and the last row of the window. */
  times(): { readonly first: Moment; readonly last: Moment } {
    const held = this.#panes.length;
    const isRound = this.rows >= this.#windowRows;
    const oldest = this.#panes[isRound ? (this.#at + 1) % held : 0]!;
    return { first: oldest.firstTime, last: this.#panes[this.#at]!.lastTime };
  }

  get #windowRows(): number {
    return this.#panes.length * this.#paneRows;
  }
}

export type TimeOf = (row: number) => Moment;
