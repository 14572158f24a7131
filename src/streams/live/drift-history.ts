import type { Check } from '../../monitors/check.js';
import type { DriftAlert, Emission, RetrainingEvent } from '../../monitors/emission.js';

const periodsKept = 90;
const emissionsKept = 100;

/** One evaluated period: the PSI check of each feature, over all segments. */
export interface EvaluatedPeriod {
  readonly startMs: number;
  readonly endMs: number;
  readonly checks: readonly Check[];
}

/** What monitors found lately, for people to look at; bounded. */
export class DriftHistory {
  /** Oldest first. */
  periods: EvaluatedPeriod[] = [];
  /** Newest first. */
  alerts: DriftAlert[] = [];
  retraining: RetrainingEvent[] = [];

  /** Takes the checks of one step, all tests. */
  addChecks(checks: readonly Check[]): void {
    for (const check of checks) {
      if (check.test !== 'psi' || check.segment !== '') continue;
      const last = this.periods.at(-1);
      if (last !== undefined && last.endMs === check.periodEndMs) {
        this.periods[this.periods.length - 1] = { ...last, checks: [...last.checks, check] };
        continue;
      }
      const { periodStartMs, periodEndMs } = check;
      this.periods.push({ startMs: periodStartMs, endMs: periodEndMs, checks: [check] });
      if (this.periods.length > periodsKept) this.periods.shift();
    }
  }

  addEmission(emission: Emission): void {
    if (emission.kind === 'alert') this.alerts = [emission, ...this.alerts].slice(0, emissionsKept);
    else this.retraining = [emission, ...this.retraining].slice(0, emissionsKept);
  }

  dump(): Uint8Array {
    const { periods, alerts, retraining } = this;
    return new TextEncoder().encode(JSON.stringify({ periods, alerts, retraining }));
  }

  restore(bytes: Uint8Array): void {
    const kept: Pick<DriftHistory, 'periods' | 'alerts' | 'retraining'> = JSON.parse(
      new TextDecoder().decode(bytes),
    );
    this.periods = kept.periods;
    this.alerts = kept.alerts;
    this.retraining = kept.retraining;
  }
}
