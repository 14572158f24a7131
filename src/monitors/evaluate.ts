import type { Check } from './check.js';
import { criticalDistances, distributionDrafts } from './distribution-drafts.js';
import { figureDrafts } from './figure-drafts.js';
import type { GatheredPeriod } from './gather.js';
import { qualityDrafts } from './quality-drafts.js';
import type { Evaluation } from './sides.js';
import { significance, testLevel } from './significance.js';

/**
 * Checks one period: the features in their order, their segments, figures, expectations. The tests
 * that can be made are one family, whose level is the policy's (`testLevel`) and in which Holm's
 * procedure says what is significant. Drift and warning need that and the size of effect together.
 */
export function evaluatePeriod(evaluation: Evaluation, period: GatheredPeriod): readonly Check[] {
  const drafts = [
    ...distributionDrafts(evaluation, period, criticalDistances()),
    ...figureDrafts(evaluation, period),
    ...qualityDrafts(evaluation, period),
  ];
  const { definition, features, modelVersion, reference } = evaluation;
  const tested = drafts.filter(({ finding }) => finding.pValue !== null);
  const level = testLevel(definition.policy, {
    tests: tested.length,
    periodMs: definition.periodMs,
    longestWindowMs: Math.max(0, ...features.map((feature) => feature.windowMs)),
    nReference: smallest(tested.map(({ finding }) => finding.nReference)),
    nCurrent: smallest(tested.map(({ finding }) => finding.nCurrent)),
  });
  const significant = significance(
    drafts.map(({ finding }) => finding.pValue),
    level,
  );
  const common = {
    monitor: definition.name,
    model: definition.model,
    modelVersion,
    referenceId: reference?.id ?? null,
    referenceHash: reference?.hash ?? null,
  };
  return drafts.map((draft, i): Check => {
    const { finding, lagMs } = draft;
    const isTested = finding.pValue !== null;
    return {
      ...common,
      ...finding,
      periodStartMs: period.periodStartMs - lagMs,
      periodEndMs: period.periodEndMs - lagMs,
      level: isTested ? level : null,
      critical: isTested ? draft.critical(level) : null,
      verdict: draft.verdict(significant[i] ?? false),
    };
  });
}

function smallest(sizes: readonly number[]): number {
  return sizes.reduce((least, size) => Math.min(least, size), Number.MAX_SAFE_INTEGER);
}
