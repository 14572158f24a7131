import { type Bins, binLabel, nullBin, unseenBin } from '../stats/bins.js';
import { type CovariateSums, compileCovariates } from './covariates.js';
import type { ExpectedErrors } from './error-parts.js';
import { calibrationOf } from './estimate.js';
import type { MonitoredFeature } from './monitored-feature.js';
import { featureReference, type Reference } from './reference.js';
import { type CompiledExpectation, compileExpectations } from './row-expectation.js';
import type { TallyRules } from './tally-rules.js';

/** What rows of one group are counted against, and the reference it comes from. */
export interface Binning {
  readonly referenceId: string;
  /** Frozen bins of the group's features, in their order. */
  readonly bins: readonly Bins[];
  /** Rows end in a label, 0 or 1, and are counted apart by it; null where they do not. */
  readonly labelled?: LabelledRows | null;
  /** Parts of the data that are counted by themselves. */
  readonly segments?: readonly SegmentColumn[];
  /** What rows are expected to be. */
  readonly expectations?: readonly CompiledExpectation[];
  /** The row as one vector, of all rows together; null where the reference has no map of it. */
  readonly covariates?: CovariateSums | null;
}

/** How rows with a label are judged. */
export interface LabelledRows {
  readonly decision: number;
  /** Rows then end in the part of the period, and errors are summed by it; null to leave it. */
  readonly expected?: ExpectedErrors | null;
}

/** What periods that start at a time or later are counted against. */
export interface NextBinning {
  readonly fromMs: number;
  readonly binning: Binning;
}

/** What a period is counted against; `next` ascends. */
export function binningFor(
  { binning, next }: { readonly binning: Binning | null; readonly next: readonly NextBinning[] },
  periodStartMs: number,
): Binning | null {
  return next.findLast(({ fromMs }) => fromMs <= periodStartMs)?.binning ?? binning;
}

/** A feature by whose values the rows of its group are told apart. */
export interface SegmentColumn {
  /** Place in a row. */
  readonly row: number;
  readonly bins: Bins;
  /** By bin: the segment it belongs to. */
  readonly nameOf: readonly string[];
}

/** Of a feature that the reference does not know: its values are counted, not told apart. */
const noBins: Bins = { kind: 'categorical', values: [] };

/** The group of labelled scores: rows of the group `scores` and their label. */
export const labelsGroup = 'labels';
export const scoresGroup = 'scores';

/** The features whose values stand in the rows of a group. */
export function featuresOfGroup(
  features: readonly MonitoredFeature[],
  group: string,
): readonly MonitoredFeature[] {
  const of = group === labelsGroup ? scoresGroup : group;
  return features.filter((feature) => feature.group === of);
}

/** What rows of one group are counted against, or null without a reference. */
export function binningOf(
  reference: Reference | null,
  features: readonly MonitoredFeature[],
  group: string,
  rules: TallyRules,
): Binning | null {
  if (reference === null) return null;
  const own = featuresOfGroup(features, group);
  const bins = own.map((feature) => featureReference(reference, feature)?.bins ?? noBins);
  return { referenceId: reference.id, bins, ...tallied(reference, own, group, rules) };
}

/** What is tallied without a reference: no bins, but what is expected of the rows. */
export function binningWithout(
  referenceId: string,
  features: readonly MonitoredFeature[],
  group: string,
  rules: TallyRules,
): Binning {
  const own = featuresOfGroup(features, group);
  return { referenceId, bins: own.map(() => noBins), ...tallied(null, own, group, rules) };
}

function tallied(
  reference: Reference | null,
  own: readonly MonitoredFeature[],
  group: string,
  rules: TallyRules,
) {
  const { decision } = rules.performance;
  const expected = reference && expectedErrors(reference, own, decision);
  const labelled = group === labelsGroup ? { decision, expected } : null;
  const segments =
    reference === null ? [] : segmentColumns(reference, own, rules.segments, rules.segmentsMax);
  const expectations = group === labelsGroup ? [] : compileExpectations(rules.expectations, own);
  const known = reference?.covariates.find((one) => one.group === group);
  return { labelled, segments, expectations, covariates: compileCovariates(known, own) };
}

/** What the reference's labels say of each bin of the score. */
function expectedErrors(
  reference: Reference,
  own: readonly MonitoredFeature[],
  decision: number,
): ExpectedErrors | null {
  const score = own.find(({ name }) => name === 'score');
  const bins = score && featureReference(reference, score)?.bins;
  if (bins?.kind !== 'numeric' || reference.labelled === undefined) return null;
  const calibration = calibrationOf(bins, reference.labelled, decision);
  return calibration && { row: score!.row, probabilities: calibration.probabilities };
}

function segmentColumns(
  reference: Reference,
  own: readonly MonitoredFeature[],
  names: readonly string[],
  most: number,
): readonly SegmentColumn[] {
  return own.flatMap((feature, row): SegmentColumn[] => {
    const known = names.includes(feature.name) ? featureReference(reference, feature) : undefined;
    if (known === undefined) return [];
    const { bins, counts } = known;
    return [{ row, bins, nameOf: segmentNames(feature.name, bins, counts, most) }];
  });
}

/** The most frequent values of the reference are segments of their own, all others are one. */
function segmentNames(
  feature: string,
  bins: Bins,
  counts: readonly number[],
  most: number,
): readonly string[] {
  const all = counts.map((_, bin) => bin);
  const named = all.filter((bin) => bin !== nullBin(bins) && !isUnseen(bins, bin));
  named.sort((a, b) => counts[b]! - counts[a]! || a - b);
  const own = new Set(named.slice(0, most));
  own.add(nullBin(bins));
  return all.map((bin) => `${feature}=${own.has(bin) ? binLabel(bins, bin) : 'other'}`);
}

function isUnseen(bins: Bins, bin: number): boolean {
  return bins.kind === 'categorical' && bin === unseenBin(bins);
}
