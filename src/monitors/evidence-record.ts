import { assert } from '../errors.js';
import type { Check, CheckVerdict } from './check.js';
import type { ReferenceWindow } from './emission.js';

/** A check as the Avro schemas have it. */
export interface EvidenceRecord {
  readonly subject: string;
  readonly feature: string;
  readonly segment: string;
  readonly test: string;
  readonly statistic: number | null;
  readonly null_mean: number | null;
  readonly critical: number | null;
  readonly p_value: number | null;
  readonly level: number | null;
  readonly effect: number | null;
  readonly threshold: number;
  readonly n_reference: number;
  readonly n_current: number;
  readonly method: string;
  readonly verdict: string;
  readonly reference_id: string | null;
  readonly window_from: string;
  readonly window_to: string;
}

/** A reference as the Avro schemas have it. */
export interface ReferenceRecord {
  readonly id: string;
  readonly hash: string;
  readonly from: string;
  readonly to: string;
}

export function evidenceRecord(check: Check): EvidenceRecord {
  return {
    subject: check.subject,
    feature: check.feature,
    segment: check.segment,
    test: check.test,
    statistic: check.statistic,
    null_mean: check.nullMean,
    critical: check.critical,
    p_value: check.pValue,
    level: check.level,
    effect: check.effect,
    threshold: check.threshold,
    n_reference: check.nReference,
    n_current: check.nCurrent,
    method: check.method,
    verdict: check.verdict satisfies CheckVerdict,
    reference_id: check.referenceId,
    window_from: new Date(check.periodStartMs).toISOString(),
    window_to: new Date(check.periodEndMs).toISOString(),
  };
}

export function referenceRecord(reference: ReferenceWindow): ReferenceRecord {
  const { id, hash, fromMs, toMs } = reference;
  assert(fromMs < toMs, `reference ${id}: expected a window`);
  return { id, hash, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}
