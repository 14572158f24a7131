import { binomialCdf } from '../stats/binomial-cdf.js';

/** One number, and how far it is from what is expected: 0 where it is not. */
export interface Measured {
  readonly statistic: number;
  readonly effect: number;
  readonly n: number;
  /** Chance of a share so far from what is expected; null where no chance is in it. */
  readonly pValue: number | null;
  readonly method: string;
  readonly detail?: string;
}

/** At least `mostly` of `n`: all of them without chance, else by the binomial law. */
export function share(holds: number, n: number, mostly: number): Measured | string {
  if (n === 0) return 'no entity was seen';
  const statistic = holds / n;
  const effect = Math.max(0, mostly - statistic);
  const pValue = mostly < 1 ? binomialCdf(holds, n, mostly) : null;
  return { statistic, effect, n, pValue, method: pValue === null ? 'all' : 'binomial' };
}

/** Within `[min, max]`; the effect is the distance from it. */
export function interval(
  statistic: number,
  { min, max }: { readonly min?: number | undefined; readonly max?: number | undefined },
  n: number,
): Measured {
  const below = min === undefined ? 0 : min - statistic;
  const above = max === undefined ? 0 : statistic - max;
  return {
    statistic,
    effect: Math.max(0, below, above),
    n,
    pValue: null,
    method: 'bounds',
  };
}
