import { WeirError } from '../errors.js';
import { scoresGroup } from './binning.js';

/**
 * What is expected of the data of a period (REQUIREMENTS §4). `mostly` is the share of the values
 * that must be so, 1 by default; nulls are for `not-null` and `completeness` alone.
 */
export type Expectation =
  | OfFeature<'not-null', { readonly mostly?: number }>
  /** At most so many nulls: a share, 0.1 by default. */
  | OfFeature<'completeness', { readonly nulls?: number }>
  | OfFeature<'between', Interval & { readonly mostly?: number }>
  | OfFeature<'mean-between', Interval>
  /** Sample standard deviation. */
  | OfFeature<'std-between', Interval>
  /** A time, ms, not further before the end of the period. */
  | OfFeature<'recent', { readonly withinMs: number; readonly mostly?: number }>
  /** A time, ms, in `[fromMs, toMs)`. */
  | OfFeature<
      'date-range',
      { readonly fromMs: number; readonly toMs: number; readonly mostly?: number }
    >
  /** At most such a share of values that the reference does not have, 0.01 by default. */
  | OfFeature<'unseen', { readonly most?: number }>
  /** At most such a share below or above all of the reference, 0.01 by default. */
  | OfFeature<'out-of-range', { readonly most?: number }>
  /** Entities sampled of a view, or of `scores`. */
  | OfGroup<'row-count', Interval>
  /** Relative change of the entities sampled against the reference's periods, 0.5 by default. */
  | OfGroup<'volume', { readonly change?: number }>
  /** Each of these columns has a value in some event of the view: none was dropped or renamed. */
  | OfGroup<'schema', { readonly columns: readonly string[] }>
  /**
   * At most such a share of the view's events repeat another of the period in time and columns (all
   * of them by default); 0.01 by default.
   */
  | OfGroup<'duplicates', { readonly most?: number; readonly columns?: readonly string[] }>
  /** The newest sample is no older at the end of the period. */
  | OfGroup<'freshness', { readonly withinMs: number }>;

export type EventExpectation = Extract<Expectation, { readonly test: 'schema' | 'duplicates' }>;

interface Interval {
  readonly min?: number;
  readonly max?: number;
}

type OfFeature<Test, Rest> = { readonly test: Test; readonly feature: string } & Rest;
type OfGroup<Test, Rest> = { readonly test: Test; readonly group: string } & Rest;

/** What is asked of all events of a view, whoever they are of. */
export function isOfEvents(one: Expectation): one is EventExpectation {
  return one.test === 'schema' || one.test === 'duplicates';
}

/**
 * Checks what can be checked without the pipeline.
 * @throws WeirError definition-invalid
 */
export function checkExpectations(monitor: string, list: readonly Expectation[]): void {
  const seen = new Set<string>();
  for (const one of list) {
    const what = 'feature' in one ? one.feature : one.group;
    const name = `${one.test} of ${what}`;
    const refuse = (expected: string, found: string): never => {
      throw new WeirError(
        'definition-invalid',
        `monitor ${monitor}, ${name}: expected ${expected}; found ${found}`,
      );
    };
    if (seen.has(name)) refuse('each expectation once', 'it twice');
    seen.add(name);
    if (isOfEvents(one) && one.group === scoresGroup) {
      refuse('a view, whose events are looked at', scoresGroup);
    }
    if ('columns' in one && one.columns!.length === 0) refuse('columns, or none named', 'no name');
    if ('mostly' in one && !(one.mostly! > 0 && one.mostly! <= 1)) {
      refuse('mostly above 0, up to 1', String(one.mostly));
    }
    if ('min' in one && 'max' in one && !(one.min! <= one.max!)) {
      refuse('min up to max', `${one.min} and ${one.max}`);
    }
  }
}
