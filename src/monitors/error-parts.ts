/** Parts of a period in which errors are counted: an hour of a day. */
export const partsOfPeriod = 24;

/** Labelled scores, those that were wrong, and how many were expected to be, in units of 2^-20. */
export const sumsPerPart = 3;

/** Expectations are whole multiples of it, so that they add up exactly in any order. */
const unit = 2 ** 20;

/** What is known of errors before labels: how probable a positive one is, by the score's bin. */
export interface ExpectedErrors {
  /** Place of the score in a row. */
  readonly row: number;
  /** By bin of a number. */
  readonly probabilities: ArrayLike<number>;
}

/** The part of its period in which the label of a score matured. */
export function partAt(maturedMs: number, periodStartMs: number, periodMs: number): number {
  return Math.floor(((maturedMs - periodStartMs) * partsOfPeriod) / periodMs);
}

/** Adds a decision to the sums of its part, which begin at `from`. */
export function addPart(
  sums: Float64Array,
  from: number,
  isYes: boolean,
  label: number,
  probability: number,
): void {
  const expected = isYes ? 1 - probability : probability;
  sums[from] = sums[from]! + 1;
  sums[from + 1] = sums[from + 1]! + (isYes === (label === 1) ? 0 : 1);
  sums[from + 2] = sums[from + 2]! + Math.round(expected * unit);
}

/** One part of a period. */
export interface ErrorPart {
  readonly startMs: number;
  readonly n: number;
  readonly wrong: number;
  /** Expected to be wrong. */
  readonly expected: number;
}

/** The parts of a period that have scores, of the last sums of a tally, oldest first. */
export function partsOf(
  sums: readonly number[],
  periodStartMs: number,
  periodMs: number,
): readonly ErrorPart[] {
  const first = sums.length - partsOfPeriod * sumsPerPart;
  return Array.from({ length: partsOfPeriod }, (_, i): ErrorPart => {
    const [n = 0, wrong = 0, expected = 0] = sums.slice(first + i * sumsPerPart);
    const startMs = periodStartMs + (i * periodMs) / partsOfPeriod;
    return { startMs, n, wrong, expected: expected / unit };
  }).filter(({ n }) => n > 0);
}
