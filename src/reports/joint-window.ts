import type { Batch } from '../datasets/cell.js';
import { isNumeric } from '../datasets/collected-column.js';
import { createFourierSums, type FourierSums, mergeSums, rowAdder } from '../stats/fourier-sums.js';
import { type Figures, insufficient } from './comparison.js';
import {
  type ColumnSample,
  freezeJoint,
  type JointReference,
  jointTest,
  noNumbers,
} from './joint-test.js';

interface Begun {
  readonly reference: JointReference;
  /** Where the columns are in a batch. */
  readonly sources: readonly number[];
  readonly panes: readonly FourierSums[];
  readonly sum: FourierSums;
  readonly addRow: (to: FourierSums, rows: ArrayLike<number>) => void;
  readonly row: Float64Array;
}

/**
 * The sliding window as panes of sums of Fourier features, beside the panes of counts and turned
 * and evicted with them.
 */
export class JointWindow {
  readonly #samples: readonly ColumnSample[];
  readonly #paneCount: number;
  readonly #nWindow: number;
  #begun: Begun | null = null;
  #at = 0;

  constructor(samples: readonly ColumnSample[], nWindow: number, paneCount: number) {
    this.#samples = samples;
    this.#nWindow = nWindow;
    this.#paneCount = paneCount;
  }

  /** Freezes the reference over the columns that the input has; once, with the first rows. */
  begin(names: readonly string[]): void {
    if (this.#begun !== null) return;
    const columns = this.#samples.filter(({ name }) => names.includes(name));
    if (columns.length === 0) return;
    const reference = freezeJoint(columns, this.#nWindow);
    const { map } = reference;
    this.#begun = {
      reference,
      sources: columns.map(({ name }) => names.indexOf(name)),
      panes: Array.from({ length: this.#paneCount }, () => createFourierSums(map)),
      sum: createFourierSums(map),
      addRow: rowAdder(map),
      row: new Float64Array(columns.length),
    };
  }

  add(batch: Batch, from: number, rows: number): void {
    if (this.#begun === null) return;
    const { sources, panes, addRow, row } = this.#begun;
    const pane = panes[this.#at]!;
    for (let at = from; at < from + rows; at++) {
      for (let i = 0; i < sources.length; i++) {
        const { kinds, values } = batch.columns[sources[i]!]!;
        row[i] = isNumeric(kinds[at]!) ? values[at]! : Number.NaN;
      }
      addRow(pane, row);
    }
  }

  /** Takes a full pane into the window. */
  turn(): void {
    if (this.#begun !== null) mergeSums(this.#begun.sum, this.#begun.panes[this.#at]!);
  }

  /** Makes the oldest pane the next to be filled. */
  evict(): void {
    if (this.#begun === null) return;
    const { panes, sum } = this.#begun;
    this.#at = (this.#at + 1) % panes.length;
    const oldest = panes[this.#at]!;
    mergeSums(sum, oldest, -1);
    oldest.sums.fill(0);
    oldest.count = 0;
  }

  figures(level: number): Figures {
    if (this.#begun !== null) return jointTest(this.#begun.reference, this.#begun.sum, level);
    return insufficient('mmd', { nReference: 0, nCurrent: 0 }, noNumbers);
  }
}
