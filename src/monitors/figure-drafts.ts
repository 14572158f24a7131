import { binomialCdf } from '../stats/binomial-cdf.js';
import { normalIsf, normalSf } from '../stats/normal.js';
import type { MonitorDefinition } from './definition.js';
import { bandVerdict, type Draft, silentDraft } from './draft.js';
import { type Figure, type FigureRule, figureName } from './figure.js';
import { referencePeriodsNeeded, testFigure } from './figure-check.js';
import { figuresOf } from './figures.js';
import type { GatheredPeriod } from './gather.js';
import type { Reference } from './reference.js';
import type { Evaluation } from './sides.js';

/** Each figure of the period against the reference's periods, and against its floor, if any. */
export function figureDrafts(evaluation: Evaluation, period: GatheredPeriod): readonly Draft[] {
  const { definition, features, reference } = evaluation;
  if (reference === null) return [];
  const figures = figuresOf({ definition, features, reference }, period);
  return figures.flatMap((figure) => {
    const draft = figureDraft(figure, reference);
    const floor = floorOf(definition, figure);
    return floor === null ? [draft] : [draft, floorDraft(figure, floor, reference)];
  });
}

/** What a figure of all data must not fall below; null for none. */
function floorOf({ performance, business }: MonitorDefinition, figure: Figure): number | null {
  const { subject, test, segment, group } = figure;
  if (segment !== '') return null;
  if (test === 'accuracy') return performance.accuracyFloor;
  if (subject !== 'business') return null;
  return business.find((one) => one.test === test && one.view === group)?.least ?? null;
}

function placeOf({ subject, feature, segment, test, rule }: Figure) {
  const { threshold, leave } = rule;
  return { subject, feature, segment, test, threshold, leave };
}

function bandsOf({ warning, threshold, atMost }: FigureRule) {
  return { warning, threshold: atMost === 'warning' ? Number.POSITIVE_INFINITY : threshold };
}

function figureDraft(figure: Figure, reference: Reference): Draft {
  const known = reference.figures.find((one) => one.name === figureName(figure));
  const place = placeOf(figure);
  const counts = { nReference: known?.n ?? 0, nCurrent: figure.n };
  if (known === undefined || known.values.length < referencePeriodsNeeded) {
    const detail = `${reference.id} has it in ${known?.values.length ?? 0} periods of ${referencePeriodsNeeded} needed; capture one with 'weir reference capture'`;
    return silentDraft(place, 'no-reference', detail, counts, figure.lagMs);
  }
  const { value } = figure;
  if (value === null || figure.n < figure.needed) {
    const detail = `it needs ${figure.needed} samples`;
    return silentDraft(place, 'insufficient-data', detail, counts, figure.lagMs);
  }
  const test = testFigure(figure, known.values, value);
  return {
    finding: {
      ...place,
      ...counts,
      statistic: value,
      nullMean: test.mean,
      corrected: value - test.mean,
      pValue: test.pValue,
      effect: test.effect,
      method: `t${test.degrees} of one more period`,
      detail: '',
    },
    lagMs: figure.lagMs,
    critical: test.criticalAt,
    verdict: bandVerdict(test.effect, bandsOf(figure.rule)),
  };
}

/**
 * A figure below a floor that the reference keeps: the binomial tail of a share, a one-sided z
 * test of a mean. Where the reference is below it too, the floor says nothing about this model.
 */
function floorDraft(figure: Figure, floor: number, reference: Reference): Draft {
  const known = reference.figures.find((one) => one.name === figureName(figure));
  const values = known?.values ?? [];
  const mean = values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length);
  const place = { ...placeOf(figure), feature: `${figure.test}-floor`, threshold: 0, leave: 0 };
  const counts = { nReference: known?.n ?? 0, nCurrent: figure.n };
  if (values.length === 0 || mean < floor) {
    const detail = `the reference has ${mean.toFixed(3)}, which is not above the floor ${floor}; set another`;
    return silentDraft(place, 'no-reference', detail, counts, figure.lagMs);
  }
  const { value } = figure;
  if (value === null || figure.n < figure.needed) {
    const detail = `it needs ${figure.needed} samples`;
    return silentDraft(place, 'insufficient-data', detail, counts, figure.lagMs);
  }
  const { n } = figure;
  const isShare = figure.test !== 'satisfaction' && floor < 1;
  const error = isShare ? Math.sqrt((floor * (1 - floor)) / n) : (figure.error ?? 0);
  if (error === 0) {
    return silentDraft(place, 'insufficient-data', 'its values do not vary', counts, figure.lagMs);
  }
  const effect = floor - value;
  return {
    finding: {
      ...place,
      ...counts,
      statistic: value,
      nullMean: floor,
      corrected: value - floor,
      pValue: isShare
        ? binomialCdf(Math.min(n, Math.round(value * n)), n, floor)
        : normalSf(effect / error),
      effect,
      method: isShare ? 'binomial' : 'z of a mean',
      detail: '',
    },
    lagMs: figure.lagMs,
    critical: (level) => floor - error * normalIsf(level),
    verdict: bandVerdict(effect, { warning: 0, threshold: 0 }),
  };
}
