import { writeFileSync } from 'node:fs';

/** A uniform number in [0, 1), by a seed (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal numbers (Box and Muller). */
export function normal(seed: number): () => number {
  const next = uniform(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** A column's cell by the number of its row. */
export type Cells = (row: number) => number | string;

export function writeColumns(path: string, rows: number, columns: Readonly<Record<string, Cells>>) {
  const cells = Object.values(columns);
  const lines = [Object.keys(columns).join(',')];
  for (let row = 0; row < rows; row++) lines.push(cells.map((cell) => cell(row)).join(','));
  writeFileSync(path, `${lines.join('\n')}\n`);
}
