import assert from 'node:assert/strict';
import { test } from 'node:test';
import { availableFeatures } from '../../src/monitors/available-features.js';
import { monitor } from '../../src/monitors/definition.js';
import { monitoredFeatures } from '../../src/monitors/monitored-feature.js';
import { defaultPerformance } from '../../src/monitors/performance.js';
import { defaultPolicy } from '../../src/monitors/policy-settings.js';
import { seasonAt, seasonsOf } from '../../src/monitors/season.js';
import { place, user } from '../../src/pipelines/places.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

test('a monitor has periods of a day and the default policy', () => {
  assert.deepEqual(monitor({ name: 'drift' }), {
    name: 'drift',
    model: 'drift',
    periodMs: dayMs,
    horizonMs: null,
    training: null,
    features: {},
    segments: [],
    segmentsMax: 12,
    expectations: [],
    performance: defaultPerformance,
    business: [],
    policy: defaultPolicy,
  });
});

test('an impossible monitor is refused with the place and what was expected', () => {
  const refused: readonly [Parameters<typeof monitor>[0], RegExp][] = [
    [{ name: '' }, /monitor name: expected a name/],
    [{ name: 'm', period: 'day' }, /monitor period: expected .*'24h'; found 'day'/],
    [
      { name: 'm', features: { score: 'on' as never } },
      /features.score: expected stationary, seas/,
    ],
    [{ name: 'm', period: '7d', features: { score: 'seasonal' } }, /expected a period of 24h/],
    [{ name: 'm', policy: { alpha: 1 } }, /policy.alpha: expected a probability below 1; found 1/],
    [{ name: 'm', policy: { looks: 1.5 } }, /policy.looks: expected a whole number from 1/],
    [{ name: 'm', policy: { driftEffect: Number.NaN } }, /policy.driftEffect: expected a number/],
    [{ name: 'm', policy: { periods: 4 } }, /policy.periods: expected at most ofPeriods \(3\)/],
    [{ name: 'm', policy: { periods: 1 } }, /expected more than half of ofPeriods/],
    [{ name: 'm', policy: { retrainOn: ['estimate'] } }, /found estimate, which only warns/],
    [
      {
        name: 'm',
        business: ['a', 'b'].map((view) => ({ test: 'satisfaction', view, mean: 'rating' })),
      },
      /monitor business: expected each figure once; found two of satisfaction/,
    ],
    [
      { name: 'm', policy: { leaveEffect: 0.3 } },
      /policy.leaveEffect: expected at most driftEffect/,
    ],
    [
      { name: 'm', policy: { cooldown: 3 } as never },
      /policy.cooldown: expected one of alpha, looks/,
    ],
  ];
  for (const [options, message] of refused) {
    assert.throws(() => monitor(options), { code: 'definition-invalid', message });
  }
});

test('lifetime values, times and lists of places are off; the rest is stationary', () => {
  const all = [...availableFeatures(user.definition), ...availableFeatures(place.definition)];
  const watched = monitoredFeatures(monitor({ name: 'drift' }), all);
  const names = watched.map((feature) => feature.name);
  const windows = ['1h', '24h', '7d', '30d'];
  const counted = ['views', 'clicks', 'visits', 'ratings', 'interactions'];
  assert.deepEqual(names, [
    ...counted.flatMap((name) => windows.map((window) => `user.${name}_${window}`)),
    'user.avg_rating_given_30d',
    'user.distinct_places_7d',
    ...windows.map((window) => `user.click_through_${window}`),
    'place.weekly_visits',
    'place.unique_visitors',
    'place.avg_rating',
    'place.clicks_24h',
    'place.clicks_7d',
    'place.views_24h',
    'place.views_7d',
    'place.category',
    'place.price_level',
    'place.listed_rating',
    'place.review_count',
    'place.click_through_24h',
    'place.click_through_7d',
  ]);
});

test('a feature knows its place in the vector, in its group and how far back it looks', () => {
  const watched = monitoredFeatures(
    monitor({ name: 'drift', features: { 'place.weekly_visits': 'off' } }),
    availableFeatures(place.definition),
  );
  const columns = place.definition.shape.features.map((feature) => feature.name);
  assert.deepEqual(watched[1], {
    name: 'place.avg_rating',
    group: 'place',
    column: columns.indexOf('avg_rating'),
    row: 1,
    kind: 'stationary',
    values: 'numeric',
    windowMs: 7 * dayMs + (7 * dayMs) / 60,
  });
  const derived = watched.find((feature) => feature.name === 'place.click_through_24h');
  assert.equal(derived?.windowMs, dayMs + dayMs / 60);
  assert.equal(watched.find((feature) => feature.name === 'place.category')?.values, 'categorical');
});

test('a name that does not exist, or a list declared stationary, is refused', () => {
  const available = availableFeatures(place.definition);
  const unknown = monitor({ name: 'drift', features: { 'place.visits': 'stationary' } });
  assert.throws(() => monitoredFeatures(unknown, available), {
    code: 'definition-invalid',
    message: /expected one of place.weekly_visits, .*; found place.visits/,
  });
  const list = monitor({ name: 'drift', features: { 'place.busy_hours': 'stationary' } });
  assert.throws(() => monitoredFeatures(list, available), {
    code: 'definition-invalid',
    message: /found place.busy_hours of type integers; declare it 'off'/,
  });
});

test('seasons are weekdays from Monday for periods of a day, parts of the day for shorter ones', () => {
  assert.equal(seasonsOf(dayMs), 7);
  assert.equal(seasonsOf(6 * hourMs), 4);
  assert.equal(seasonsOf(7 * hourMs), null);
  assert.equal(seasonsOf(7 * dayMs), null);
  assert.equal(seasonAt(Date.UTC(2024, 0, 1), dayMs), 0); // a Monday
  assert.equal(seasonAt(Date.UTC(2024, 0, 7), dayMs), 6);
  assert.equal(seasonAt(Date.UTC(1969, 11, 31), dayMs), 2); // a Wednesday
  assert.equal(seasonAt(Date.UTC(2024, 0, 3, 18), 6 * hourMs), 3);
});
