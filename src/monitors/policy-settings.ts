import { WeirError } from '../errors.js';

/** When drift is called, when it is over, and what follows; every figure is a setting. */
export interface PolicySettings {
  /** Chance that any check of the family is called significant where nothing drifts. */
  readonly alpha: number;
  /** Periods over which `alpha` is kept: the family is features × tests × looks (Bonferroni). */
  readonly looks: number;
  /** Bins of PSI; its null law has about one degree of freedom fewer. */
  readonly psiBins: number;
  /** Smallest sample on either side, per bin of PSI. */
  readonly samplesPerBin: number;
  /** Bias-corrected PSI above which a significant check is a warning. */
  readonly warningEffect: number;
  /** Bias-corrected PSI above which a significant check is drift. */
  readonly driftEffect: number;
  /** Bias-corrected PSI below which a feature has recovered: the lower level of the hysteresis. */
  readonly leaveEffect: number;
  /** So many of the last `ofPeriods` must drift to open an episode, or be low to close it. */
  readonly periods: number;
  readonly ofPeriods: number;
  /** Periods after the end of an episode in which none opens. */
  readonly coolDownPeriods: number;
  /** Share of the evaluated features that drift above which retraining is due. */
  readonly featureShare: number;
  /** Length of the sliding window of training data that is advised, calendar months. */
  readonly trainingMonths: number;
}

export const defaultPolicy: PolicySettings = {
  alpha: 0.05,
  looks: 60,
  psiBins: 10,
  samplesPerBin: 20,
  warningEffect: 0.1,
  driftEffect: 0.2,
  leaveEffect: 0.1,
  periods: 2,
  ofPeriods: 3,
  coolDownPeriods: 7,
  featureShare: 0.3,
  trainingMonths: 6,
};

const wholeFrom: Partial<Record<keyof PolicySettings, number>> = {
  looks: 1,
  psiBins: 2,
  periods: 1,
  ofPeriods: 1,
  coolDownPeriods: 0,
  trainingMonths: 1,
};

/**
 * The defaults with the given settings over them.
 * @throws WeirError definition-invalid where a setting is unknown or impossible
 */
export function policySettings(given: Partial<PolicySettings>): PolicySettings {
  const settings = { ...defaultPolicy, ...given };
  for (const name of Object.keys(given)) {
    if (!(name in defaultPolicy)) refuse(name, `one of ${Object.keys(defaultPolicy).join(', ')}`);
  }
  for (const [name, value] of Object.entries(settings)) {
    const least = wholeFrom[name as keyof PolicySettings]; // an absent name reads as undefined
    if (least === undefined && !(value > 0)) refuse(name, 'a number above 0', value);
    if (least !== undefined && !(Number.isSafeInteger(value) && value >= least)) {
      refuse(name, `a whole number from ${least}`, value);
    }
  }
  const { alpha, featureShare, periods, ofPeriods, leaveEffect, driftEffect } = settings;
  if (alpha >= 1) refuse('alpha', 'a probability below 1', alpha);
  if (featureShare > 1) refuse('featureShare', 'a share up to 1', featureShare);
  if (periods > ofPeriods) refuse('periods', `at most ofPeriods (${ofPeriods})`, periods);
  if (periods * 2 <= ofPeriods) {
    refuse(
      'periods',
      `more than half of ofPeriods (${ofPeriods}), else one look both opens and closes`,
      periods,
    );
  }
  if (leaveEffect > driftEffect) {
    refuse('leaveEffect', `at most driftEffect (${driftEffect})`, leaveEffect);
  }
  if (settings.warningEffect > driftEffect) {
    refuse('warningEffect', `at most driftEffect (${driftEffect})`, settings.warningEffect);
  }
  return settings;
}

function refuse(name: string, expected: string, found?: number): never {
  const what = found === undefined ? 'an unknown setting' : `${found}`;
  throw new WeirError(
    'definition-invalid',
    `policy.${name}: expected ${expected}; found ${what}; mend it in the monitor's policy`,
  );
}
