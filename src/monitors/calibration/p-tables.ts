import { chiSquareSf } from '../../stats/chi-square.js';
import { ksTiesFactor } from '../../stats/ks-ties.js';
import { kstwoSf } from '../../stats/kstwo.js';
import { normalSf } from '../../stats/normal.js';
import type { Counts } from '../../stats/shares.js';

/** -ln p of a statistic, read from a table; 69 where p is below 1e-30. */
export type PTable = (statistic: number) => number;

/** -ln p beyond which nothing is told apart: far below any level. */
export const deepest = 69;
const STEPS = 2048;
/** A smooth curve that takes 50 us a step for each reference: off by less than 1e-2. */
const TIES_STEPS = 48;

/** -ln of a survival function, linear between the steps: 2,048 are off by less than 1e-3. */
function tableOf(survival: (x: number) => number, high: number, steps = STEPS): PTable {
  const table = new Float64Array(steps + 2).fill(deepest);
  for (let i = 0; i <= steps; i++) {
    table[i] = Math.min(deepest, -Math.log(survival((i / steps) * high)));
  }
  const factor = steps / high;
  return (x) => {
    const at = x * factor;
    const i = Math.floor(at);
    if (i >= steps) return deepest;
    return table[i]! + (at - i) * (table[i + 1]! - table[i]!);
  };
}

const ksTables = new Map<number, PTable>();
const KS_TABLES_MAX = 64;

/** Of the distance, by the law of `ksAtEdges`; kept, since a table takes 40 ms. */
function ksTable(effectiveSize: number): PTable {
  const known = ksTables.get(effectiveSize);
  if (known !== undefined) return known;
  // exp(-2 n d^2) has fallen to 1e-30 here.
  const high = Math.min(1, Math.sqrt(deepest / (2 * effectiveSize)));
  const table = tableOf((d) => kstwoSf(d, effectiveSize), high);
  const [first] = ksTables.keys();
  if (first !== undefined && ksTables.size >= KS_TABLES_MAX) ksTables.delete(first);
  ksTables.set(effectiveSize, table);
  return table;
}

/** Kept as long as the counts are, since several rules may watch one reference. */
const tiesTables = new WeakMap<Counts, { readonly size: number; readonly table: PTable }>();

/** Of the distance, where the reference may have ties: by the law of `ksTiesFactor`. */
export function ksTiesTable(reference: Counts, effectiveSize: number): PTable {
  const known = tiesTables.get(reference);
  if (known?.size === effectiveSize) return known.table;
  const table = newTiesTable(reference, effectiveSize);
  tiesTables.set(reference, { size: effectiveSize, table });
  return table;
}

function newTiesTable(reference: Counts, effectiveSize: number): PTable {
  const continuous = ksTable(effectiveSize);
  const factor = ksTiesFactor(reference);
  if (factor === null) return continuous;
  const high = Math.sqrt(deepest / (2 * effectiveSize));
  const table = tableOf((d) => factor(d, effectiveSize), high, TIES_STEPS);
  return (d) => Math.min(deepest, continuous(d) + table(d));
}

const chiSquareTables: PTable[] = [];

/** Of a chi-square statistic; degrees of freedom are at most some dozens. */
export function chiSquareTable(df: number): PTable {
  chiSquareTables[df] ??=
    df === 0 ? () => 0 : tableOf((x) => chiSquareSf(x, df), 2 * deepest + 4 * df);
  return chiSquareTables[df];
}

/** Of the rank sum's standard score without its sign. */
export const rankSumTable: PTable = tableOf((z) => 2 * normalSf(z), Math.sqrt(2 * deepest));
