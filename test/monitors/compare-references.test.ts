import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareReferences } from '../../src/monitors/compare-references.js';
import type { FeatureReference, Reference } from '../../src/monitors/reference.js';

function reference(features: readonly Partial<FeatureReference>[]): Reference {
  const usual = { windowMs: 0, seasons: null, segments: [] };
  // A comparison looks at nothing but the features.
  return { features: features.map((one) => ({ ...usual, ...one })) } as unknown as Reference;
}

// At most 1, to 2, above, null, not finite.
const level = { name: 'level', bins: { kind: 'numeric', edges: [1, 2] }, n: 10 } as const;
const tier = { name: 'tier', bins: { kind: 'categorical', values: ['a', 'b'] }, n: 4 } as const;

test('what differs most comes first, with its distance and its nulls', () => {
  const first = reference([
    { ...tier, counts: [2, 2, 0, 0] },
    { ...level, counts: [5, 3, 2, 0, 0] },
  ]);
  const second = reference([
    { ...tier, bins: { kind: 'categorical', values: ['a', 'c'] }, counts: [2, 1, 0, 1] },
    { ...level, counts: [1, 1, 3, 5, 0] },
    { ...level, name: 'new', counts: [10, 0, 0, 0, 0] },
  ]);
  assert.deepEqual(
    compareReferences(first, second).map(({ feature, distance, nullsSecond }) => {
      return [feature, distance, nullsSecond];
    }),
    [
      ['level', 0.6000000000000001, 0.5], // 8 of 10 at most 2, then 2 of 10
      ['tier', 0.5, 0.25], // b, c and null: (0.5 + 0.25 + 0.25) / 2
      ['new', null, 0],
    ],
  );
});

test('another window under the same name cannot be compared', () => {
  const first = reference([{ ...level, counts: [5, 3, 2, 0, 0] }]);
  const second = reference([{ ...level, windowMs: 60_000, counts: [5, 3, 2, 0, 0] }]);
  assert.equal(compareReferences(first, second)[0]?.distance, null);
});
