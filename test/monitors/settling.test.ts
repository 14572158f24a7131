import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Check } from '../../src/monitors/check.js';
import { monitor } from '../../src/monitors/definition.js';
import { judge } from '../../src/monitors/policy.js';
import { initialPolicy } from '../../src/monitors/policy-state.js';

const dayMs = 86_400_000;
const definition = monitor({
  name: 'drift',
  model: 'ranker',
  policy: { coolDownPeriods: 3, schedule: 'off' },
});

function checkOf(feature: string, effect: number, periodStartMs: number): Check {
  return {
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
  };
}

/** Effects of a quick and a slow feature by day; gives what was emitted, with the day it ended. */
function play(effects: readonly (readonly [number, number])[], longestWindowMs: number) {
  let state = initialPolicy('ranker', '1');
  return effects.flatMap(([quick, slow], day) => {
    const periodStartMs = day * dayMs;
    const periodEndMs = periodStartMs + dayMs;
    const checks = [checkOf('quick', quick, periodStartMs), checkOf('slow', slow, periodStartMs)];
    const found = { kind: 'checks', periodStartMs, periodEndMs, checks, reference: null } as const;
    const step = judge(definition, state, { ...found, longestWindowMs });
    state = step.state;
    return step.emissions.map((one) => {
      const what = one.kind === 'alert' ? `${one.phase} ${one.features}` : 'retraining';
      return `${day + 1} ${what}`;
    });
  });
}

/** The quick feature drifts and recovers within days; the slow one crosses on day 11 and stays. */
const fadingThenSlow = Array.from({ length: 30 }, (_, day) => {
  return [day >= 1 && day < 4 ? 0.5 : 0.01, day >= 10 ? 0.4 : 0.04] as const;
});

test('what crosses while windows still hold days before the drift joins its episode', () => {
  assert.deepEqual(play(fadingThenSlow, 14 * dayMs), ['3 opened quick', '3 retraining']);
});

test('without such a window the episode ends, and what comes after its cool-down is another', () => {
  assert.deepEqual(play(fadingThenSlow, 0), [
    '3 opened quick',
    '3 retraining',
    '6 closed quick',
    '12 opened slow',
    '12 retraining',
  ]);
});

test('an episode that recovered closes with the first period whose windows all lie after its opening', () => {
  const fading = fadingThenSlow.map(([quick]) => [quick, 0.01] as const);
  assert.deepEqual(play(fading, 14 * dayMs), ['3 opened quick', '3 retraining', '18 closed quick']);
});
