import type { Bins } from '../stats/bins.js';
import { mergePlan } from '../stats/merge-plan.js';
import { featuresOfGroup, labelsGroup, scoresGroup } from './binning.js';
import { businessOf } from './business.js';
import type { SegmentPeriod } from './closed-period.js';
import { correlationOf, informationOf } from './concept.js';
import { covariateSums, covariateWindowMs, discrepancyOf } from './covariates.js';
import type { MonitorDefinition } from './definition.js';
import { estimateFigures } from './estimate-figures.js';
import type { Figure, FigureRule } from './figure.js';
import type { GatheredGroup, GatheredPeriod } from './gather.js';
import type { MonitoredFeature } from './monitored-feature.js';
import {
  conceptRule,
  dropRule,
  performanceOf,
  type ScoreCounts,
  shiftRule,
} from './performance.js';
import { featureReference, type Reference } from './reference.js';
import { sumsPerFeature } from './tally.js';

/** What figures are made for. */
export interface FiguresOf {
  readonly definition: MonitorDefinition;
  readonly features: readonly MonitoredFeature[];
  /** Its bins; its figures may be those that are being captured. */
  readonly reference: Reference;
  /** Whether the period is one of the reference's own. */
  readonly isPart?: boolean;
}

/** A segment's tally, or that of the whole group. */
type Part = SegmentPeriod;

/**
 * The figures of one period, in a fixed order: those whose window was not wholly observed are not
 * among them. Labels are those that matured in the period.
 */
export function figuresOf(what: FiguresOf, period: GatheredPeriod): readonly Figure[] {
  return period.groups.flatMap((group) => {
    const isCounted = group.counts !== null && group.referenceId === what.reference.id;
    const figures = [...businessFigures(what, group), ...volumeFigures(what, group)];
    if (isCounted) {
      figures.push(...covariateFigures(what, group));
      const whole: Part = { segment: '', n: group.n, counts: group.counts, sums: group.sums };
      for (const part of [whole, ...group.segments]) {
        if (group.group === scoresGroup) figures.push(...scoreFigures(what, part));
        if (group.group === labelsGroup) figures.push(...labelFigures(what, part));
      }
      figures.push(...estimateFigures(what, group));
    }
    return figures.filter(
      ({ windowMs }) => period.periodStartMs - windowMs >= group.observedFromMs,
    );
  });
}

function businessFigures({ definition }: FiguresOf, group: GatheredGroup): readonly Figure[] {
  const own = definition.business.filter(({ view }) => view === group.group);
  if (group.events.length === 0) return [];
  return businessOf(own, group.events).map((one) => ({
    ...one,
    subject: 'business',
    feature: one.test,
    segment: '',
    needed: definition.performance.labelsNeeded,
    windowMs: 0,
    lagMs: 0,
    group: group.group,
  }));
}

/** The group's features as one vector: how far its mean embedding is from the reference's. */
function covariateFigures(what: FiguresOf, group: GatheredGroup): readonly Figure[] {
  const { definition, features, reference, isPart = false } = what;
  const known = reference.covariates.find((one) => one.group === group.group);
  if (known === undefined || group.sums.length < known.sums.length) return [];
  const { covariateShift: threshold, labelsNeeded: needed } = definition.performance;
  const rule = { worse: 'up', scale: 'root', threshold } as const;
  return [
    {
      subject: 'covariates',
      feature: group.group,
      segment: '',
      test: 'mmd',
      value: discrepancyOf(known, covariateSums(known, group), isPart),
      error: null,
      n: group.n,
      needed,
      rule: { ...rule, warning: threshold / 2, leave: threshold / 2 },
      windowMs: covariateWindowMs(features, group.group),
      lagMs: 0,
      group: group.group,
    },
  ];
}

/** Entities sampled, where that is expected to be as before. */
function volumeFigures({ definition }: FiguresOf, group: GatheredGroup): readonly Figure[] {
  return definition.expectations.flatMap((one): Figure[] => {
    if (one.test !== 'volume' || one.group !== group.group) return [];
    const threshold = one.change ?? 0.5;
    const [warning, leave] = [threshold / 2, threshold / 2];
    const rule = { worse: 'either', scale: 'relative', threshold, warning, leave } as const;
    const place = {
      subject: 'quality',
      feature: group.group,
      segment: '',
      test: 'volume',
    } as const;
    const figure = { ...place, value: group.n, error: Math.sqrt(group.n), n: group.n, needed: 0 };
    return [{ ...figure, rule, windowMs: 0, lagMs: 0, group: group.group }];
  });
}

/** The mean score. */
function scoreFigures({ definition, features }: FiguresOf, part: Part): readonly Figure[] {
  const at = featuresOfGroup(features, scoresGroup).findIndex(({ name }) => name === 'score');
  if (at < 0) return [];
  const [, n = 0, sum = 0, squares = 0] = part.sums.slice(at * sumsPerFeature);
  const mean = n === 0 ? null : sum / n;
  const variance = mean === null ? 0 : Math.max(0, squares / n - mean * mean);
  return [
    {
      subject: 'score',
      feature: 'score',
      segment: part.segment,
      test: 'prediction-shift',
      value: mean,
      error: n === 0 ? null : Math.sqrt(variance / n),
      n,
      needed: definition.performance.labelsNeeded,
      rule: shiftRule(definition.performance),
      windowMs: windowOfScore(features),
      lagMs: 0,
      group: scoresGroup,
    },
  ];
}

function windowOfScore(features: readonly MonitoredFeature[]): number {
  return features.find(({ name }) => name === 'score')?.windowMs ?? 0;
}

/** Performance, the share of positives, and what each feature says of the label. */
function labelFigures(what: FiguresOf, part: Part): readonly Figure[] {
  const { definition, features, reference } = what;
  const { performance } = definition;
  const horizonMs = definition.horizonMs ?? 0;
  const own = featuresOfGroup(features, labelsGroup);
  const half = part.counts.length / 2;
  const countsOf = (row: number): ScoreCounts => {
    return { negative: part.counts[row]!, positive: part.counts[half + row]! };
  };
  const at = own.findIndex(({ name }) => name === 'score');
  const scores = countsOf(Math.max(0, at));
  const total = (counts: Uint32Array) => counts.reduce((sum, one) => sum + one, 0);
  const [yes, no] = [total(scores.positive), total(scores.negative)];
  const common = {
    segment: part.segment,
    n: yes + no,
    needed: performance.labelsNeeded,
    lagMs: horizonMs,
    group: labelsGroup,
  };
  const figure = (
    place: Pick<Figure, 'subject' | 'feature' | 'test' | 'value' | 'error'>,
    windowMs: number,
    rule: FigureRule,
  ): Figure => ({ ...common, ...place, rule, windowMs: windowMs + horizonMs });
  const share = yes + no === 0 ? null : yes / (yes + no);
  const error = share === null ? null : Math.sqrt((share * (1 - share)) / (yes + no));
  const target = { subject: 'target', feature: 'label', test: 'base-rate' } as const;
  const figures = [figure({ ...target, value: share, error }, 0, shiftRule(performance))];
  if (at >= 0) {
    for (const one of performanceOf(part, scores, performance)) {
      const place = { subject: 'performance', feature: 'performance' } as const;
      figures.push(
        figure({ ...place, ...one }, own[at]!.windowMs, dropRule(one.test, performance)),
      );
    }
  }
  for (const [row, feature] of own.entries()) {
    const known = featureReference(reference, feature);
    if (feature.name === 'score' || feature.kind === 'carried' || known === undefined) continue;
    const { bins, counts } = known;
    const place = { subject: 'concept', feature: feature.name } as const;
    for (const one of conceptOf(bins, counts, definition.policy.psiBins, countsOf(row))) {
      figures.push(figure({ ...place, ...one }, feature.windowMs, conceptRule(performance)));
    }
  }
  return figures;
}

function conceptOf(
  bins: Bins,
  reference: readonly number[],
  psiBins: number,
  counts: ScoreCounts,
): readonly Pick<Figure, 'test' | 'value' | 'error'>[] {
  const plan = mergePlan(bins, reference, psiBins);
  const information = { test: 'mutual-information', ...informationOf(plan, counts) } as const;
  if (bins.kind === 'categorical') return [information];
  return [{ test: 'correlation', ...correlationOf(bins, counts) }, information];
}
