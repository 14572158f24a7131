import { chiSquareIsf, chiSquareSf } from './chi-square.js';
import { type Counts, total } from './shares.js';

export interface PsiResult {
  /** `insufficient-data`: the figures stand, but their null law does not hold. */
  readonly status: 'ok' | 'insufficient-data';
  readonly value: number;
  /** The mean of the statistic when nothing has drifted, `(B - 1)(1/N + 1/M)`. */
  readonly nullMean: number;
  /** `value - nullMean`; negative where there is less difference than chance makes. */
  readonly corrected: number;
  /** What the value exceeds with probability alpha when nothing has drifted. */
  readonly critical: number;
  readonly pValue: number;
  /** B, the bins with any count on either side. */
  readonly groups: number;
  readonly referenceCount: number;
  readonly currentCount: number;
}

export interface PsiOptions {
  /** The least share a bin is given, 1e-4. */
  readonly floor?: number;
  /** The level of the critical value, 0.05. */
  readonly alpha?: number;
}

/**
 * Population stability index `sum (c - r) ln(c / r)` over the shares of two counts of the same
 * bins, with its null law `chi2(B - 1)(1/N + 1/M)` (Yurdakul and Naranjo, "Statistical properties
 * of the population stability index", 2020). Merge fine bins first (`mergePlan`): the law needs
 * counts in each. Below M = 20 B, or without a reference, the status is `insufficient-data`; with
 * nothing on either side all figures are 0 and p is 1.
 */
export function psi(reference: Counts, current: Counts, options: PsiOptions = {}): PsiResult {
  const { floor = 1e-4, alpha = 0.05 } = options;
  const referenceCount = total(reference);
  const currentCount = total(current);
  let groups = 0;
  let value = 0;
  const isEmpty = referenceCount === 0 || currentCount === 0;
  for (let i = 0; i < reference.length; i++) {
    if (reference[i] === 0 && current[i] === 0) continue;
    groups++;
    if (isEmpty) continue;
    const r = Math.max(reference[i]! / referenceCount, floor);
    const c = Math.max(current[i]! / currentCount, floor);
    value += (c - r) * Math.log(c / r);
  }
  const scale = isEmpty ? 0 : 1 / referenceCount + 1 / currentCount;
  const df = Math.max(0, groups - 1);
  const nullMean = df * scale;
  return {
    status: isEmpty || currentCount < 20 * groups ? 'insufficient-data' : 'ok',
    value,
    nullMean,
    corrected: value - nullMean,
    critical: chiSquareIsf(alpha, df) * scale,
    pValue: isEmpty || df === 0 ? 1 : chiSquareSf(value / scale, df),
    groups,
    referenceCount,
    currentCount,
  };
}
