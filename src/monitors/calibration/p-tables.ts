import { chiSquareSf } from '../../stats/chi-square.js';
import { kstwoSf } from '../../stats/kstwo.js';
import { normalSf } from '../../stats/normal.js';

/** -ln p of a statistic, read from a table; 69 where p is below 1e-30. */
export type PTable = (statistic: number) => number;

/** -ln p beyond which nothing is told apart: far below any level. */
const DEEPEST = 69;
const STEPS = 2048;

/** -ln of a survival function, linear between 2,048 steps: off by less than 1e-3. */
function tableOf(survival: (x: number) => number, high: number): PTable {
  const table = new Float64Array(STEPS + 2).fill(DEEPEST);
  for (let i = 0; i <= STEPS; i++) {
    table[i] = Math.min(DEEPEST, -Math.log(survival((i / STEPS) * high)));
  }
  const factor = STEPS / high;
  return (x) => {
    const at = x * factor;
    const i = Math.floor(at);
    if (i >= STEPS) return DEEPEST;
    return table[i]! + (at - i) * (table[i + 1]! - table[i]!);
  };
}

const ksTables = new Map<number, PTable>();
const KS_TABLES_MAX = 64;

/** Of the distance, by the law of `ksAtEdges`; kept, since a table takes 40 ms. */
export function ksTable(effectiveSize: number): PTable {
  const known = ksTables.get(effectiveSize);
  if (known !== undefined) return known;
  // exp(-2 n d^2) has fallen to 1e-30 here.
  const high = Math.min(1, Math.sqrt(DEEPEST / (2 * effectiveSize)));
  const table = tableOf((d) => kstwoSf(d, effectiveSize), high);
  const [first] = ksTables.keys();
  if (first !== undefined && ksTables.size >= KS_TABLES_MAX) ksTables.delete(first);
  ksTables.set(effectiveSize, table);
  return table;
}

const psiTables: PTable[] = [];

/** Of PSI over 1/N + 1/M, for one degree of freedom fewer than groups: at most some dozens. */
export function psiTable(df: number): PTable {
  psiTables[df] ??= df === 0 ? () => 0 : tableOf((x) => chiSquareSf(x, df), 2 * DEEPEST + 4 * df);
  return psiTables[df];
}

/** Of the rank sum's standard score without its sign. */
export const rankSumTable: PTable = tableOf((z) => 2 * normalSf(z), Math.sqrt(2 * DEEPEST));
