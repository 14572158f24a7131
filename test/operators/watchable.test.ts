import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monitor } from '../../src/monitors/definition.js';
import type { Expectation } from '../../src/monitors/expectation.js';
import { checkEventColumns } from '../../src/operators/watchable.js';
import { place, user } from '../../src/pipelines/places.js';

test('what is expected of all events names a view and columns of its source', () => {
  const views = [user.definition, place.definition];
  const check = (expectation: Expectation) =>
    checkEventColumns(monitor({ name: 'm', expectations: [expectation] }), views);
  check({ test: 'schema', group: 'place', columns: ['rating', 'lat', 'session_id'] });
  check({ test: 'duplicates', group: 'user' });
  check({ test: 'row-count', group: 'scores', min: 1 });
  const wrong: readonly (readonly [Expectation, RegExp])[] = [
    [
      { test: 'duplicates', group: 'users' },
      /duplicates of users: expected .*user, place; found u/,
    ],
    // A column of a joined table is none of the event's.
    [{ test: 'schema', group: 'user', columns: ['lat', 'category'] }, /rating.*; found category/],
    [{ test: 'duplicates', group: 'user', columns: ['when'] }, /; found when/],
  ];
  for (const [expectation, message] of wrong)
    assert.throws(() => check(expectation), { code: 'definition-invalid', message });
});
