import { studentTIsf, studentTSf } from './student-t.js';

/** A sample by its size, mean and sample variance (n - 1). */
export interface SampleMoments {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}

export interface WelchT {
  /**
   * `insufficient-data` below two values a side or where nothing varies; t is then 0 and p is 1.
   */
  readonly status: 'ok' | 'insufficient-data';
  readonly t: number;
  readonly df: number;
  readonly pValue: number;
  /** Mean of the second less that of the first, with its interval of level 1 - alpha. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** Cohen's d with the mean of the two variances. */
  readonly effectSize: number;
}

/** Welch's two-sided t-test of two means, degrees of freedom by Satterthwaite (1946). */
export function welchT(first: SampleMoments, second: SampleMoments, alpha = 0.05): WelchT {
  const difference = second.mean - first.mean;
  const v1 = first.variance / first.count;
  const v2 = second.variance / second.count;
  const squared = v1 + v2;
  if (first.count < 2 || second.count < 2 || !(squared > 0)) {
    const bounds = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
    return {
      status: 'insufficient-data',
      t: 0,
      df: 0,
      pValue: 1,
      difference,
      ...bounds,
      effectSize: 0,
    };
  }
  const df = squared ** 2 / (v1 ** 2 / (first.count - 1) + v2 ** 2 / (second.count - 1));
  const error = Math.sqrt(squared);
  const t = difference / error;
  const margin = studentTIsf(alpha / 2, df) * error;
  return {
    status: 'ok',
    t,
    df,
    pValue: Math.min(1, 2 * studentTSf(Math.abs(t), df)),
    difference,
    low: difference - margin,
    high: difference + margin,
    effectSize: difference / Math.sqrt((first.variance + second.variance) / 2),
  };
}
