import { monitorCommand } from '../../src/cli/monitor.js';
import { cellKind } from '../../src/datasets/cell.js';
import { TextDictionary } from '../../src/datasets/text-dictionary.js';
import { createRandom } from '../../src/generate/random.js';
import { calibrate } from '../../src/monitors/calibration/calibrate.js';
import type { Design } from '../../src/monitors/calibration/design.js';
import { freeze } from '../../src/reports/frozen-column.js';
import { looksByDefault, watchedTests, windowLevel } from '../../src/reports/window-level.js';
import { Criticals, windowTests } from '../../src/reports/window-tests.js';
import { binOf, countValues } from '../../src/stats/bin-of.js';
import { frozenEdges } from '../../src/stats/frozen-edges.js';
import { createSlidingDetector } from './sliding-detector.js';

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

/** What `weir monitor` does by default, over so many columns: a look in which a test says drift. */
export function commandAlarm({ features, nReference, nWindow, slide }: Design): AlarmMaker {
  const tests = watchedTests({ tests: null });
  const promised = { alpha: Number(byDefault('--alpha')), looks: looksByDefault(features) };
  const level = windowLevel({ features, nReference, nWindow, slide, ...promised }, tests);
  const criticals = new Criticals(level);
  return (reference) => {
    const values = Float64Array.from(reference);
    const kinds = new Uint8Array(values.length).fill(cellKind.number);
    const collected = { name: 'x', kinds, values, texts: new TextDictionary() };
    const column = freeze(collected, 'number', nWindow);
    const { bins, counts } = column;
    const window = new Uint32Array(counts.length);
    const rows: number[] = [];
    return (value) => {
      const bin = binOf(bins, value);
      window[bin]!++;
      if (rows.push(bin) > nWindow) window[rows.at(-1 - nWindow)!]!--;
      if (rows.length < nWindow || rows.length % slide !== 0) return false;
      const figures = windowTests(column, counts, window, tests, criticals);
      return figures.some(({ verdict }) => verdict === 'drift');
    };
  };
}

function byDefault(option: string): unknown {
  return monitorCommand().options.find(({ long }) => long === option)?.defaultValue;
}

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
