import { WeirError } from '../errors.js';
import type { CheckSubject } from './check.js';
import { parseFalseAlarms } from './false-alarms.js';
import { cronFault } from './schedule.js';

/** When drift is called, when it is over, and what follows; every figure is a setting. */
export interface PolicySettings {
  /**
   * How often an alarm may be false, over all features, such as `one per 30 days`; null where
   * `alpha` and `looks` say it.
   */
  readonly falseAlarms: string | null;
  /** Chance that any check of the family is called significant where nothing drifts. */
  readonly alpha: number;
  /** Periods over which `alpha` is kept: the family is features × tests × looks. */
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
  /** An open episode has worsened when an effect is so many times what the last alert told. */
  readonly worsenFactor: number;
  /** It also has when the share of drifting features grew by so much since the last alert. */
  readonly worsenShare: number;
  /** Alerts that say so, at most, in one episode. */
  readonly worsenAlerts: number;
  /** Checks that call for retraining; others open an episode that only alerts. */
  readonly retrainOn: readonly CheckSubject[];
  /** New labelled samples after which retraining is due; 0 for never. */
  readonly labelledSamples: number;
  /** When retraining is due whatever was found, in cron's syntax and UTC; `off` for never. */
  readonly schedule: string;
  /** Length of the window of training data that is advised, calendar months. */
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
  worsenFactor: 2,
  worsenShare: 0.2,
  worsenAlerts: 3,
  retrainOn: ['feature', 'score', 'concept', 'performance'],
  labelledSamples: 1_000_000,
  schedule: '0 0 * * 1',
  trainingMonths: 6,
  falseAlarms: null,
};

const wholeFrom: Partial<Record<keyof PolicySettings, number>> = {
  looks: 1,
  psiBins: 2,
  periods: 1,
  ofPeriods: 1,
  coolDownPeriods: 0,
  worsenAlerts: 0,
  labelledSamples: 0,
  trainingMonths: 1,
};

const subjects: Readonly<Record<CheckSubject, true>> = {
  feature: true,
  score: true,
  target: true,
  covariates: true,
  concept: true,
  performance: true,
  estimate: true,
  business: true,
  quality: true,
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
  const { falseAlarms, retrainOn, schedule, ...figures } = settings;
  for (const [name, value] of Object.entries(figures)) {
    const least = wholeFrom[name as keyof PolicySettings]; // an absent name reads as undefined
    if (least === undefined && !(value > 0)) refuse(name, 'a number above 0', value);
    if (least !== undefined && !(Number.isSafeInteger(value) && value >= least)) {
      refuse(name, `a whole number from ${least}`, value);
    }
  }
  refuseContradictions(settings);
  if (falseAlarms !== null && parseFalseAlarms(falseAlarms) === null) {
    refuse('falseAlarms', "words such as 'one per 30 days'", falseAlarms);
  }
  const unknown = retrainOn.find((subject) => !(subject in subjects));
  if (unknown !== undefined) {
    refuse('retrainOn', `some of ${Object.keys(subjects).join(', ')}`, unknown);
  }
  if (retrainOn.includes('estimate')) {
    refuse('retrainOn', 'what can be drift', 'estimate, which only warns');
  }
  const fault = schedule === 'off' ? null : cronFault(schedule);
  if (fault !== null) refuse('schedule', "'off', or five fields of cron such as 0 0 * * 1", fault);
  return settings;
}

function refuseContradictions(settings: PolicySettings): void {
  const { alpha, featureShare, periods, ofPeriods, leaveEffect, driftEffect } = settings;
  if (alpha >= 1) refuse('alpha', 'a probability below 1', alpha);
  if (featureShare > 1) refuse('featureShare', 'a share up to 1', featureShare);
  if (settings.worsenFactor <= 1) {
    refuse('worsenFactor', 'a factor above 1', settings.worsenFactor);
  }
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
}

function refuse(name: string, expected: string, found?: number | string): never {
  const what = found === undefined ? 'an unknown setting' : `${found}`;
  throw new WeirError(
    'definition-invalid',
    `policy.${name}: expected ${expected}; found ${what}; mend it in the monitor's policy`,
  );
}
