import { createRandom, type Random } from '../../src/generate/random.js';
import { calibrate } from '../../src/monitors/calibration/calibrate.js';
import type { Design } from '../../src/monitors/calibration/design.js';
import { createSlidingDetector } from '../../src/monitors/calibration/sliding-detector.js';
import { countValues } from '../../src/stats/bin-of.js';
import { frozenEdges } from '../../src/stats/frozen-edges.js';

/** A law of values: it never drifts. */
export type Law = (random: Random) => number | null;

/** A smooth law, and some with ties, point masses and nulls. */
export const quietLaws: Readonly<Record<string, Law>> = {
  normal: (random) => random.normal(0, 1),
  'counts (Poisson, mean 3)': (random) => random.poisson(3),
  'amounts (log-normal, to the cent, 60 % zero)': (random) =>
    random.unit() < 0.6 ? 0 : Math.round(100 * Math.exp(random.normal(2, 1))) / 100,
  'ratings (1 to 5, 10 % null)': (random) =>
    random.unit() < 0.1 ? null : 1 + Math.floor(5 * random.unit() ** 0.5),
};

export interface Watched {
  readonly design: Design;
  readonly level: number;
  readonly law: Law;
}

export function watched(design: Design, law: Law): Watched {
  return { design, level: calibrate(design).level, law };
}

/**
 * The first look at which one feature that does not drift raises an alarm, from 1, or null where
 * none does within `limit` looks. The detector is the one that users run, on values, not on ranks.
 */
export function firstAlarm(of: Watched, limit: number, seed: number, feature: number) {
  const { design, level, law } = of;
  const random = createRandom(seed, feature);
  const reference = Array.from({ length: design.nReference }, () => law(random));
  const bins = frozenEdges(reference);
  const detector = createSlidingDetector(
    bins,
    countValues(bins, reference),
    design,
    { level },
    { leastMoved: 0 },
  );
  for (let looks = 0; looks < limit; ) {
    const look = detector.push(law(random));
    if (look === null) continue;
    looks++;
    if (look.isAlarm) return looks;
  }
  return null;
}

/** Looks to the first alarm of any feature, which are independent; `limit` where there is none. */
export function runLength(of: Watched, limit: number, seed: number): number {
  let shortest = limit;
  for (let feature = 0; feature < of.design.features; feature++) {
    shortest = Math.min(shortest, firstAlarm(of, shortest, seed, feature) ?? shortest);
  }
  return shortest;
}
