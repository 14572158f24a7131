import type { Design } from './design.js';

/** Rows of a simulated window; p-values over larger ones follow the same law. */
const WINDOW_ROWS = [1000, 500, 200];
/** Rows of one whose slide would else fall below a row. */
const WINDOW_ROWS_MAX = 10_000;
/** Shares of a window from one to the next; shorter ones are kept as they are. */
const SLIDES = [0.1, 0.2, 0.5, 1];
/** Reference rows for each of a window: beyond the last the reference's own error is nothing. */
const RATIOS = [1, 2, 5, 10, 20, 50];
const LOOKS_MAX = 200;

/**
 * The smaller design that is simulated for a large one, and that neighbours share: what the law of
 * the p-values depends on is the sizes' ratios. Windows shrink to 1,000, 500 or 200 rows, the slide
 * and the reference grow to the next of some ratios: each allows a level that is a little lower. A
 * slide below a tenth of the window is kept, in a window of 1,000 to 10,000 rows, so that it is
 * still a row. Beyond 200 looks the rate of alarms per look counts as constant, which is on the
 * safe side: it falls, since a reference that happens to be a poor one alarms early. Features and
 * alpha do not matter here. Of two values all tests are one, with the law of the rank sum.
 */
export function standardDesign(design: Required<Design>): Required<Design> {
  const { nReference, nWindow, slide, looks, tests, law } = design;
  const window = windowRows(nWindow, slide);
  const step = slide / nWindow;
  const share = step < SLIDES[0]! ? step : nextOf(SLIDES, step);
  const ratio = nReference / nWindow;
  const reference = (ratio < RATIOS[0]! ? ratio : nextOf(RATIOS, ratio)) * window;
  return {
    ...design,
    features: 1,
    alpha: 0.5,
    nWindow: window,
    nReference: Math.max(1, Number(reference.toPrecision(2))),
    slide: Math.max(1, Math.round(share * window)),
    looks: Math.min(looks, LOOKS_MAX),
    tests: law === 'binary' ? ['rank-sum'] : tests.toSorted(),
    law: law === 'binary' ? 'any' : law,
  };
}

function windowRows(nWindow: number, slide: number): number {
  const rows = WINDOW_ROWS.find((one) => one <= nWindow) ?? nWindow;
  const finest = Math.min(WINDOW_ROWS_MAX, nWindow, Math.ceil(nWindow / slide));
  return Math.max(rows, finest);
}

/** The first of ascending values that is not below the value; else the last. */
function nextOf(values: readonly number[], value: number): number {
  return values.find((one) => one >= value) ?? values.at(-1)!;
}

/** Runs that take about two seconds of one 2020s core, 1,000 to 20,000: the most there are. */
export function runsFor({ nWindow, slide, looks }: Required<Design>): number {
  const streamMicros = 30 + nWindow * 0.005 + looks * (1.3 + slide * 0.005);
  return Math.max(1000, Math.min(20_000, Math.round(2e6 / streamMicros)));
}

/** What a tail is kept under: all that its simulation depends on. */
export function tailKey(standard: Required<Design>, seed: number): string {
  const { nReference, nWindow, slide, looks, periods, ofPeriods, tests, law } = standard;
  const sizes = [nReference, nWindow, slide, looks].join('/');
  const what = [...(law === 'any' ? [] : [law]), tests.join('+')].join(' ');
  return `v1 ${sizes} ${periods}of${ofPeriods} ${what} seed ${seed}`;
}
