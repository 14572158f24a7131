import type { ClosedPeriod, SegmentPeriod } from './closed-period.js';

type Plain<T> = Omit<T, 'counts'> & { readonly counts: readonly (readonly number[])[] };

/** A closed period as JSON has it. */
export type PlainPeriod = Omit<ClosedPeriod, 'counts' | 'segments'> & {
  readonly counts: readonly (readonly number[])[] | null;
  readonly segments: readonly Plain<SegmentPeriod>[];
};

const numbers = (counts: readonly Uint32Array[]) => counts.map((one) => [...one]);
const arrays = (counts: readonly (readonly number[])[]) =>
  counts.map((one) => Uint32Array.from(one));

export function plainPeriod(period: ClosedPeriod): PlainPeriod {
  const { counts, segments } = period;
  return {
    ...period,
    counts: counts === null ? null : numbers(counts),
    segments: segments.map((one) => ({ ...one, counts: numbers(one.counts) })),
  };
}

/** The period of `plainPeriod`; what an earlier version wrote has neither sums nor segments. */
export function periodOf(plain: PlainPeriod): ClosedPeriod {
  const { counts, segments = [], sums = [], events = [], newestMs = null } = plain;
  return {
    ...plain,
    counts: counts === null ? null : arrays(counts),
    sums,
    segments: segments.map((one) => ({ ...one, counts: arrays(one.counts) })),
    events,
    newestMs,
  };
}
