/**
 * How rare it is that a stream of one feature without drift gets as far as x (-ln of a level) in
 * its looks. Alarms at a high level come as rare clumps, so the largest x of a stream follows
 * `P(X < x) = exp(-L(x))` (Leadbetter, Lindgren and Rootzen 1983), and the rate of clumps falls as
 * the level does, but for the factor sqrt x of tests that overlap:
 * `ln L(x) = ln L(x0) - slope (x - x0) + ln(x / x0) / 2`.
 */
export interface Tail {
  /** Median of the simulated streams: the fit is to the upper half. */
  readonly start: number;
  /** 1 where a level half as large halves the alarms; up to k for a k-of-n rule. */
  readonly slope: number;
  /** Standard error of the slope. */
  readonly slopeError: number;
  /** Simulated streams. */
  readonly runs: number;
}

const RATE_AT_START = Math.LN2;

/** Fits the slope to the upper half of the strongest x of each stream, by maximum likelihood. */
export function fitTail(strongest: Float64Array): Tail {
  const sorted = strongest.toSorted();
  const runs = sorted.length;
  const start = sorted[runs >>> 1]!;
  const upper = sorted.subarray(runs >>> 1);
  let low = 0.1;
  let high = 20;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (score(upper, start, middle) > 0) low = middle;
    else high = middle;
  }
  const slope = (low + high) / 2;
  const step = slope * 1e-4;
  const curvature =
    (score(upper, start, slope - step) - score(upper, start, slope + step)) / (2 * step);
  return { start, slope, slopeError: 1 / Math.sqrt(curvature), runs };
}

/** Derivative by the slope of the log-likelihood of what lies above the start. */
function score(upper: Float64Array, start: number, slope: number): number {
  let sum = 0;
  for (const x of upper) {
    const above = x - start;
    sum += 1 / (slope - 0.5 / x) - above + above * rateAt(start, slope, x);
  }
  return sum;
}

function rateAt(start: number, slope: number, x: number): number {
  return RATE_AT_START * Math.exp(-slope * (x - start)) * Math.sqrt(x / start);
}

export interface TailPoint {
  readonly x: number;
  /** Standard error of x, from the number of runs. */
  readonly error: number;
}

/** The x that a stream reaches at the given rate of clumps. */
export function pointAtRate(tail: Tail, rate: number): TailPoint {
  const { start, slope, slopeError, runs } = tail;
  let x = start;
  // A contraction: the logarithm is small beside the rest.
  for (let step = 0; step < 100; step++) {
    x = Math.max(0.01, start + (Math.log(RATE_AT_START / rate) + Math.log(x / start) / 2) / slope);
  }
  // The rate at the start is that of a share of one half, whose error is 1/(2 sqrt runs).
  const startError = 1 / (RATE_AT_START * Math.sqrt(runs));
  return { x, error: Math.hypot(startError, (x - start) * slopeError) / slope };
}
