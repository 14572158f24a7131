import type { TestName, Verdict } from './report.js';

/** Effects from which on a significant difference is a warning, and drift. */
export interface Limits {
  readonly warning: number;
  readonly drift: number;
}

const from = (drift: number): Limits => ({ warning: drift / 2, drift });

/**
 * Sizes of effect, each about half of what a shift of a normal column by a quarter of its standard
 * deviation gives (KS 0.10, Cliff's delta 0.14, JS 0.11, Hellinger 0.09), so that a window that has
 * half left the old state shows it; PSI 0.1 is the first of its classic bands. With windows of some
 * thousand rows what is significant is larger than that anyway; with a million rows anything is.
 */
export const limits: Readonly<Record<TestName, Limits>> = {
  psi: from(0.1),
  ks: from(0.05),
  'rank-sum': from(0.074),
  chi2: from(0.05),
  js: from(0.05),
  hellinger: from(0.05),
  tv: from(0.05),
  wasserstein: from(0.1),
  nulls: from(0.02),
  // Over several columns a shift of one of them is a smaller part of the distance.
  mmd: from(0.025),
};

/**
 * Times the effect that is asked for at most where significance alone says less: of rows that hang
 * together (as often as they do: their p-values rest on an estimate) and of a further change while
 * an episode is open (a gradual one would else be several).
 */
export const surer = 2;

/** @param inflation rows that tell as much as one independent row */
export function verdictOf(
  test: TestName,
  isSignificant: boolean,
  effect: number,
  inflation = 1,
): Verdict {
  const { warning, drift } = limits[test];
  if (!isSignificant || effect < warning) return 'ok';
  return effect < drift * Math.min(surer, inflation) ? 'warning' : 'drift';
}

const order: readonly Verdict[] = ['no-reference', 'insufficient-data', 'ok', 'warning', 'drift'];

/** The graver of two verdicts. */
export function graver(a: Verdict, b: Verdict): Verdict {
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}
