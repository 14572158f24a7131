import type { Check } from '../../src/monitors/check.js';
import type { MonitorDefinition } from '../../src/monitors/definition.js';
import type { Emission } from '../../src/monitors/emission.js';
import { judge } from '../../src/monitors/policy.js';
import { initialPolicy, type PolicyState } from '../../src/monitors/policy-state.js';
import type { ChecksInput, PolicyInput } from '../../src/monitors/policy-step.js';
import { dayMs, startMs } from './simulation.js';

/** A check with the effect; drift above the threshold of 0.2. */
export function checkOf(day: number, feature: string, effect: number, more: Partial<Check> = {}) {
  const periodStartMs = startMs + day * dayMs;
  const check: Check = {
    monitor: 'drift',
    model: 'ranker',
    modelVersion: '1',
    subject: 'feature',
    feature,
    segment: '',
    test: 'psi',
    periodStartMs,
    periodEndMs: periodStartMs + dayMs,
    referenceId: 'ref-a',
    referenceHash: 'aa',
    statistic: effect,
    nullMean: 0,
    corrected: effect,
    critical: 0.05,
    pValue: 1e-9,
    level: 1e-5,
    effect,
    threshold: 0.2,
    leave: 0.1,
    nReference: 1_000,
    nCurrent: 500,
    method: 'chi2',
    verdict: effect > 0.2 ? 'drift' : 'ok',
    detail: '',
    ...more,
  };
  return check;
}

export function inputOf(day: number, checks: readonly Check[], more: Partial<ChecksInput> = {}) {
  const periodStartMs = startMs + day * dayMs;
  const input: PolicyInput = {
    kind: 'checks',
    periodStartMs,
    periodEndMs: periodStartMs + dayMs,
    checks,
    reference: null,
    ...more,
  };
  return input;
}

export interface Played {
  readonly state: PolicyState;
  readonly emissions: readonly Emission[];
  /** `day what`, the day by which it ended. */
  readonly lines: readonly string[];
}

/** Judges inputs one after the other. */
export function playInputs(
  definition: MonitorDefinition,
  inputs: readonly PolicyInput[],
  from: PolicyState = initialPolicy('ranker', '1'),
): Played {
  let state = from;
  const emissions: Emission[] = [];
  for (const input of inputs) {
    const step = judge(definition, state, input);
    state = step.state;
    emissions.push(...step.emissions);
  }
  const lines = emissions.map((one) => {
    const day = (one.timeMs - startMs) / dayMs;
    return one.kind === 'alert' ? `${day} ${one.phase} ${one.features}` : `${day} retraining`;
  });
  return { state, emissions, lines };
}
