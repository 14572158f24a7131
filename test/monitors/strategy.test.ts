import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monitor } from '../../src/monitors/definition.js';
import type { Emission } from '../../src/monitors/emission.js';
import { checkOf, inputOf, playInputs } from './policy-play.js';
import { dayMs } from './simulation.js';

const training = {
  scores: 'scores',
  events: 'clicks',
  scored: '1',
  key: 'user_id',
  item: 'place_id',
  inputs: [],
  label: null,
};
const definition = {
  ...monitor({
    name: 'drift',
    model: 'ranker',
    policy: { coolDownPeriods: 1, schedule: 'off' },
  }),
  training,
};

function adviceOf(effects: readonly number[], windowMs = dayMs) {
  const inputs = effects.map((effect, day) =>
    inputOf(day, [checkOf(day, 'a', effect)], { windowsMs: { a: windowMs } }),
  );
  const events = playInputs(definition, inputs).emissions.flatMap((one: Emission) =>
    one.kind === 'retraining' ? [one] : [],
  );
  return events.map(({ strategy, strategyReason, trainingRows }) => {
    return { strategy, rule: strategyReason.split(':')[0], query: trainingRows.query };
  });
}

const o = 0.01;

test('a step is abrupt: the newest rows', () => {
  const [advice] = adviceOf([o, o, o, 0.9, 0.9]);
  assert.equal(advice?.strategy, 'sliding-window');
  assert.equal(advice?.rule, 'abrupt');
});

test('what rises over many periods is gradual: newer rows weigh more', () => {
  const [advice] = adviceOf([o, 0.06, 0.09, 0.12, 0.15, 0.21, 0.24]);
  assert.equal(advice?.strategy, 'weighted');
  assert.equal(advice?.rule, 'gradual');
  assert.match(advice?.query ?? '', /exp2\(-dateDiff\('second', s\.time, .*\) AS weight\nFROM /);
});

test('the same rise is abrupt for a feature whose window is as long', () => {
  const [advice] = adviceOf([o, 0.06, 0.09, 0.12, 0.15, 0.21, 0.24], 10 * dayMs);
  assert.equal(advice?.strategy, 'sliding-window');
});

test('a drift that was there before and went away is recurring: all rows', () => {
  const list = adviceOf([0.9, 0.9, o, o, o, 0.9, 0.9]);
  assert.deepEqual(
    list.map(({ strategy }) => strategy),
    ['sliding-window', 'full'],
  );
  assert.match(list[1]?.query ?? '', /time >= parseDateTime64BestEffort\('1970-01-01T/);
});
