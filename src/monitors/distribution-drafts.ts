import { chiSquareIsf } from '../stats/chi-square.js';
import { chiSquareHomogeneity } from '../stats/chi-square-homogeneity.js';
import { ksAtEdges } from '../stats/ks-at-edges.js';
import { ksCriticalDistance } from '../stats/ks-critical-distance.js';
import { psi } from '../stats/psi.js';
import { groupsTest } from './calibration/evidence.js';
import type { CheckTest } from './check.js';
import { bandVerdict, type Draft, silentDraft } from './draft.js';
import type { GatheredPeriod } from './gather.js';
import type { MonitoredFeature } from './monitored-feature.js';
import type { PolicySettings } from './policy-settings.js';
import { featureReference } from './reference.js';
import { type Evaluation, type Sides, type Silent, sidesOf } from './sides.js';

/** Critical distances by sizes and level: features share them, and each takes up to 3 ms. */
export type CriticalDistances = (level: number, n: number, m: number) => number;

export function criticalDistances(): CriticalDistances {
  const known = new Map<string, number>();
  return (level, n, m) => {
    const sizes = `${level}/${n}/${m}`;
    const distance = known.get(sizes) ?? ksCriticalDistance(level, n, m);
    known.set(sizes, distance);
    return distance;
  };
}

/** PSI of each feature, with KS of a number and chi-square of a category; then of its segments. */
export function distributionDrafts(
  evaluation: Evaluation,
  period: GatheredPeriod,
  distances: CriticalDistances,
): readonly Draft[] {
  const { policy } = evaluation.definition;
  const tested = evaluation.features.filter(({ kind }) => kind !== 'carried');
  const drafts = (feature: MonitoredFeature, segment: string): readonly Draft[] => {
    const sides = sidesOf(evaluation, feature, period, segment);
    return 'bins' in sides
      ? draftsOf(sides, segment, policy, distances)
      : silentDrafts(sides, segment, policy);
  };
  const whole = tested.flatMap((feature) => drafts(feature, ''));
  const parts = tested.flatMap((feature) =>
    segmentsOf(evaluation, feature).flatMap((segment) => drafts(feature, segment)),
  );
  return [...whole, ...parts];
}

/** The reference's segments, but those that are told apart by the feature itself. */
function segmentsOf({ reference }: Evaluation, feature: MonitoredFeature): readonly string[] {
  const known = reference === null ? undefined : featureReference(reference, feature);
  const names = known?.segments.map((one) => one.segment) ?? [];
  return names.filter((name) => !name.startsWith(`${feature.name}=`));
}

function testsOf({ values }: MonitoredFeature): readonly CheckTest[] {
  return values === 'numeric' ? ['psi', 'ks'] : ['psi', 'chi2'];
}

function placeOf(feature: MonitoredFeature, segment: string, policy: PolicySettings) {
  const { name } = feature;
  return {
    subject: name === 'score' ? 'score' : 'feature',
    feature: name,
    segment,
    threshold: policy.driftEffect,
    leave: policy.leaveEffect,
  } as const;
}

function draftsOf(
  sides: Sides,
  segment: string,
  policy: PolicySettings,
  distances: CriticalDistances,
): readonly Draft[] {
  const { feature, bins, reference, current, mergedReference, mergedCurrent } = sides;
  const stability = psi(mergedReference, mergedCurrent);
  const { corrected, referenceCount: nReference, currentCount: nCurrent } = stability;
  const common = {
    ...placeOf(feature, segment, policy),
    effect: corrected,
    nReference,
    nCurrent,
    detail: '',
  };
  const verdict = bandVerdict(corrected, {
    warning: policy.warningEffect,
    threshold: policy.driftEffect,
  });
  const draft = (
    finding: Pick<
      Draft['finding'],
      'test' | 'statistic' | 'nullMean' | 'corrected' | 'pValue' | 'method'
    >,
    critical: Draft['critical'],
  ): Draft => ({ finding: { ...common, ...finding }, lagMs: 0, critical, verdict });
  const { value, nullMean } = stability;
  // The logarithm of a small count is far from normal: p < 0.0001 came 60 times as often.
  const { pValue, method } = groupsTest(mergedReference, mergedCurrent) ?? {
    pValue: stability.pValue,
    method: 'chi2',
  };
  const psiDraft = draft(
    { test: 'psi', statistic: value, nullMean, corrected, pValue, method },
    (level) =>
      method === 'chi2' ? psi(mergedReference, mergedCurrent, { alpha: level }).critical : null,
  );
  const none = { nullMean: null, corrected: null };
  if (bins.kind === 'categorical') {
    const chi = chiSquareHomogeneity(reference, current);
    const { statistic, method, df } = chi;
    return [
      psiDraft,
      draft(
        { test: 'chi2', statistic, pValue: chi.pValue, method, ...none, nullMean: df },
        (level) => (df === 0 ? null : chiSquareIsf(level, df)),
      ),
    ];
  }
  const ks = ksAtEdges(bins, reference, current);
  return [
    psiDraft,
    draft(
      { test: 'ks', statistic: ks.lower, pValue: ks.pValue, method: 'kstwo at edges', ...none },
      (level) => distances(level, nReference, nCurrent),
    ),
  ];
}

function silentDrafts(silent: Silent, segment: string, policy: PolicySettings): readonly Draft[] {
  const { feature, verdict, detail } = silent;
  return testsOf(feature).map((test) =>
    silentDraft({ ...placeOf(feature, segment, policy), test }, verdict, detail, silent),
  );
}
