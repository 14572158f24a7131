import type { Check } from './check.js';

/** What a check says apart from where it was made. */
export type Finding = Omit<
  Check,
  | 'monitor'
  | 'model'
  | 'modelVersion'
  | 'periodStartMs'
  | 'periodEndMs'
  | 'referenceId'
  | 'referenceHash'
  | 'level'
  | 'critical'
  | 'verdict'
>;

/** A check before its family is known: the level and the verdict follow from all p-values. */
export interface Draft {
  readonly finding: Finding;
  /** The check's own window ends so long before its period: labels take time. */
  readonly lagMs: number;
  readonly critical: (level: number) => number | null;
  readonly verdict: (significant: boolean) => Check['verdict'];
}

type Place = Pick<Finding, 'subject' | 'feature' | 'segment' | 'test' | 'threshold' | 'leave'>;

/** A check that found nothing, and says why. */
export function silentDraft(
  place: Place,
  verdict: 'insufficient-data' | 'no-reference',
  detail: string,
  { nReference, nCurrent }: { readonly nReference: number; readonly nCurrent: number },
  lagMs = 0,
): Draft {
  return {
    finding: {
      ...place,
      nReference,
      nCurrent,
      statistic: null,
      nullMean: null,
      corrected: null,
      pValue: null,
      effect: null,
      method: '',
      detail,
    },
    lagMs,
    critical: () => null,
    verdict: () => verdict,
  };
}

/** Drift and warning need significance and size together. */
export function bandVerdict(
  effect: number,
  bands: { readonly warning: number; readonly threshold: number },
): Draft['verdict'] {
  return (significant) => {
    if (!significant || effect <= bands.warning) return 'ok';
    return effect > bands.threshold ? 'drift' : 'warning';
  };
}
