import type { Design } from './design.js';

/** Rows of a simulated window; p-values over larger ones follow the same law. */
const WINDOW_ROWS = 1000;
/** Rows of one whose slide would else fall below a row. */
const WINDOW_ROWS_MAX = 10_000;
/** Reference rows for each row of the window: beyond them the reference's own error is nothing. */
const RATIO_MAX = 50;
const LOOKS_MAX = 1000;

/**
 * The smaller design that is simulated for a large one, and that neighbours share: what the law of
 * the p-values depends on is the sizes' ratios. Windows above 1,000 rows shrink to 1,000 (to 10,000
 * at most, where a slide would else fall below a row; beyond that the slide is too long, which is
 * on the safe side), the reference in proportion, to two digits. Beyond 1,000 looks the rate of
 * alarms per look counts as constant, which is on the safe side too: it falls, since a reference
 * that happens to be a poor one alarms early. Features and alpha do not matter here.
 */
export function standardDesign(design: Required<Design>): Required<Design> {
  const { nReference, nWindow, slide, looks, tests } = design;
  const finest = Math.min(1 / slide, WINDOW_ROWS_MAX / nWindow);
  const factor = Math.min(1, Math.max(WINDOW_ROWS / nWindow, finest));
  const window = Math.round(nWindow * factor);
  return {
    ...design,
    features: 1,
    alpha: 0.5,
    nWindow: window,
    nReference: Math.min(twoDigits(nReference * factor), RATIO_MAX * window),
    slide: Math.min(window, Math.max(1, Math.round(slide * factor))),
    looks: Math.min(looks, LOOKS_MAX),
    tests: tests.toSorted(),
  };
}

function twoDigits(value: number): number {
  return Number(value.toPrecision(2));
}

/** Runs that take about four seconds of one 2020s core, 2,000 to 20,000: the most there are. */
export function runsFor({ nWindow, slide, looks }: Required<Design>): number {
  const streamMicros = 30 + nWindow * 0.005 + looks * (1.3 + slide * 0.005);
  return Math.max(2000, Math.min(20_000, Math.round(4e6 / streamMicros)));
}

/** What a tail is kept under: all that its simulation depends on. */
export function tailKey(standard: Required<Design>, seed: number): string {
  const { nReference, nWindow, slide, looks, periods, ofPeriods, tests } = standard;
  const sizes = [nReference, nWindow, slide, looks].join('/');
  return `v1 ${sizes} ${periods}of${ofPeriods} ${tests.join('+')} seed ${seed}`;
}
