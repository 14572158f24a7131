import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClosedPeriod } from '../../src/monitors/closed-period.js';
import { createGathering, gather } from '../../src/monitors/gather.js';
import { restoreGathering, snapshotGathering } from '../../src/monitors/gathering-snapshot.js';
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

/** A tally of so many bins and segments, of about the size that the generated world has. */
function tallyAt(group: string, start: number, partition: number): ClosedPeriod {
  const counts = Array.from({ length: 25 }, (_, f) => new Uint32Array(256).fill(f + partition));
  const place = { periodStartMs: start, periodEndMs: start + dayMs };
  return { ...closed(group, 'ref-a', []), ...place, counts, sums: [0.1 * (partition + 1)] };
}

test('what waits for a group that is read late is one tally a period, whatever the partitions', () => {
  const partitions = 16;
  const groups = Array<string>(partitions).fill('user');
  const gathering = createGathering([...groups, 'scores'], dayMs);
  const close = (source: number, group: string, day: number, partition: number) => {
    const periods = [tallyAt(group, day * dayMs, partition)];
    const closing = { closedUpToMs: (day + 1) * dayMs, observedFromMs: 0, periods };
    return gather(gathering, source, closing, new Map());
  };
  const days = 100;
  for (let day = 0; day < days; day++) {
    for (let p = 0; p < partitions; p++) assert.deepEqual(close(p, 'user', day, p), []);
  }
  const waiting = [...gathering.pending.values()].flat().filter((slot) => slot !== null);
  assert.equal(waiting.length, days);
  const kept = JSON.parse(JSON.stringify(snapshotGathering(gathering)));
  const again = createGathering([...groups, 'scores'], dayMs);
  restoreGathering(again, kept);
  const closing = {
    closedUpToMs: days * dayMs,
    observedFromMs: 0,
    periods: [tallyAt('scores', 0, 0)],
  };
  const judged = gather(again, partitions, closing, new Map());
  assert.deepEqual(judged, gather(gathering, partitions, closing, new Map()));
  assert.equal(judged.length, days);
  const [user] = judged[days - 1]!.groups;
  assert.equal(user!.n, 3 * partitions);
  assert.equal(user!.counts![24]![0], 24 * partitions + (partitions * (partitions - 1)) / 2);
  // Added up in the order of the partitions, as if all came at once.
  let sum = 0.1;
  for (let p = 1; p < partitions; p++) sum += 0.1 * (p + 1);
  assert.equal(user!.sums[0], sum);
});
