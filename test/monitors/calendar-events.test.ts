import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monitor } from '../../src/monitors/definition.js';
import { initialPolicy } from '../../src/monitors/policy-state.js';
import { checkOf, inputOf, playInputs } from './policy-play.js';
import { dayMs, startMs } from './simulation.js';

// 1 January 2024, the start, is a Monday.
const weekly = monitor({ name: 'drift', model: 'ranker' });

function quiet(days: number) {
  return Array.from({ length: days }, (_, day) => inputOf(day, [checkOf(day, 'a', 0)]));
}

test('the schedule is weekly by default, by the time of the log, an episode of its own each', () => {
  const { lines, emissions, state } = playInputs(weekly, quiet(23));
  assert.deepEqual(lines, ['7 retraining', '14 retraining', '21 retraining']);
  const [first] = emissions;
  assert.ok(first?.kind === 'retraining');
  assert.equal(first.episodeKind, 'schedule');
  assert.deepEqual(first.triggers, [
    { kind: 'schedule', schedule: '0 0 * * 1', atMs: startMs + 7 * dayMs },
  ]);
  assert.equal(first.strategy, 'sliding-window');
  assert.deepEqual([state.open, state.past.length], [[], 3]);
});

test('no scheduled event comes while one is due by drift, nor within its cool-down', () => {
  const days = Array.from({ length: 23 }, (_, day) =>
    inputOf(day, [checkOf(day, 'a', day >= 8 && day < 12 ? 0.5 : 0)]),
  );
  // Opened with day 10, so the Monday of day 14 is 4 days later; that of day 21 is 11.
  const { lines } = playInputs(weekly, days);
  assert.deepEqual(lines, [
    '7 retraining',
    '10 opened a',
    '10 retraining',
    '14 closed a',
    '21 retraining',
  ]);
});

test('a scheduled event does not keep a drift from its own', () => {
  const days = Array.from({ length: 10 }, (_, day) =>
    inputOf(day, [checkOf(day, 'a', day >= 7 ? 0.5 : 0)]),
  );
  assert.deepEqual(playInputs(weekly, days).lines, ['7 retraining', '9 opened a', '9 retraining']);
});

test('so many labelled samples since the last event make retraining due', () => {
  const definition = monitor({
    name: 'drift',
    model: 'ranker',
    policy: { schedule: 'off', labelledSamples: 1_000, coolDownPeriods: 2 },
  });
  const accuracy = { subject: 'performance', test: 'accuracy', nCurrent: 40 } as const;
  const inputs = Array.from({ length: 9 }, (_, day) =>
    inputOf(day, [checkOf(day, 'accuracy', 0, accuracy)], { labelled: 300 }),
  );
  const { lines, state, emissions } = playInputs(definition, inputs);
  assert.deepEqual(lines, ['4 retraining', '8 retraining']);
  assert.equal(state.labelled, 300);
  const [first] = emissions;
  assert.ok(first?.kind === 'retraining');
  assert.deepEqual(first.triggers, [{ kind: 'labels', value: 1_200, threshold: 1_000 }]);
});

test('where no model is loaded nothing is scheduled', () => {
  const { lines } = playInputs(weekly, quiet(23), initialPolicy('ranker', 'none'));
  assert.deepEqual(lines, []);
});
