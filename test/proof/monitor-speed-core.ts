import { readFileSync } from 'node:fs';
import { batchRows, cellKind } from '../../src/datasets/cell.js';
import { TextDictionary } from '../../src/datasets/text-dictionary.js';
import { freeze } from '../../src/reports/frozen-column.js';
import { offsetsOf, PaneCounts } from '../../src/reports/pane-counts.js';
import type { TestName } from '../../src/reports/report.js';
import { Criticals, windowTests } from '../../src/reports/window-tests.js';

interface Sizes {
  readonly features: number;
  readonly rows: number;
  readonly window: number;
  readonly slide: number;
}

/** The numbers of a .npy file of doubles, row after row. */
function numbersOf(path: string): Float64Array {
  const bytes = readFileSync(path);
  const start = 10 + bytes.readUInt16LE(8);
  return new Float64Array(
    bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length),
  );
}

/** Seconds for PSI, KS and rank sum of every window, counting included, of numbers in memory. */
export function timeFigures(
  referencePath: string,
  currentPath: string,
  { features, rows, window, slide }: Sizes,
): number {
  const reference = numbersOf(referencePath);
  const current = numbersOf(currentPath);
  const column = (all: Float64Array, j: number) =>
    Float64Array.from({ length: all.length / features }, (_, i) => all[i * features + j]!);
  const columns = Array.from({ length: features }, (_, j) => column(current, j));
  const frozen = columns.map((_, j) => {
    const values = column(reference, j);
    const kinds = new Uint8Array(values.length).fill(cellKind.number);
    return freeze({ name: `f${j}`, kinds, values, texts: new TextDictionary() }, 'number', window);
  });
  const kinds = new Uint8Array(batchRows).fill(cellKind.number);
  const sources = frozen.map((_, j) => j);
  const tests: ReadonlySet<TestName> = new Set(['psi', 'ks', 'rank-sum']);
  const criticals = new Criticals(1e-6);
  const panes = new PaneCounts(frozen, window, slide);
  const offsets = offsetsOf(frozen);
  let figures = 0;
  const start = performance.now();
  for (let row = 0; row < rows; row += batchRows) {
    const size = Math.min(batchRows, rows - row);
    const batch = {
      rows: size,
      columns: columns.map((values) => ({ kinds, values: values.subarray(row, row + size) })),
    };
    for (let from = 0; from < size; ) {
      const room = Math.min(size - from, panes.room);
      panes.add(batch, sources, from, room, () => null);
      from += room;
      if (panes.room > 0) continue;
      if (panes.turn()) {
        for (const [j, one] of frozen.entries()) {
          const counts = panes.sum.subarray(offsets[j]!, offsets[j + 1]!);
          figures += windowTests(one, one.counts, counts, tests, criticals).length;
        }
      }
      panes.evict();
    }
  }
  const seconds = (performance.now() - start) / 1000;
  const expected = (Math.floor((rows - window) / slide) + 1) * features * tests.size;
  if (figures !== expected) throw new Error(`expected ${expected} figures, found ${figures}`);
  return seconds;
}
