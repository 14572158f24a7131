import type { FeatureValue } from '../features/shape.js';
import { binOf } from '../stats/bin-of.js';
import { binCount } from '../stats/bins.js';
import type { Binning } from './binning.js';
import { addPart, partsOfPeriod, sumsPerPart } from './error-parts.js';
import { addLabelled, labelledSums } from './labelled-sums.js';

/** What is known of sampled rows once they are counted; tallies are added up as they are. */
export interface Tally {
  n: number;
  /** One array per feature, by its bins; of labelled rows those of label 0, then those of 1. */
  readonly counts: readonly Uint32Array[];
  /**
   * Of labelled rows `labelledSums`, and of all together those of `addPart` by part of the period;
   * else four per feature, one per expectation of rows, and of all rows together the sums of their
   * Fourier features.
   */
  readonly sums: Float64Array;
}

/** A tally of all rows and of each segment. */
export interface Tallies extends Tally {
  readonly segments: Map<string, Tally>;
}

/** Per feature: values that are not null, finite numbers, their sum and the sum of squares. */
export const sumsPerFeature = 4;

function emptyTally(binning: Binning): Tally {
  const one = () => binning.bins.map((bins) => new Uint32Array(binCount(bins)));
  const isLabelled = binning.labelled ?? null;
  const passes = binning.expectations?.length ?? 0;
  const width =
    isLabelled === null ? binning.bins.length * sumsPerFeature + passes : labelledSums.length;
  const counts = isLabelled === null ? one() : [...one(), ...one()];
  return { n: 0, counts, sums: new Float64Array(width) };
}

export function emptyTallies(binning: Binning): Tallies {
  const { n, counts, sums } = emptyTally(binning);
  const parts = (binning.labelled?.expected ?? null) === null ? 0 : partsOfPeriod * sumsPerPart;
  const whole = new Float64Array(sums.length + (binning.covariates?.width ?? 0) + parts);
  return { n, counts, sums: whole, segments: new Map() };
}

/** Adds one sampled row of the period that ends at `endMs`, its values in the order of features. */
export function addRow(
  tallies: Tallies,
  binning: Binning,
  row: readonly FeatureValue[],
  endMs: number,
): void {
  addTo(tallies, binning, row, endMs);
  addError(tallies.sums, binning, row);
  const { covariates = null } = binning;
  covariates?.add(row, tallies.sums, tallies.sums.length - covariates.width);
  for (const { row: at, bins, nameOf } of binning.segments ?? []) {
    const name = nameOf[binOf(bins, row[at])]!;
    let segment = tallies.segments.get(name);
    if (segment === undefined) {
      segment = emptyTally(binning);
      tallies.segments.set(name, segment);
    }
    addTo(segment, binning, row, endMs);
  }
}

/** Of labelled rows, whether the decision was wrong, in the part of its period. */
function addError(sums: Float64Array, binning: Binning, row: readonly FeatureValue[]): void {
  const { bins, labelled = null } = binning;
  const expected = labelled?.expected ?? null;
  const [label, part] = [row[bins.length], row[bins.length + 1]];
  if (labelled === null || expected === null || typeof part !== 'number') return;
  const score = row[expected.row];
  const probability = expected.probabilities[binOf(bins[expected.row]!, score)];
  if (typeof score !== 'number' || probability === undefined) return;
  const from = sums.length - (partsOfPeriod - part) * sumsPerPart;
  addPart(sums, from, score >= labelled.decision, Number(label), probability);
}

function addTo(tally: Tally, binning: Binning, row: readonly FeatureValue[], endMs: number): void {
  const { bins, labelled = null, expectations = [] } = binning;
  const { counts, sums } = tally;
  tally.n++;
  const label = labelled === null ? 0 : Number(row[bins.length]);
  for (let i = 0; i < bins.length; i++) {
    const one = counts[label * bins.length + i]!;
    const bin = binOf(bins[i]!, row[i]);
    one[bin] = one[bin]! + 1;
    if (labelled === null) addValue(sums, i * sumsPerFeature, row[i]);
  }
  if (labelled !== null) {
    addLabelled(sums, row[0], label, labelled.decision);
    return;
  }
  const from = bins.length * sumsPerFeature;
  for (let i = 0; i < expectations.length; i++) {
    if (expectations[i]!.holds(row, endMs)) sums[from + i] = sums[from + i]! + 1;
  }
}

function addValue(sums: Float64Array, at: number, value: FeatureValue | undefined): void {
  if (value === null || value === undefined) return;
  sums[at] = sums[at]! + 1;
  if (typeof value !== 'number' || !Number.isFinite(value)) return;
  sums[at + 1] = sums[at + 1]! + 1;
  sums[at + 2] = sums[at + 2]! + value;
  sums[at + 3] = sums[at + 3]! + value * value;
}

/** The tallies of rows that were kept while there was nothing to count them against. */
export function tallyRows(
  binning: Binning,
  rows: readonly (readonly FeatureValue[])[],
  endMs: number,
): Tallies {
  const tallies = emptyTallies(binning);
  for (const row of rows) addRow(tallies, binning, row, endMs);
  return tallies;
}

/** Adds what another task tallied of the same group and period. */
export function mergeTally(into: Tally, other: Tally): void {
  into.n += other.n;
  other.counts.forEach((counts, feature) => {
    const total = into.counts[feature]!;
    counts.forEach((count, bin) => {
      total[bin] = total[bin]! + count;
    });
  });
  other.sums.forEach((sum, i) => {
    into.sums[i] = into.sums[i]! + sum;
  });
}
