import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDrift } from '../../src/generate/drifts.js';
import { driftRows, faultsOf, type Outcome } from './drift-rows.js';

const row = (what: string) => driftRows.find((one) => one.what === what)!;

function outcome(what: string, days: readonly number[], features: readonly string[]): Outcome {
  return {
    what,
    seed: 1,
    opened: days.map((day) => ({ day, kind: 'drift', features })),
    worsened: [],
    closed: [],
    events: days.map((day, i) => ({ day, advice: i === 0 ? 'sliding-window' : 'full' })),
  };
}

test('a row holds for one episode in time, with one event, that names what moved', () => {
  const nulls = row('nulls rise, 10 days');
  assert.deepEqual(faultsOf(nulls, outcome(nulls.what, [49], ['lat [device=mobile]', 'x'])), []);
  const recurring = row('recurring, 4 days of 14');
  assert.deepEqual(faultsOf(recurring, outcome(recurring.what, [47, 89], ['device'])), []);
  assert.deepEqual(faultsOf(row('none'), outcome('none', [], [])), []);
});

test('every row is broken by a detector that never alarms, always does, or names another', () => {
  for (const one of driftRows) {
    const never = outcome(one.what, [], []);
    const always = outcome(one.what, [44, 46, 60, 75], one.names);
    const other = outcome(
      one.what,
      one.openings.map(([from]) => from),
      ['another'],
    );
    if (one.what !== 'none') {
      assert.notDeepEqual(faultsOf(one, never), [], one.what);
      assert.notDeepEqual(faultsOf(one, other), [], one.what);
      assert.ok(one.openings.every(([from]) => from > parseDrift(one.planted).day));
    }
    assert.notDeepEqual(faultsOf(one, always), [], one.what);
  }
});

test('an event too few, other advice, or a second feature of fifty breaks a row', () => {
  const sudden = outcome('sudden', [47], ['price_difference']);
  assert.deepEqual(faultsOf(row('sudden'), { ...sudden, events: [] }), [
    '1 retraining events expected, found 0',
  ]);
  const recurring = outcome('recurring, 4 days of 14', [47, 89], ['device']);
  const again = { ...recurring, events: recurring.events.map((e) => ({ ...e, advice: 'full' })) };
  assert.equal(faultsOf(row(recurring.what), again).length, 1);
  const two = outcome('one feature of 50', [55], ['user.mobile_share_7d', 'user.views_7d']);
  assert.equal(faultsOf(row(two.what), two).length, 1);
});
