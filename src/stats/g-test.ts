import { chiSquareSf } from './chi-square.js';
import { type Counts, total } from './shares.js';

export interface GTest {
  /** `insufficient-data` where one side is empty or one bin is all there is. */
  readonly status: 'ok' | 'insufficient-data';
  readonly statistic: number;
  readonly df: number;
  readonly pValue: number;
}

/**
 * Likelihood-ratio test that two counts of the same bins come from one law, `2 sum o ln(o / e)`
 * (Sokal and Rohlf); bins empty on both sides do not count. Merge small bins first (`mergePlan`).
 */
export function gTest(reference: Counts, current: Counts): GTest {
  const n = total(reference);
  const m = total(current);
  let sum = 0;
  let bins = 0;
  for (let i = 0; i < reference.length; i++) {
    const both = reference[i]! + current[i]!;
    if (both === 0) continue;
    bins++;
    sum += term(reference[i]!, (both * n) / (n + m)) + term(current[i]!, (both * m) / (n + m));
  }
  const status = n === 0 || m === 0 || bins < 2 ? 'insufficient-data' : 'ok';
  if (status !== 'ok') return { status, statistic: 0, df: Math.max(0, bins - 1), pValue: 1 };
  const statistic = Math.max(0, 2 * sum);
  return { status, statistic, df: bins - 1, pValue: chiSquareSf(statistic, bins - 1) };
}

const term = (observed: number, expected: number): number =>
  observed === 0 ? 0 : observed * Math.log(observed / expected);
