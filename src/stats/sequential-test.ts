import type { SampleMoments } from './welch-t.js';

/** Two arms looked at again and again; plain data. */
export interface SequentialTest {
  readonly options: SequentialOptions;
  /** Smallest so far: significance that was reached stays. */
  pValue: number;
  looks: number;
}

export interface SequentialOptions {
  /** Difference of the means that one would like to see soonest, above 0, fixed beforehand. */
  readonly effect: number;
  /** Rows an arm must have before it is looked at, 100: the variances are estimated. */
  readonly minCount: number;
}

export interface SequentialLook {
  /** `insufficient-data` until both arms have `minCount` rows and vary. */
  readonly status: 'ok' | 'insufficient-data';
  /** Second less first, with an interval that holds at all looks together with 1 - alpha. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** Always valid: the chance that it ever falls to alpha without a difference is at most alpha. */
  readonly pValue: number;
}

export function createSequentialTest(effect: number, minCount = 100): SequentialTest {
  return { options: { effect, minCount }, pValue: 1, looks: 0 };
}

/**
 * Looks at two arms so far, as often as one likes: mixture sequential probability ratio test with a
 * normal mixture `N(0, effect^2)` over differences (Robbins, 1970; Johari, Pekelis and Walsh,
 * "Always valid inference", 2015), with estimated variances.
 */
export function lookAt(
  test: SequentialTest,
  first: SampleMoments,
  second: SampleMoments,
  alpha = 0.05,
): SequentialLook {
  const { effect, minCount } = test.options;
  const difference = second.mean - first.mean;
  const variance = first.variance / first.count + second.variance / second.count;
  test.looks++;
  if (!(Math.min(first.count, second.count) >= minCount) || !(variance > 0)) {
    const bounds = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
    return { status: 'insufficient-data', difference, ...bounds, pValue: test.pValue };
  }
  const mixed = variance + effect * effect;
  const gain = (effect * effect) / mixed;
  const logRatio =
    (gain * difference * difference) / (2 * variance) - Math.log(mixed / variance) / 2;
  test.pValue = Math.min(test.pValue, Math.exp(-logRatio));
  const half = Math.sqrt((variance / gain) * (Math.log(mixed / variance) - 2 * Math.log(alpha)));
  const { pValue } = test;
  return { status: 'ok', difference, low: difference - half, high: difference + half, pValue };
}
