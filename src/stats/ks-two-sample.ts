import { ksEffectiveSize } from './ks-effective-size.js';
import { ksExactP } from './ks-exact-p.js';
import { kstwoSf } from './kstwo.js';

export interface KsTwoSample {
  /** `insufficient-data` where one sample is empty; the statistic is then 0 and p is 1. */
  readonly status: 'ok' | 'insufficient-data';
  readonly statistic: number;
  readonly pValue: number;
  /** The law of the p-value: the lattice count, or the one-sample law at `ksEffectiveSize`. */
  readonly method: 'exact' | 'kstwo';
}

/** Up to here in both samples the p-value is exact, as in scipy's `ks_2samp`. */
const EXACT_LIMIT = 10_000;

/**
 * Two-sample two-sided Kolmogorov-Smirnov test. The statistic is exact, ties included; p as scipy's
 * `ks_2samp`. Null, then NaN and the infinities, count as values above all numbers, as in
 * `ksAtEdges`. Time grows as (n + m) log(n + m), and for `exact` as the band of paths counted: 50
 * ms for two samples of 10,000 at D = 0.05.
 */
export function ksTwoSample(
  first: ArrayLike<number | null>,
  second: ArrayLike<number | null>,
  method: 'auto' | 'exact' | 'kstwo' = 'auto',
): KsTwoSample {
  const n = first.length;
  const m = second.length;
  const isExact = method === 'exact' || (method === 'auto' && Math.max(n, m) <= EXACT_LIMIT);
  const law = isExact ? 'exact' : 'kstwo';
  if (n === 0 || m === 0) {
    return { status: 'insufficient-data', statistic: 0, pValue: 1, method: law };
  }
  const steps = largestGap(split(first), split(second));
  const statistic = steps / (n * m);
  const pValue = isExact ? ksExactP(steps, n, m) : kstwoSf(statistic, ksEffectiveSize(n, m));
  return { status: 'ok', statistic, pValue, method: law };
}

interface Sample {
  readonly sorted: Float64Array;
  readonly nulls: number;
  readonly size: number;
}

function split(values: ArrayLike<number | null>): Sample {
  const sorted = new Float64Array(values.length);
  let finite = 0;
  let nulls = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === null || value === undefined) nulls++;
    else if (Number.isFinite(value)) sorted[finite++] = value;
  }
  return { sorted: sorted.subarray(0, finite).sort(), nulls, size: values.length };
}

/** D in steps of 1/(nm), a whole number: both samples are merged and compared after each tie. */
function largestGap(a: Sample, b: Sample): number {
  const x = a.sorted;
  const y = b.sorted;
  let i = 0;
  let j = 0;
  let gap = 0;
  while (i < x.length || j < y.length) {
    const at = i < x.length && (j >= y.length || x[i]! <= y[j]!) ? x[i]! : y[j]!;
    while (i < x.length && x[i] === at) i++;
    while (j < y.length && y[j] === at) j++;
    gap = Math.max(gap, Math.abs(i * b.size - j * a.size));
  }
  const afterNulls = (i + a.nulls) * b.size - (j + b.nulls) * a.size;
  return Math.max(gap, Math.abs(afterNulls));
}
