import { normalIsf } from './normal.js';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Proportion {
  readonly successes: number;
  readonly count: number;
}

/** Wilson's score interval of a share (1927) at level 1 - alpha; all of [0, 1] for no trials. */
export function proportionInterval({ successes, count }: Proportion, alpha = 0.05): Interval {
  if (count === 0) return { low: 0, high: 1 };
  const z = normalIsf(alpha / 2);
  const share = successes / count;
  const scale = 1 + (z * z) / count;
  const middle = (share + (z * z) / (2 * count)) / scale;
  const spread = (share * (1 - share)) / count + (z * z) / (4 * count * count);
  const half = (z * Math.sqrt(spread)) / scale;
  return {
    low: successes === 0 ? 0 : Math.max(0, middle - half),
    high: successes === count ? 1 : Math.min(1, middle + half),
  };
}

/**
 * Interval of the second share less the first at level 1 - alpha from Wilson's of each (Newcombe,
 * "Interval estimation for the difference between independent proportions", 1998, method 10): its
 * coverage holds for small counts and shares near 0, where Wald's does not.
 */
export function proportionDifferenceInterval(
  first: Proportion,
  second: Proportion,
  alpha = 0.05,
): Interval {
  if (first.count === 0 || second.count === 0) return { low: -1, high: 1 };
  const p1 = first.successes / first.count;
  const p2 = second.successes / second.count;
  const one = proportionInterval(first, alpha);
  const two = proportionInterval(second, alpha);
  return {
    low: p2 - p1 - Math.hypot(p2 - two.low, one.high - p1),
    high: p2 - p1 + Math.hypot(two.high - p2, p1 - one.low),
  };
}
