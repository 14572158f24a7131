import { type PlainPeriod, periodOf, plainPeriod } from '../../monitors/closed-period-json.js';
import type { MonitorClosing } from '../../operators/monitor-plan.js';

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
    periods: periods.map(plainPeriod),
  };
  return JSON.stringify(plain);
}

/** The closing of `closingJson`. */
export function parseClosing(text: string): MonitorClosing {
  const plain: PlainClosing = JSON.parse(text);
  const { monitor, source, closedUpToMs, observedFromMs } = plain;
  const periods = plain.periods.map(periodOf);
  const fromMs = observedFromMs ?? Number.POSITIVE_INFINITY;
  return { monitor, source, closing: { closedUpToMs, observedFromMs: fromMs, periods } };
}
