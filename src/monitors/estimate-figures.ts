import { featuresOfGroup, labelsGroup, scoresGroup } from './binning.js';
import type { MonitorDefinition } from './definition.js';
import { type Calibration, calibrationOf, estimateOf } from './estimate.js';
import type { Figure } from './figure.js';
import type { GatheredGroup } from './gather.js';
import type { MonitoredFeature } from './monitored-feature.js';
import { dropRule } from './performance.js';
import { featureReference, type Reference } from './reference.js';

interface Estimated {
  readonly definition: MonitorDefinition;
  readonly features: readonly MonitoredFeature[];
  readonly reference: Reference;
}

const about = { subject: 'estimate', feature: 'performance', segment: '' } as const;

/**
 * Performance without labels, of a model that has some: of scores what they are expected to have,
 * of labelled scores how far that is from what came of them. It sees no change of the concept, so
 * it never comes to more than a warning.
 */
export function estimateFigures(what: Estimated, group: GatheredGroup): readonly Figure[] {
  const { horizonMs } = what.definition;
  const score = featuresOfGroup(what.features, scoresGroup).find(({ name }) => name === 'score');
  if (horizonMs === null || score === undefined) return [];
  const calibration = calibrationBy(what, score);
  if (group.group === scoresGroup) return expected(what, group, score, calibration);
  if (group.group === labelsGroup) return [missed(what, group, score, calibration)];
  return [];
}

function calibrationBy({ definition, reference }: Estimated, score: MonitoredFeature) {
  const bins = featureReference(reference, score)?.bins;
  if (bins?.kind !== 'numeric' || reference.labelled === undefined) return null;
  return calibrationOf(bins, reference.labelled, definition.performance.decision);
}

/** What all scores of the period are expected to have. */
function expected(
  { definition: { performance } }: Estimated,
  { group, counts }: GatheredGroup,
  { row, windowMs }: MonitoredFeature,
  calibration: Calibration | null,
): readonly Figure[] {
  const found = calibration && estimateOf(calibration, counts?.[row] ?? []);
  const n = found?.n ?? 0;
  const known = n < performance.labelsNeeded ? null : found;
  const common = { ...about, n, needed: performance.labelsNeeded, windowMs, lagMs: 0, group };
  return [
    {
      ...common,
      test: 'estimated-accuracy',
      value: known?.accuracy ?? null,
      error: known?.samplingError ?? null,
      rule: { ...dropRule('accuracy', performance), atMost: 'warning' },
    },
    {
      ...common,
      test: 'estimated-auc',
      value: known?.auc ?? null,
      error: null,
      rule: { ...dropRule('auc', performance), atMost: 'warning' },
    },
    {
      ...common,
      test: 'estimated-f1',
      value: known?.f1 ?? null,
      error: null,
      rule: { ...dropRule('f1', performance), atMost: 'warning' },
    },
  ];
}

/** The accuracy that labelled scores were expected to have, less what they have. */
function missed(
  { definition }: Estimated,
  { group, counts, sums }: GatheredGroup,
  { row, windowMs }: MonitoredFeature,
  calibration: Calibration | null,
): Figure {
  const { performance, horizonMs } = definition;
  const half = (counts?.length ?? 0) / 2;
  const [negative, positive] = [counts?.[row] ?? [], counts?.[half + row] ?? []];
  const scored = Array.from(negative, (count, bin) => count + positive[bin]!);
  const found = calibration && estimateOf(calibration, scored);
  const n = found?.n ?? 0;
  const [tp = 0, , tn = 0] = sums; // labelledSums
  const isKnown = found !== null && found.accuracy !== null && n >= performance.labelsNeeded;
  return {
    ...about,
    test: 'estimate-error',
    value: isKnown ? found.accuracy - (tp + tn) / n : null,
    error: isKnown ? found.outcomeError : null,
    n,
    needed: performance.labelsNeeded,
    rule: {
      worse: 'either',
      scale: 'absolute',
      warning: performance.warningDrop,
      threshold: performance.drop,
      leave: performance.warningDrop,
      atMost: 'warning',
    },
    windowMs: windowMs + (horizonMs ?? 0),
    lagMs: horizonMs ?? 0,
    group,
  };
}
