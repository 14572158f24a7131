import type { TestName, Verdict } from './report.js';

/** Effects from which on a significant difference is a warning, and drift. */
export interface Limits {
  readonly warning: number;
  readonly drift: number;
}

/**
 * Sizes of effect, each near what a shift of a normal column by a quarter of its standard deviation
 * gives (KS 0.10, Cliff's delta 0.14, JS 0.11, Hellinger 0.09), but the classic bands for PSI; the
 * delta is where Romano et al. (2006) leave "negligible".
 */
export const limits: Readonly<Record<TestName, Limits>> = {
  psi: { warning: 0.1, drift: 0.2 },
  ks: { warning: 0.05, drift: 0.1 },
  'rank-sum': { warning: 0.074, drift: 0.147 },
  chi2: { warning: 0.05, drift: 0.1 },
  js: { warning: 0.05, drift: 0.1 },
  hellinger: { warning: 0.05, drift: 0.1 },
  tv: { warning: 0.05, drift: 0.1 },
  wasserstein: { warning: 0.1, drift: 0.25 },
  nulls: { warning: 0.02, drift: 0.05 },
};

export function verdictOf(test: TestName, isSignificant: boolean, effect: number): Verdict {
  const { warning, drift } = limits[test];
  if (!isSignificant || effect < warning) return 'ok';
  return effect < drift ? 'warning' : 'drift';
}

const order: readonly Verdict[] = ['no-reference', 'insufficient-data', 'ok', 'warning', 'drift'];

/** The graver of two verdicts. */
export function graver(a: Verdict, b: Verdict): Verdict {
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}
