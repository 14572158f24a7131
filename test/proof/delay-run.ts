import { cellKind } from '../../src/datasets/cell.js';
import { TextDictionary } from '../../src/datasets/text-dictionary.js';
import { createRandom } from '../../src/generate/random.js';
import { calibrate } from '../../src/monitors/calibration/calibrate.js';
import type { Design } from '../../src/monitors/calibration/design.js';
import { createSlidingDetector } from '../../src/monitors/calibration/sliding-detector.js';
import { kOfN } from '../../src/reports/episode-tracker.js';
import { freeze } from '../../src/reports/frozen-column.js';
import { Criticals, windowTests } from '../../src/reports/window-tests.js';
import { binOf, countValues } from '../../src/stats/bin-of.js';
import { frozenEdges } from '../../src/stats/frozen-edges.js';

/** The design of the goals: 5 % chance of any alarm over 50 features and 200 looks. */
export const goalDesign: Design = {
  features: 50,
  nReference: 10_000,
  nWindow: 1000,
  slide: 100,
  looks: 200,
  periods: 1,
  ofPeriods: 1,
  alpha: 0.05,
};

/** Watches one feature: told each row, it says whether this row raises an alarm. */
export type Alarm = (value: number) => boolean;
export type AlarmMaker = (reference: readonly number[]) => Alarm;

export function weirAlarm(design: Design, level = calibrate(design).level): AlarmMaker {
  return (reference) => {
    const bins = frozenEdges(reference);
    const counts = countValues(bins, reference);
    const detector = createSlidingDetector(bins, counts, design, { level });
    return (value) => detector.push(value)?.isAlarm ?? false;
  };
}

/**
 * The rule of `weir monitor`: some test finds drift, which asks for a size of effect beside the
 * level, now and in k of the last n windows.
 */
export function commandAlarm(given: Design): AlarmMaker {
  const design = { ...given, ...kOfN };
  const criticals = new Criticals(calibrate(design).level);
  return (reference) => {
    const values = Float64Array.from(reference);
    const kinds = new Uint8Array(values.length).fill(cellKind.number);
    const collected = { name: 'x', kinds, values, texts: new TextDictionary() };
    const column = freeze(collected, 'number', design.nWindow);
    const { bins, counts } = column;
    const window = new Uint32Array(counts.length);
    const rows: number[] = [];
    const recent: boolean[] = [];
    return (value) => {
      const bin = binOf(bins, value);
      window[bin]!++;
      if (rows.push(bin) > design.nWindow) window[rows.at(-1 - design.nWindow)!]!--;
      if (rows.length < design.nWindow || rows.length % design.slide !== 0) return false;
      const figures = windowTests(
        column,
        counts,
        window,
        new Set(design.tests ?? usual),
        criticals,
      );
      recent.push(figures.some(({ verdict }) => verdict === 'drift'));
      if (recent.length > design.ofPeriods) recent.shift();
      return recent.at(-1) === true && recent.filter(Boolean).length >= design.periods;
    };
  };
}

const usual = ['psi', 'ks', 'rank-sum'] as const;

export const neverAlarms: AlarmMaker = () => () => false;
export const alwaysAlarms: AlarmMaker = () => () => true;

export interface Delay {
  /** Events from the change to the first alarm, null where none came in 5,000. */
  readonly events: number | null;
  /** An alarm came before the change. */
  readonly isEarly: boolean;
}

/**
 * One run: standard normal reference, 1,000 to 1,999 rows of the same law (so that the change falls
 * anywhere in a slide), then rows whose mean is `shift`. Alarms before the change are counted, and
 * the delay is that of the first after it.
 */
export function delayRun(make: AlarmMaker, shift: number, seed: number): Delay {
  const random = createRandom(seed, 0);
  const alarm = make(Array.from({ length: 10_000 }, () => random.normal(0, 1)));
  const before = goalDesign.nWindow + Math.floor(random.unit() * goalDesign.nWindow);
  let isEarly = false;
  for (let row = 0; row < before; row++) isEarly = alarm(random.normal(0, 1)) || isEarly;
  for (let row = 1; row <= 5000; row++) {
    if (alarm(random.normal(shift, 1))) return { events: row, isEarly };
  }
  return { events: null, isEarly };
}

/** A quantile of the delays, runs without an alarm last; null where it falls on one of those. */
export function delayQuantile(delays: readonly Delay[], share: number): number | null {
  const sorted = delays
    .map(({ events }) => events ?? Number.POSITIVE_INFINITY)
    .sort((a, b) => a - b);
  const value = sorted[Math.ceil(share * sorted.length) - 1]!;
  return Number.isFinite(value) ? value : null;
}
