import { ksAtEdges } from '../stats/ks-at-edges.js';
import { ksCriticalDistance } from '../stats/ks-critical-distance.js';
import { psi } from '../stats/psi.js';
import type { Check, CheckVerdict } from './check.js';
import type { GatheredPeriod } from './gather.js';
import type { MonitoredFeature } from './monitored-feature.js';
import type { PolicySettings } from './policy-settings.js';
import { type Evaluation, type Sides, type Silent, sidesOf } from './sides.js';

/**
 * Tests every feature of one period against the reference, in the order of the features. The level
 * of each test is alpha over (features that can be tested x their tests x looks): Bonferroni, so
 * the chance of any significant check in `looks` evaluations without drift is at most alpha. Drift
 * and warning need that significance and the size of effect together.
 */
export function evaluatePeriod(evaluation: Evaluation, period: GatheredPeriod): readonly Check[] {
  const { alpha, looks } = evaluation.definition.policy;
  const compared = evaluation.features.map((feature) => sidesOf(evaluation, feature, period));
  const tests = compared.reduce((sum, one) => sum + ('bins' in one ? testsOf(one).length : 0), 0);
  const level = alpha / (Math.max(1, tests) * looks);
  const critical = criticalDistances(level);
  return compared.flatMap((one) => {
    const place = placeOf(evaluation, period, one.feature);
    return 'bins' in one
      ? checksOf(place, one, { level, critical, policy: evaluation.definition.policy })
      : silentChecks(place, one);
  });
}

interface At {
  readonly level: number;
  readonly critical: (n: number, m: number) => number;
  readonly policy: PolicySettings;
}

function testsOf({ feature }: { readonly feature: MonitoredFeature }): readonly Check['test'][] {
  return feature.values === 'numeric' ? ['psi', 'ks'] : ['psi'];
}

/** Critical distances by sample sizes: features share them, and each takes up to 3 ms. */
function criticalDistances(level: number): (n: number, m: number) => number {
  const known = new Map<string, number>();
  return (n, m) => {
    const sizes = `${n}/${m}`;
    const distance = known.get(sizes) ?? ksCriticalDistance(level, n, m);
    known.set(sizes, distance);
    return distance;
  };
}

function verdictOf(significant: boolean, effect: number, policy: PolicySettings): CheckVerdict {
  if (!significant || effect <= policy.warningEffect) return 'ok';
  return effect > policy.driftEffect ? 'drift' : 'warning';
}

function placeOf(evaluation: Evaluation, period: GatheredPeriod, feature: MonitoredFeature) {
  const { definition, modelVersion, reference } = evaluation;
  return {
    monitor: definition.name,
    model: definition.model,
    modelVersion,
    subject: feature.name === 'score' ? ('score' as const) : ('feature' as const),
    feature: feature.name,
    segment: '',
    periodStartMs: period.periodStartMs,
    periodEndMs: period.periodEndMs,
    referenceId: reference?.id ?? null,
    referenceHash: reference?.hash ?? null,
    threshold: definition.policy.driftEffect,
    leave: definition.policy.leaveEffect,
  };
}

type Place = ReturnType<typeof placeOf>;

function checksOf(place: Place, sides: Sides, { level, critical, policy }: At): readonly Check[] {
  const { bins, reference, current, mergedReference, mergedCurrent } = sides;
  const stability = psi(mergedReference, mergedCurrent, { alpha: level });
  const effect = stability.corrected;
  const common = {
    level,
    effect,
    nReference: stability.referenceCount,
    nCurrent: stability.currentCount,
    detail: '',
  };
  const psiCheck: Check = {
    ...place,
    ...common,
    test: 'psi',
    statistic: stability.value,
    nullMean: stability.nullMean,
    corrected: stability.corrected,
    critical: stability.critical,
    pValue: stability.pValue,
    method: 'chi2',
    verdict: verdictOf(stability.pValue < level, effect, policy),
  };
  if (bins.kind === 'categorical') return [psiCheck];
  const distance = ksAtEdges(bins, reference, current);
  const ksCheck: Check = {
    ...place,
    ...common,
    test: 'ks',
    statistic: distance.lower,
    nullMean: null,
    corrected: null,
    critical: critical(distance.referenceCount, distance.currentCount),
    pValue: distance.pValue,
    method: 'kstwo at edges',
    verdict: verdictOf(distance.pValue < level, effect, policy),
  };
  return [psiCheck, ksCheck];
}

function silentChecks(place: Place, silent: Silent): readonly Check[] {
  return testsOf(silent).map((test) => ({
    ...place,
    test,
    statistic: null,
    nullMean: null,
    corrected: null,
    critical: null,
    pValue: null,
    level: null,
    effect: null,
    nReference: silent.nReference,
    nCurrent: silent.nCurrent,
    method: '',
    verdict: silent.verdict,
    detail: silent.detail,
  }));
}
