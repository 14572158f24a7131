import { createRandom, type Random } from '../../src/generate/random.js';
import { calibrate } from '../../src/monitors/calibration/calibrate.js';
import type { Design, ValueLaw } from '../../src/monitors/calibration/design.js';
import { binaryTest } from '../../src/monitors/calibration/evidence.js';
import { lawOf } from '../../src/monitors/calibration/value-law.js';
import { countValues } from '../../src/stats/bin-of.js';
import { binCount, type NumericBins, nullBin } from '../../src/stats/bins.js';
import { frozenEdges } from '../../src/stats/frozen-edges.js';
import { normalCdf } from '../../src/stats/normal.js';
import { createSlidingDetector } from './sliding-detector.js';

/** A law of values: it never drifts. */
export interface Law {
  readonly draw: (random: Random) => number | null;
  /** P(value <= x), of numbers. */
  readonly atMost: (x: number) => number;
  readonly missing: number;
}

/** A smooth law, and some with ties, point masses, nulls and rare values. */
export const quietLaws: Readonly<Record<string, Law>> = {
  normal: { draw: (random) => random.normal(0, 1), atMost: normalCdf, missing: 0 },
  'counts (Poisson, mean 3)': {
    draw: (random) => random.poisson(3),
    atMost: (x) => poissonCdf(3, Math.floor(x)),
    missing: 0,
  },
  'amounts (log-normal, to the cent, 60 % zero)': {
    draw: (random) =>
      random.unit() < 0.6 ? 0 : Math.round(100 * Math.exp(random.normal(2, 1))) / 100,
    atMost: (x) => (x < 0 ? 0 : 0.6 + 0.4 * normalCdf(Math.log((centsOf(x) + 0.5) / 100) - 2)),
    missing: 0,
  },
  'ratings (1 to 5, 10 % null)': {
    draw: (random) => (random.unit() < 0.1 ? null : 1 + Math.floor(5 * random.unit() ** 0.5)),
    atMost: (x) => 0.9 * Math.min(1, Math.max(0, Math.floor(x)) / 5) ** 2,
    missing: 0.1,
  },
  'flag (2 % set)': flag(0.02),
  'flag (12 % set)': flag(0.12),
};

function flag(share: number): Law {
  return {
    draw: (random) => (random.unit() < share ? 1 : 0),
    atMost: (x) => (x < 0 ? 0 : x < 1 ? 1 - share : 1),
    missing: 0,
  };
}

function poissonCdf(mean: number, most: number): number {
  let term = Math.exp(-mean);
  let sum = 0;
  for (let k = 0; k <= most; k++) {
    sum += term;
    term *= mean / (k + 1);
  }
  return Math.min(1, sum);
}

/** The most whole cents that are at most x. */
function centsOf(x: number): number {
  const near = Math.round(100 * x);
  return near / 100 <= x ? near : near - 1;
}

/** P(bin) of each bin. */
export function binShares(bins: NumericBins, { atMost, missing }: Law): Float64Array {
  const shares = new Float64Array(binCount(bins));
  let before = 0;
  for (const [bin, edge] of bins.edges.entries()) {
    const below = atMost(edge);
    shares[bin] = below - before;
    before = below;
  }
  shares[bins.edges.length] = 1 - missing - before;
  shares[nullBin(bins)] = missing;
  return shares;
}

/** Draws of a bin by the inverse of the distribution function, found from a guide of 1,024. */
export function binDraws(shares: Float64Array, random: Random): () => number {
  const below = new Float64Array(shares.length);
  let sum = 0;
  for (const [bin, share] of shares.entries()) {
    sum += share;
    below[bin] = sum;
  }
  // The bins after the last that has a share are never drawn, whatever rounding left.
  const last = shares.findLastIndex((share) => share > 0);
  below.fill(1, last);
  const guide = Uint16Array.from({ length: 1024 }, (_, i) =>
    below.findIndex((share) => share > i / 1024),
  );
  return () => {
    const u = random.unit();
    let bin = guide[Math.floor(u * 1024)]!;
    while (below[bin]! <= u) bin++;
    return bin;
  };
}

/** A rule, its level for each law of values, and the looks after which nothing more is asked. */
export interface Watch {
  readonly design: Design;
  readonly levelOf: (law: ValueLaw) => number;
  readonly limit: number;
}

/** @param runs streams that are simulated; by default what is known is taken */
export function watchOf(design: Design, limit = design.looks, runs?: number): Watch {
  const options = runs === undefined ? {} : { runs };
  const levels = new Map<ValueLaw, number>();
  const levelOf = (law: ValueLaw): number => {
    const level = levels.get(law) ?? calibrate({ ...design, law }, options).level;
    levels.set(law, level);
    return level;
  };
  return { design, levelOf, limit };
}

/** A reference of values that were drawn, frozen, and what the law gives its bins. */
export interface Frozen {
  readonly bins: NumericBins;
  readonly counts: Uint32Array;
  readonly shares: Float64Array;
}

export function frozenReference(law: Law, rows: number, seed: number, number: number): Frozen {
  const random = createRandom(seed, number);
  const values = Array.from({ length: rows }, () => law.draw(random));
  const bins = frozenEdges(values);
  return { bins, counts: countValues(bins, values), shares: binShares(bins, law) };
}

/** Looks to the first alarm, from 1; null where there is none within the limit. */
export function firstAlarm(watch: Watch, frozen: Frozen, seed: number, stream: number) {
  const { design, levelOf } = watch;
  const { bins, counts } = frozen;
  const level = levelOf(lawOf(counts));
  const detector = createSlidingDetector(bins, counts, design, { level }, { leastMoved: 0 });
  return firstOf(watch, frozen, seed, stream, (bin) => detector.pushBin(bin)?.isAlarm ?? null);
}

/** @param alarms whether a row's look alarms; null where none is due */
function firstOf(
  { limit }: Watch,
  { shares }: Frozen,
  seed: number,
  stream: number,
  alarms: (bin: number) => boolean | null,
): number | null {
  const draw = binDraws(shares, createRandom(seed, -1 - stream));
  for (let looks = 0; looks < limit; ) {
    const isAlarm = alarms(draw());
    if (isAlarm === null) continue;
    looks++;
    if (isAlarm) return looks;
  }
  return null;
}

/**
 * The same of a feature of two values, were a row less enough on either side of what is expected:
 * between the two no threshold is left.
 */
export function firstAlarmARowSooner(
  watch: Watch,
  frozen: Frozen,
  seed: number,
  stream: number,
): number | null {
  const { nWindow, slide, periods, ofPeriods } = watch.design;
  const { counts } = frozen;
  const rare = counts.indexOf(Math.min(...counts.filter((count) => count > 0)));
  const isSignificant = aRowSooner(watch, counts[rare]!);
  const window = new Uint8Array(nWindow);
  const recent: boolean[] = [];
  let rows = 0;
  let set = 0;
  return firstOf(watch, frozen, seed, stream, (bin) => {
    const place = rows++ % nWindow;
    const now = Number(bin === rare);
    set += now - window[place]!;
    window[place] = now;
    if (rows < nWindow || (rows - nWindow) % slide !== 0) return null;
    recent.push(isSignificant[set]!);
    if (recent.length > ofPeriods) recent.shift();
    return isSignificant[set]! && recent.filter(Boolean).length >= periods;
  });
}

/** By the rows of a window that have the rarer value. */
function aRowSooner({ design, levelOf }: Watch, setBefore: number): readonly boolean[] {
  const { nReference, nWindow } = design;
  const level = levelOf('binary');
  const expected = (nWindow * setBefore) / nReference;
  return Array.from({ length: nWindow + 1 }, (_, set) => {
    const further = Math.min(nWindow, Math.max(0, set + Math.sign(set - expected)));
    const reference = [nReference - setBefore, setBefore];
    const found = binaryTest(reference, [nWindow - further, further]);
    return found !== null && found.pValue < level;
  });
}

/**
 * The first alarms of several rules that watch one feature without drift, by the detector of the
 * library. Rows are drawn as bins, by what the law gives each, which is the same as drawing values
 * and finding their bins.
 */
export function firstAlarms(
  watches: readonly Watch[],
  frozen: Frozen,
  seed: number,
  stream: number,
): readonly (number | null)[] {
  const { design } = watches[0]!;
  // No rule alarms where no look is significant at the highest level: most streams are read once.
  const law = lawOf(frozen.counts);
  const level = Math.max(...watches.map((watch) => watch.levelOf(law)));
  const limit = Math.max(...watches.map((watch) => watch.limit));
  const single = { design: { ...design, periods: 1, ofPeriods: 1 }, levelOf: () => level, limit };
  if (firstAlarm(single, frozen, seed, stream) === null) return watches.map(() => null);
  return watches.map((watch) => firstAlarm(watch, frozen, seed, stream));
}
