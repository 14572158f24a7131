import type { Bins } from '../stats/bins.js';
import { mergeCounts, mergePlan } from '../stats/merge-plan.js';
import type { MonitorDefinition } from './definition.js';
import type { GatheredPeriod } from './gather.js';
import type { MonitoredFeature } from './monitored-feature.js';
import { isWhollyObserved } from './observed.js';
import { type FeatureReference, featureReference, type Reference } from './reference.js';
import { seasonAt } from './season.js';

/** Of a group whose partitions a switch of the reference found in different periods. */
export const countedApart = 'its partitions were counted against different references';

/** What periods are evaluated for, and against. */
export interface Evaluation {
  readonly definition: MonitorDefinition;
  readonly modelVersion: string;
  readonly features: readonly MonitoredFeature[];
  readonly reference: Reference | null;
}

/** Both sides of a comparison, on the same bins. */
export interface Sides {
  readonly feature: MonitoredFeature;
  readonly bins: Bins;
  readonly reference: readonly number[];
  readonly current: Uint32Array;
  /** The same, merged to the bins of PSI. */
  readonly mergedReference: Float64Array;
  readonly mergedCurrent: Float64Array;
}

/** Why a feature cannot be compared. */
export interface Silent {
  readonly feature: MonitoredFeature;
  readonly verdict: 'insufficient-data' | 'no-reference';
  readonly detail: string;
  readonly nReference: number;
  readonly nCurrent: number;
}

/** Share of the reference without a bin of its own from which on new categories are not seen. */
const rareMost = 0.9;

/** Counts of one feature in the reference and in one period, or why there is no comparing. */
export function sidesOf(
  evaluation: Evaluation,
  feature: MonitoredFeature,
  period: GatheredPeriod,
  segment = '',
): Sides | Silent {
  const { reference, definition } = evaluation;
  const group = period.groups.find((one) => one.group === feature.group);
  const part = segment === '' ? group : group?.segments.find((one) => one.segment === segment);
  const nCurrent = part?.n ?? 0;
  const silent = (verdict: Silent['verdict'], detail: string, nReference = 0): Silent => ({
    feature,
    verdict,
    detail,
    nReference,
    nCurrent,
  });
  const capture = `capture one with 'weir reference capture'`;
  if (reference === null) return silent('no-reference', capture);
  const known = featureReference(reference, feature);
  if (known === undefined) {
    return silent('no-reference', `${reference.id} does not have this feature; ${capture}`);
  }
  const counts =
    segment === ''
      ? referenceCounts(feature, known, period.periodStartMs, definition.periodMs)
      : (known.segments.find((one) => one.segment === segment)?.counts ?? null);
  if (counts === null) {
    const slice = segment === '' ? 'slices of this season' : `segment ${segment}`;
    return silent('no-reference', `${reference.id} has no ${slice}; ${capture}`);
  }
  const { psiBins } = definition.policy;
  const nReference = counts.reduce((sum, count) => sum + count, 0);
  if (period.apart?.includes(feature.group)) {
    return silent('insufficient-data', countedApart, nReference);
  }
  if (group === undefined) return silent('insufficient-data', 'no entity was seen', nReference);
  if (group.counts === null || group.referenceId !== reference.id) {
    const found = group.referenceId ?? 'no reference';
    return silent('insufficient-data', `the period was counted against ${found}`, nReference);
  }
  if (!isWhollyObserved(feature, period.periodStartMs, group.observedFromMs)) {
    const from = new Date(group.observedFromMs + feature.windowMs).toISOString();
    return silent('insufficient-data', `its window is wholly observed from ${from}`, nReference);
  }
  const current = part?.counts?.[feature.row];
  if (current === undefined) return silent('insufficient-data', 'no entity was seen', nReference);
  const { bins } = known;
  const rare = bins.kind === 'categorical' ? counts[bins.values.length]! / nReference : 0;
  if (rare > rareMost) {
    const detail = `${(100 * rare).toFixed(0)} % of the reference are of categories too rare for a bin of their own; watch a coarser column`;
    return silent('insufficient-data', detail, nReference);
  }
  const plan = mergePlan(bins, segment === '' ? known.counts : counts, psiBins);
  const mergedReference = mergeCounts(plan, counts);
  const mergedCurrent = mergeCounts(plan, current);
  const groups = mergedReference.filter((count, i) => count + mergedCurrent[i]! > 0).length;
  const needed = definition.policy.samplesPerBin * Math.max(1, groups);
  if (nReference < needed || nCurrent < needed) {
    const detail = `${groups} bins need ${needed} samples on each side`;
    return silent('insufficient-data', detail, nReference);
  }
  return { feature, bins, reference: counts, current, mergedReference, mergedCurrent };
}

/** The counts to compare with: all of the reference, or its slice of the same season. */
function referenceCounts(
  feature: MonitoredFeature,
  known: FeatureReference,
  periodStartMs: number,
  periodMs: number,
): readonly number[] | null {
  if (feature.kind !== 'seasonal') return known.counts;
  return known.seasons?.[seasonAt(periodStartMs, periodMs)] ?? null;
}
