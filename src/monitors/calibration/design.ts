import { WeirError } from '../../errors.js';

/** Tests whose p-values an alarm over sliding windows may rest on. */
export type SlidingTest = 'psi' | 'ks' | 'rank-sum';

const slidingTests: readonly SlidingTest[] = ['psi', 'ks', 'rank-sum'];

/**
 * What values a feature has, as far as its tests tell the same by it: `binary` where there are two,
 * `point-mass` where the least or the greatest holds 60 % of the rows or more, as the zeros of
 * amounts do. `any` is the worst case.
 */
export type ValueLaw = 'any' | 'point-mass' | 'binary';

/** How a monitor looks, and how often it may be wrong. */
export interface Design {
  /** Features (or columns) that are watched at once. */
  readonly features: number;
  /** Rows of the reference. */
  readonly nReference: number;
  /** Rows of a window. */
  readonly nWindow: number;
  /** Rows from one window's start to the next; `nWindow` where windows do not overlap. */
  readonly slide: number;
  /** Looks over which `alpha` is kept; the first is at the first full window. */
  readonly looks: number;
  /** An alarm needs a significant look now, and `periods` of them among the last `ofPeriods`. */
  readonly periods: number;
  readonly ofPeriods: number;
  /** Chance of any alarm over all features and looks where nothing drifts. */
  readonly alpha: number;
  /** Tests of each feature; all of `slidingTests` by default. A look is significant by any. */
  readonly tests?: readonly SlidingTest[];
  /** Of the values of each feature; `any` by default. */
  readonly law?: ValueLaw;
}

const wholeNumbers = [
  'features',
  'nReference',
  'nWindow',
  'slide',
  'looks',
  'periods',
  'ofPeriods',
] as const;

/**
 * The design, if it can be looked at.
 * @throws WeirError definition-invalid
 */
export function checkedDesign(design: Design): Required<Design> {
  const { alpha, tests = slidingTests, law = 'any' } = design;
  for (const name of wholeNumbers) {
    const value = design[name];
    if (!Number.isSafeInteger(value) || value < 1) refuse(name, 'a whole number from 1', value);
  }
  if (design.slide > design.nWindow) {
    refuse('slide', `at most the window's ${design.nWindow} rows`, design.slide);
  }
  if (design.periods > design.ofPeriods) {
    refuse('periods', `at most ofPeriods (${design.ofPeriods})`, design.periods);
  }
  if (!(alpha > 0 && alpha < 1)) refuse('alpha', 'a probability between 0 and 1', alpha);
  if (tests.length === 0) refuse('tests', `some of ${slidingTests.join(', ')}`, 'none');
  return { ...design, tests, law };
}

function refuse(name: string, expected: string, found: number | string): never {
  throw new WeirError(
    'definition-invalid',
    `calibration ${name}: expected ${expected}; found ${found}`,
  );
}
