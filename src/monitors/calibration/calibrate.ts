import { chiSquareIsf } from '../../stats/chi-square.js';
import { ksCriticalDistance } from '../../stats/ks-critical-distance.js';
import { normalIsf } from '../../stats/normal.js';
import { checkedDesign, type Design } from './design.js';
import { knownTails } from './known-tails.js';
import { settingOf, strongest } from './simulate.js';
import { runsFor, standardDesign, tailKey } from './standard-design.js';
import { fitTail, pointAtRate, type Tail } from './tail.js';
import type { TailStore } from './tail-store.js';

export type { Design } from './design.js';

export interface Calibration {
  /** A look at one test of one feature is significant where its p-value is below this. */
  readonly level: number;
  /** How the level was had. */
  readonly method: 'simulated';
  /** Streams that were simulated, of one feature each. */
  readonly runs: number;
  readonly seed: number;
  /** Relative standard error of the level, from the number of runs; already taken off the level. */
  readonly error: number;
  /** Statistics that are just significant at the level, for the design's sizes. */
  readonly critical: {
    /** Kolmogorov-Smirnov distance. */
    readonly ks: number;
    /** PSI over 10 bins, not bias-corrected. */
    readonly psi: number;
    /** Standard score of the rank sum, either sign. */
    readonly rankSum: number;
  };
}

export interface CalibrateOptions {
  /** Where tails are kept between processes; in memory alone by default. */
  readonly store?: TailStore;
  /** Streams to simulate; by default what takes some seconds, 2,000 to 20,000. */
  readonly runs?: number;
  readonly seed?: number;
}

/** Seed of the simulations unless another is asked for. */
export const SEED = 1;
const PSI_GROUPS = 10;

/** Tails of this process: one for each design that was asked for. */
const remembered = new Map<string, Tail>();
const REMEMBERED_MAX = 256;

/**
 * The p-value level at which the rule of the design (any test of a feature significant now, and in
 * `periods` of the last `ofPeriods` looks) alarms with chance `alpha` over all its features and
 * looks, where nothing drifts. Features count as independent, the worst case: the chance of one
 * feature's stream is `1 - (1 - alpha)^(1/features)`, and the level at which it alarms so rarely is
 * read off a tail that was fitted to simulated streams (`tail.ts`). Deterministic; the first call
 * of a design takes seconds unless its tail is known or stored.
 * @throws WeirError definition-invalid
 */
export function calibrate(design: Design, options: CalibrateOptions = {}): Calibration {
  const checked = checkedDesign(design);
  const { features, looks, alpha, nReference, nWindow } = checked;
  const standard = standardDesign(checked);
  const seed = options.seed ?? SEED;
  const tail = tailOf(standard, { ...options, seed, runs: options.runs ?? runsFor(standard) });
  const rate = -Math.log1p(-alpha) / features;
  const { x, error } = pointAtRate(tail, (rate * standard.looks) / looks);
  const level = Math.exp(-x - error);
  return {
    level,
    method: 'simulated',
    runs: tail.runs,
    seed,
    error,
    critical: {
      ks: ksCriticalDistance(level, nReference, nWindow),
      psi: chiSquareIsf(level, PSI_GROUPS - 1) * (1 / nReference + 1 / nWindow),
      rankSum: normalIsf(level / 2),
    },
  };
}

function tailOf(
  standard: Required<Design>,
  { store, runs, seed }: CalibrateOptions & { readonly runs: number; readonly seed: number },
): Tail {
  const key = tailKey(standard, seed);
  const isEnough = (tail: Tail | undefined) => tail !== undefined && tail.runs >= runs;
  const known = [remembered.get(key), knownTails[key], store?.read(key)].find(isEnough);
  if (known !== undefined) return known;
  const setting = settingOf(standard);
  const tail = fitTail(Float64Array.from({ length: runs }, (_, i) => strongest(setting, seed, i)));
  remember(key, tail);
  store?.write(key, tail);
  return tail;
}

function remember(key: string, tail: Tail): void {
  const [first] = remembered.keys();
  if (first !== undefined && remembered.size >= REMEMBERED_MAX) remembered.delete(first);
  remembered.set(key, tail);
}
