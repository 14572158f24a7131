import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeText } from '../../src/monitors/alert-text.js';
import { monitor } from '../../src/monitors/definition.js';
import { toAlertRecord } from '../../src/monitors/drift-alert-record.js';
import type { DriftAlert } from '../../src/monitors/emission.js';
import { changeOf } from '../../src/monitors/feature-change.js';
import type { MonitoredFeature } from '../../src/monitors/monitored-feature.js';
import { rankFeatures } from '../../src/monitors/ranking.js';
import { countValues } from '../../src/stats/bin-of.js';
import { frozenEdges } from '../../src/stats/frozen-edges.js';
import { checkOf, inputOf, playInputs } from './policy-play.js';

const feature: MonitoredFeature = {
  name: 'place.price',
  group: 'place',
  column: 0,
  row: 0,
  kind: 'stationary',
  values: 'numeric',
  windowMs: 0,
};

test('of a number it is told which ranges moved, and how many are null or not finite', () => {
  // Bins: at most 1, to 2, to 3, above 3, null, not finite; a reference of equal parts.
  const bins = { kind: 'numeric', edges: [1, 2, 3] } as const;
  const reference = [100, 100, 100, 100, 0, 0];
  const current = Uint32Array.of(10, 100, 100, 150, 40, 0);
  const change = changeOf({ feature, bins, reference, current });
  assert.deepEqual(change.moved, [
    { values: 'at most 1', before: 0.25, after: 0.025 },
    { values: 'above 3', before: 0.25, after: 0.375 },
  ]);
  assert.deepEqual(change.nulls, { values: 'null', before: 0, after: 0.1 });
  assert.equal(
    changeText(change),
    'place.price: at most 1 from 25.0 % to 2.5 %, above 3 from 25.0 % to 37.5 %, null from 0.0 % to 10.0 %',
  );
});

test('a point mass is told as its one value, 0 too', () => {
  const values = Array.from({ length: 400 }, (_, i) => (i % 4 === 0 ? 1 : 0));
  const bins = frozenEdges(values);
  const counted = (list: readonly number[]) => countValues(bins, list);
  const now = values.map((value) => (value === 1 ? 0 : 1));
  const sides = { feature, bins, reference: [...counted(values)], current: counted(now) };
  assert.deepEqual(
    changeOf(sides).moved.map((one) => [one.values, one.before, one.after]),
    [
      ['0', 0.75, 0.25],
      ['1', 0.25, 0.75],
    ],
  );
});

test('of a category it is told which values moved, and how many were never seen', () => {
  const bins = { kind: 'categorical', values: ['cafe', 'thai'] } as const;
  // cafe, thai, unseen, null
  const reference = [60, 40, 0, 0];
  const current = Uint32Array.of(20, 40, 40, 0);
  const change = changeOf({ feature, bins, reference, current });
  assert.deepEqual(change.moved, [{ values: 'cafe', before: 0.6, after: 0.2 }]);
  assert.deepEqual(change.strange, { values: 'unseen', before: 0, after: 0.4 });
});

test('drifting features are ranked by effect times importance, those of unknown weight last', () => {
  const drifts = [
    checkOf(0, 'a', 0.3),
    checkOf(0, 'b', 0.9),
    checkOf(0, 'c', 2),
    checkOf(0, 'd', 1, { subject: 'quality' }),
  ];
  assert.deepEqual(
    rankFeatures(drifts, { a: 6, b: 1 }).map((one) => [one.feature, one.weight, one.by]),
    [
      ['a', 6, 'importance'],
      ['b', 1, 'importance'],
      ['c', null, 'effect'],
    ],
  );
});

test('an alert names what to look at first, and tells of retraining where it is due', () => {
  const definition = monitor({ name: 'drift', model: 'ranker', policy: { schedule: 'off' } });
  const change = {
    feature: 'b',
    nulls: { values: 'null', before: 0, after: 0.5 },
    strange: { values: 'unseen', before: 0, after: 0 },
    moved: [],
  };
  const days = [0, 1].map((day) =>
    inputOf(day, [checkOf(day, 'a', 0.9), checkOf(day, 'b', 0.5)], {
      importance: { a: 1, b: 5 },
      changes: [change],
    }),
  );
  const record = toAlertRecord(playInputs(definition, days).emissions[0] as DriftAlert);
  assert.deepEqual(record.features, ['a', 'b']);
  assert.deepEqual(
    record.ranking.map((one) => one.feature),
    ['b', 'a'],
  );
  assert.match(record.next_step, /^Look first whether the source of b broke; /);
  assert.match(record.next_step, /weir episodes ack drift\/1\/1 says that you are on it/);
  assert.equal(record.retraining, true);
  assert.deepEqual(record.changes, [
    {
      feature: 'b',
      text: 'b: null from 0.0 % to 50.0 %',
      null_before: 0,
      null_after: 0.5,
      moved: [],
    },
  ]);
});
