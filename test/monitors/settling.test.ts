import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monitor } from '../../src/monitors/definition.js';
import { checkOf, inputOf, playInputs } from './policy-play.js';
import { dayMs } from './simulation.js';

const definition = monitor({
  name: 'drift',
  model: 'ranker',
  policy: { coolDownPeriods: 3, schedule: 'off' },
});

/** Effects of a quick and a slow feature by day; gives what was emitted, with the day it ended. */
function play(effects: readonly (readonly [number, number])[], longestWindowMs: number) {
  const inputs = effects.map(([quick, slow], day) =>
    inputOf(day, [checkOf(day, 'quick', quick), checkOf(day, 'slow', slow)], { longestWindowMs }),
  );
  return playInputs(definition, inputs).lines;
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
