import { holm } from '../stats/holm.js';
import { calibrate, calibrateInTurns } from './calibration/calibrate.js';
import type { Design } from './calibration/design.js';
import type { MonitorDefinition } from './definition.js';
import { chanceOfAlarm, looksOf, parseFalseAlarms } from './false-alarms.js';
import type { PolicySettings } from './policy-settings.js';
import type { Reference } from './reference.js';

/** What one evaluation looks at. */
export interface Family {
  /** Tests that can be made: features that have enough samples x their tests. */
  readonly tests: number;
  readonly periodMs: number;
  /** Longest window of a feature: periods within it look at the same data. */
  readonly longestWindowMs: number;
  /** Smallest samples among the features. */
  readonly nReference: number;
  readonly nCurrent: number;
}

/**
 * The level of one test. By `alpha` and `looks`: alpha over tests x looks (Bonferroni), which holds
 * for any dependence of tests and looks. By `falseAlarms`: the level at which the rule "k of n
 * periods" alarms as often as the words say, from `calibrate` of the design: sizes rounded to one
 * digit (1, 2, 5) and overlap as it is, so that few designs are simulated.
 */
export function testLevel(policy: PolicySettings, family: Family): number {
  const design = designOf(policy, family);
  if (design !== null) return calibrate(design).level;
  return policy.alpha / (Math.max(1, family.tests) * policy.looks);
}

/** What is simulated for a family; null where `alpha` and `looks` say the level. */
export function designOf(policy: PolicySettings, family: Family): Design | null {
  const tests = Math.max(1, family.tests);
  const said = policy.falseAlarms === null ? null : parseFalseAlarms(policy.falseAlarms);
  if (said === null) return null;
  const { periodMs, longestWindowMs } = family;
  const nWindow = roundedSize(family.nCurrent);
  const looks = looksOf(said, periodMs);
  const share = Math.min(1, periodMs / Math.max(periodMs, longestWindowMs));
  return {
    features: tests,
    nReference: roundedSize(family.nReference),
    nWindow,
    slide: Math.max(1, Math.round(nWindow * share)),
    looks,
    periods: policy.periods,
    ofPeriods: policy.ofPeriods,
    alpha: chanceOfAlarm(said, periodMs, looks),
    tests: ['psi'], // `features` counts every test as a feature of its own
  };
}

/** What levels are prepared for. */
export interface Prepared {
  readonly definition: Pick<MonitorDefinition, 'policy' | 'periodMs'>;
  readonly features: readonly { readonly windowMs: number }[];
  readonly reference: Reference | null;
}

/**
 * Simulates what periods like those of the reference will ask for: it takes seconds, for which no
 * period should wait.
 */
export function prepareLevel(prepared: Prepared): void {
  for (const design of designsAhead(prepared)) calibrate(design);
}

/** As `prepareLevel`, a simulated stream a turn: for a process that has other work to do. */
export function* prepareLevelInTurns(prepared: Prepared): Generator<undefined, void> {
  for (const design of designsAhead(prepared)) yield* calibrateInTurns(design);
}

/** Designs of periods like those of the reference, half and twice their size included. */
export function designsAhead({ definition, features, reference }: Prepared): readonly Design[] {
  const { policy, periodMs } = definition;
  if (policy.falseAlarms === null || reference === null) return [];
  const needed = policy.samplesPerBin * 2; // fewer are never tested
  const sizes = reference.features.map(({ n }) => n).filter((n) => n >= needed);
  const nReference = sizes.reduce((least, n) => Math.min(least, n), Number.MAX_SAFE_INTEGER);
  const periods = Math.max(1, (reference.toMs - reference.fromMs) / periodMs);
  const longestWindowMs = Math.max(0, ...features.map((feature) => feature.windowMs));
  const family = { tests: 2 * sizes.length, periodMs, longestWindowMs, nReference };
  if (sizes.length === 0) return [];
  return [0.5, 1, 2].flatMap((times) => {
    return designOf(policy, { ...family, nCurrent: (times * nReference) / periods }) ?? [];
  });
}

/** Down to 1, 2 or 5 times a power of ten, from 20 on. */
function roundedSize(n: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(20, n)));
  const lead = Math.max(20, n) / power;
  return power * (lead >= 5 ? 5 : lead >= 2 ? 2 : 1);
}

/**
 * Which tests of one evaluation are significant, by Holm's procedure: a family that keeps the
 * chance of any false one at `level` x tests. The first is held against `level`, as by Bonferroni;
 * once it is significant, the next against a little more.
 * @param pValues null where nothing was tested
 * @param level of one test
 */
export function significance(
  pValues: readonly (number | null)[],
  level: number,
): readonly boolean[] {
  const tested = pValues.filter((p) => p !== null);
  const adjusted = holm(tested);
  const limit = level * tested.length;
  let next = 0;
  return pValues.map((p) => p !== null && adjusted[next++]! < limit);
}
