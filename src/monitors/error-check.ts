import { featuresOfGroup, labelsGroup } from './binning.js';
import type { Check } from './check.js';
import { partsOf, partsOfPeriod, sumsPerPart } from './error-parts.js';
import { type ErrorStream, excessOf, stepErrors } from './error-stream.js';
import type { GatheredGroup, GatheredPeriod } from './gather.js';
import { labelledSums } from './labelled-sums.js';
import { isWhollyObserved } from './observed.js';
import type { Evaluation } from './sides.js';

export interface CheckedErrors {
  readonly stream: ErrorStream | null;
  /** None where no labels were counted against the reference. */
  readonly checks: readonly Check[];
}

/**
 * Takes the labels of a period into the stream of errors, and says whether its mean has changed,
 * since when, and how wrong the model is beyond what it promised. At most a warning: ADWIN's level
 * is that of independent scores, and those of one day are not quite.
 */
export function checkErrors(
  { definition, features, modelVersion, reference }: Evaluation,
  former: ErrorStream | null,
  period: GatheredPeriod,
): CheckedErrors {
  const { policy, performance, periodMs } = definition;
  const { periodStartMs, periodEndMs } = period;
  const group = countedLabels({ definition, features, reference }, period);
  const isRepeat = former?.referenceId === reference?.id && periodEndMs <= (former?.upToMs ?? 0);
  if (reference === null || group === null || isRepeat) return { stream: former, checks: [] };
  const lagMs = definition.horizonMs ?? 0;
  const stream = stepErrors(former, {
    referenceId: reference.id,
    periodEndMs,
    parts: partsOf(group.sums, periodStartMs - lagMs, periodMs),
    level: policy.alpha / policy.looks,
  });
  const { change, parts } = stream;
  const n = parts.reduce((sum, one) => sum + one[1], 0);
  const isKnown = n >= performance.labelsNeeded;
  const effect = isKnown ? excessOf(parts) : null;
  const isWarning = effect !== null && change !== null && effect > performance.warningDrop;
  const check: Check = {
    monitor: definition.name,
    model: definition.model,
    modelVersion,
    referenceId: reference.id,
    referenceHash: reference.hash,
    subject: 'concept',
    feature: 'errors',
    segment: '',
    test: 'adwin',
    periodStartMs: periodStartMs - lagMs,
    periodEndMs: periodEndMs - lagMs,
    statistic: effect,
    nullMean: change?.before ?? null,
    corrected: null,
    critical: null,
    pValue: null,
    level: null,
    effect,
    threshold: performance.drop,
    leave: performance.warningDrop,
    nReference: 0,
    nCurrent: n,
    method: 'ADWIN',
    verdict: isKnown ? (isWarning ? 'warning' : 'ok') : 'insufficient-data',
    detail: detailOf(change, isKnown, performance.labelsNeeded),
  };
  return { stream, checks: [check] };
}

/** The labels of a period where their errors were counted, of scores that look back wholly. */
function countedLabels(
  { definition, features, reference }: Pick<Evaluation, 'definition' | 'features' | 'reference'>,
  { groups, periodStartMs }: GatheredPeriod,
): GatheredGroup | null {
  const group = groups.find((one) => one.group === labelsGroup);
  const score = featuresOfGroup(features, labelsGroup).find(({ name }) => name === 'score');
  if (group === undefined || score === undefined || reference?.labelled === undefined) return null;
  const width = labelledSums.length + partsOfPeriod * sumsPerPart;
  if (group.referenceId !== reference.id || group.sums.length < width) return null;
  const windowMs = score.windowMs + (definition.horizonMs ?? 0);
  return isWhollyObserved({ windowMs }, periodStartMs, group.observedFromMs) ? group : null;
}

function detailOf(change: ErrorStream['change'], isKnown: boolean, needed: number): string {
  if (!isKnown) return `it needs ${needed} samples`;
  return change === null ? '' : `changed at ${new Date(change.atMs).toISOString()}`;
}
