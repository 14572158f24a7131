import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monitor } from '../../src/monitors/definition.js';
import { sealReference } from '../../src/monitors/reference.js';
import { designOf, designsAhead } from '../../src/monitors/significance.js';
import { dayMs } from './simulation.js';
import { smallReference } from './small-reference.js';

const [feature] = smallReference.features;
const features = [{ windowMs: 0 }];
const reference = sealReference({
  ...smallReference,
  toMs: 10 * dayMs,
  features: [{ ...feature!, n: 1_000, counts: [1_000, 0, 0] }],
});

test('what periods of about the size of the reference ask for is simulated before them', () => {
  const { policy, periodMs } = monitor({
    name: 'drift',
    policy: { falseAlarms: 'one per 30 days' },
  });
  const prepared = designsAhead({ definition: { policy, periodMs }, features, reference });
  for (const nCurrent of [50, 70, 100, 150, 240]) {
    const family = { tests: 2, periodMs, longestWindowMs: 0, nReference: 1_000, nCurrent };
    const design = designOf(policy, family);
    assert.ok(prepared.some((one) => JSON.stringify(one) === JSON.stringify(design)));
  }
});

test('a level that alpha and looks say needs no simulation, nor does a monitor without reference', () => {
  const plain = monitor({ name: 'drift' });
  assert.deepEqual(designsAhead({ definition: plain, features, reference }), []);
  const said = monitor({ name: 'drift', policy: { falseAlarms: 'one per 30 days' } });
  assert.deepEqual(designsAhead({ definition: said, features, reference: null }), []);
});
