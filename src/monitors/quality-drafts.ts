import { type Bins, nullBin, unseenBin } from '../stats/bins.js';
import { binningOf, binningWithout, featuresOfGroup } from './binning.js';
import { bandVerdict, type Draft, silentDraft } from './draft.js';
import { eventQuality } from './event-quality.js';
import type { Expectation } from './expectation.js';
import { countedRows, type GatheredGroup, type GatheredPeriod } from './gather.js';
import { interval, type Measured, share } from './measured.js';
import { isWhollyObserved } from './observed.js';
import { featureReference } from './reference.js';
import { compileExpectations } from './row-expectation.js';
import { countedApart, type Evaluation } from './sides.js';
import { sumsPerFeature } from './tally.js';

/** An effect that is nothing but rounding has recovered. */
const nothing = 1e-12;

/** A part of a group's rows. */
interface Part {
  readonly segment: string;
  readonly n: number;
  readonly counts: readonly Uint32Array[];
  readonly sums: readonly number[];
}

/** What is expected of the data, for each group as a whole and for its segments. */
export function qualityDrafts(evaluation: Evaluation, period: GatheredPeriod): readonly Draft[] {
  return evaluation.definition.expectations.flatMap((expectation) => {
    if (expectation.test === 'volume') return []; // a figure of the reference's periods
    const name = groupName(evaluation, expectation);
    const group = groupOf(evaluation, period, name);
    if (group === null) {
      const place = placeOf(expectation, '');
      const none = { nReference: 0, nCurrent: 0 };
      const detail = period.apart?.includes(name) ? countedApart : 'no entity was seen';
      return [silentDraft(place, 'insufficient-data', detail, none)];
    }
    const whole: Part = { ...group, segment: '', counts: group.counts ?? [] };
    const parts = 'feature' in expectation ? [whole, ...group.segments] : [whole];
    return parts.flatMap((part) => draftOf(evaluation, period, expectation, group, part) ?? []);
  });
}

function groupName({ features }: Evaluation, expectation: Expectation): string {
  if ('group' in expectation) return expectation.group;
  return features.find((feature) => feature.name === expectation.feature)!.group; // it is carried
}

/** The group with its rows tallied, even where there is no reference to count them against. */
function groupOf(
  { definition, features, reference }: Evaluation,
  period: GatheredPeriod,
  name: string,
): GatheredGroup | null {
  const group = period.groups.find((one) => one.group === name);
  if (group === undefined) return null;
  if (group.rows === null) return group;
  const binning =
    binningOf(reference, features, group.group, definition) ??
    binningWithout('none', features, group.group, definition);
  return countedRows(group, binning);
}

function placeOf(expectation: Expectation, segment: string) {
  const feature = 'feature' in expectation ? expectation.feature : expectation.group;
  const { test } = expectation;
  return { subject: 'quality', feature, segment, test, threshold: 0, leave: nothing } as const;
}

function draftOf(
  evaluation: Evaluation,
  period: GatheredPeriod,
  expectation: Expectation,
  group: GatheredGroup,
  part: Part,
): Draft | null {
  const place = placeOf(expectation, part.segment);
  const measured = measure(evaluation, period, expectation, group, part);
  const counts = { nReference: 0, nCurrent: part.n };
  if (typeof measured === 'string') {
    return silentDraft(place, 'insufficient-data', measured, counts);
  }
  const { statistic, effect, n, pValue, method, detail = '' } = measured;
  const finding = {
    ...place,
    nReference: 0,
    nCurrent: n,
    statistic,
    nullMean: null,
    corrected: null,
    pValue,
    effect,
    method,
    detail,
  };
  const banded = bandVerdict(effect, { warning: nothing, threshold: nothing });
  const verdict: Draft['verdict'] = (significant) => banded(significant || pValue === null);
  return { finding, lagMs: 0, critical: () => null, verdict };
}

/** What the part comes to, or why nothing can be said. */
function measure(
  evaluation: Evaluation,
  period: GatheredPeriod,
  expectation: Expectation,
  group: GatheredGroup,
  part: Part,
): Measured | string {
  const { test } = expectation;
  if (test === 'row-count') return interval(part.n, expectation, part.n);
  if (test === 'freshness') {
    if (group.newestMs === null) return 'no entity was seen';
    const lagMs = period.periodEndMs - group.newestMs;
    return interval(lagMs, { max: expectation.withinMs }, part.n);
  }
  if (test === 'volume') return 'a figure of its own';
  if (test === 'schema' || test === 'duplicates') {
    return eventQuality(evaluation.definition, expectation, group.events);
  }
  const own = featuresOfGroup(evaluation.features, group.group);
  const at = own.findIndex(({ name }) => name === expectation.feature);
  const feature = own[at]!;
  // A window that began before the stream is null or small by that alone.
  const isPartial =
    feature.windowMs > 0 && !isWhollyObserved(feature, period.periodStartMs, group.observedFromMs);
  if (isPartial) return 'the window was not wholly observed';
  const [known = 0, finite = 0, sum = 0, squares = 0] = part.sums.slice(at * sumsPerFeature);
  switch (test) {
    case 'not-null':
      return share(known, part.n, expectation.mostly ?? 1);
    case 'completeness':
      return share(known, part.n, 1 - (expectation.nulls ?? 0.1));
    case 'mean-between':
      return finite === 0 ? 'no value' : interval(sum / finite, expectation, finite);
    case 'std-between': {
      if (finite < 2) return 'fewer than two values';
      const variance = Math.max(0, squares - (sum * sum) / finite) / (finite - 1);
      return interval(Math.sqrt(variance), expectation, finite);
    }
    case 'between':
    case 'recent':
    case 'date-range': {
      const compiled = compileExpectations(evaluation.definition.expectations, own);
      const slot = compiled.findIndex((one) => one.expectation === expectation);
      const passes = part.sums[own.length * sumsPerFeature + slot] ?? 0;
      return known === 0 ? 'no value' : share(passes, known, expectation.mostly ?? 1);
    }
    case 'unseen':
    case 'out-of-range':
      return foreign(evaluation, feature.name, part.counts[at], known, expectation.most ?? 0.01);
    default:
      return test satisfies never;
  }
}

/** The share of values that the reference does not have. */
function foreign(
  { features, reference }: Evaluation,
  name: string,
  counts: Uint32Array | undefined,
  known: number,
  most: number,
): Measured | string {
  const feature = features.find((one) => one.name === name)!;
  const bins = reference === null ? undefined : featureReference(reference, feature)?.bins;
  if (bins === undefined || counts === undefined) return 'there is no reference to compare with';
  if (known === 0) return 'no value';
  return share(known - outside(bins, counts), known, 1 - most);
}

function outside(bins: Bins, counts: Uint32Array): number {
  if (bins.kind === 'categorical') return counts[unseenBin(bins)]!;
  return counts[0]! + counts[nullBin(bins) - 1]!;
}
