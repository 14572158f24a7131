import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClosedPeriod } from '../../src/monitors/closed-period.js';
import { createGathering, gather } from '../../src/monitors/gather.js';
import { dayMs } from './simulation.js';

function closed(group: string, referenceId: string, counts: readonly number[]): ClosedPeriod {
  return {
    group,
    periodStartMs: 0,
    periodEndMs: dayMs,
    n: 3,
    referenceId,
    counts: [Uint32Array.from(counts)],
    sums: [],
    segments: [],
    events: [],
    newestMs: null,
    rows: null,
  };
}

test('partitions that were counted against different references are told, not added up', () => {
  const gathering = createGathering(['user', 'user', 'place', 'place'], dayMs);
  const parts = [
    closed('user', 'ref-a', [1, 2]),
    closed('user', 'ref-b', [1, 1, 1]),
    closed('place', 'ref-b', [3, 0, 0]),
    closed('place', 'ref-b', [0, 2, 1]),
  ];
  const periods = parts.flatMap((part, source) => {
    const closing = { closedUpToMs: dayMs, observedFromMs: 0, periods: [part] };
    return gather(gathering, source, closing, new Map());
  });
  const [period, ...others] = periods;
  assert.deepEqual(others, []);
  assert.deepEqual(period!.apart, ['user']);
  assert.deepEqual(
    period!.groups.map(({ group, n, counts }) => [group, n, counts!.map((one) => [...one])]),
    [['place', 6, [[3, 2, 1]]]],
  );
});
