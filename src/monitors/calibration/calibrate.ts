import { chiSquareIsf } from '../../stats/chi-square.js';
import { ksCriticalDistance } from '../../stats/ks-critical-distance.js';
import { normalIsf } from '../../stats/normal.js';
import { checkedDesign, type Design } from './design.js';
import { knownTails } from './known-tails.js';
import { settingOf, strongest } from './simulate.js';
import { runsFor, standardDesign, tailKey } from './standard-design.js';
import { fitTail, pointAtRate, type Tail } from './tail.js';

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
  /** Streams to simulate; by default until the error is a tenth, and two seconds at most. */
  readonly runs?: number;
  readonly seed?: number;
}

/** Seed of the simulations unless another is asked for. */
export const SEED = 1;
const PSI_GROUPS = 10;
const ERROR_WANTED = 0.1;
const RUNS_FIRST = 1000;

/**
 * The p-value level at which the rule of the design (any test of a feature significant now, and in
 * `periods` of the last `ofPeriods` looks) alarms with chance `alpha` over all its features and
 * looks, where nothing drifts. Features count as independent, the worst case: the chance of one
 * feature's stream is `1 - (1 - alpha)^(1/features)`, and the level at which it alarms so rarely is
 * read off a tail that was fitted to simulated streams (`tail.ts`). Deterministic; the first call
 * of a design takes up to two seconds of a processor unless its tail is known.
 * @throws WeirError definition-invalid
 */
export function calibrate(design: Design, options: CalibrateOptions = {}): Calibration {
  const calibrating = calibrateInTurns(design, options);
  let turn = calibrating.next();
  while (turn.done !== true) turn = calibrating.next();
  return turn.value;
}

/**
 * As `calibrate`, a simulated stream a turn: who has other work to do does it between them. What is
 * remembered takes no turn.
 * @throws WeirError definition-invalid
 */
export function* calibrateInTurns(
  design: Design,
  options: CalibrateOptions = {},
): Generator<undefined, Calibration> {
  const checked = checkedDesign(design);
  const { features, looks, alpha, nReference, nWindow } = checked;
  const { seed = SEED } = options;
  const ofLaw = standardDesign(checked);
  const isKnown = options.runs !== undefined || tailKey(ofLaw, seed) in knownTails;
  // What is not known is simulated once, for any law: a level that is a little lower.
  const standard = isKnown ? ofLaw : standardDesign({ ...checked, law: 'any' });
  const rate = ((-Math.log1p(-alpha) / features) * standard.looks) / looks;
  const known = options.runs === undefined ? knownTails[tailKey(standard, seed)] : undefined;
  const runsMax = options.runs ?? runsFor(standard);
  let runs = options.runs ?? Math.min(RUNS_FIRST, runsMax);
  let tail = known ?? (yield* tailOf(standard, { seed, runs }));
  // Always the first runs of the same ones, so that what is remembered changes no level.
  while (known === undefined && runs < runsMax && pointAtRate(tail, rate).error > ERROR_WANTED) {
    runs = Math.min(runsMax, 2 * runs);
    tail = yield* tailOf(standard, { seed, runs });
  }
  const { x, error } = pointAtRate(tail, rate);
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

interface Simulated {
  readonly seed: number;
  readonly runs: number;
}

/** Tails of this process by key and runs, and the last design's runs, to be gone on with. */
const remembered = new Map<string, Tail>();
const REMEMBERED_MAX = 256;
let latest = { key: '', strongest: new Float64Array(0) };

function* tailOf(
  standard: Required<Design>,
  { seed, runs }: Simulated,
): Generator<undefined, Tail> {
  const key = tailKey(standard, seed);
  const place = `${key} runs ${runs}`;
  const known = remembered.get(place);
  if (known !== undefined) return known;
  const done = latest.key === key ? latest.strongest : new Float64Array(0);
  const setting = settingOf(standard);
  const all = new Float64Array(runs);
  for (let i = 0; i < runs; i++) {
    if (i >= done.length) yield;
    all[i] = done[i] ?? strongest(setting, seed, i);
  }
  latest = { key, strongest: all };
  const tail = fitTail(all);
  const [first] = remembered.keys();
  if (first !== undefined && remembered.size >= REMEMBERED_MAX) remembered.delete(first);
  remembered.set(place, tail);
  return tail;
}
