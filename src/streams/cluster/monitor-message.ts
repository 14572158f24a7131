import type { ClosedPeriod } from '../../monitors/closed-period.js';
import type { MonitorClosing } from '../../operators/monitor-plan.js';

type PlainPeriod = Omit<ClosedPeriod, 'counts'> & {
  readonly counts: readonly (readonly number[])[] | null;
};

interface PlainClosing {
  readonly monitor: string;
  readonly source: number;
  readonly closedUpToMs: number;
  /** Null before the first vector. */
  readonly observedFromMs: number | null;
  readonly periods: readonly PlainPeriod[];
}

/** A message of the monitor log. */
export function closingJson({ monitor, source, closing }: MonitorClosing): string {
  const { closedUpToMs, observedFromMs, periods } = closing;
  const plain: PlainClosing = {
    monitor,
    source,
    closedUpToMs,
    observedFromMs: Number.isFinite(observedFromMs) ? observedFromMs : null,
    periods: periods.map((period) => {
      const { counts, ...rest } = period;
      return { ...rest, counts: counts?.map((one) => [...one]) ?? null };
    }),
  };
  return JSON.stringify(plain);
}

/** The closing of `closingJson`. */
export function parseClosing(text: string): MonitorClosing {
  const plain: PlainClosing = JSON.parse(text);
  const { monitor, source, closedUpToMs, observedFromMs } = plain;
  const periods = plain.periods.map(({ counts, ...rest }): ClosedPeriod => {
    return { ...rest, counts: counts?.map((one) => Uint32Array.from(one)) ?? null };
  });
  const fromMs = observedFromMs ?? Number.POSITIVE_INFINITY;
  return { monitor, source, closing: { closedUpToMs, observedFromMs: fromMs, periods } };
}
