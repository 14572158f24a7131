import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Binning } from '../../src/monitors/binning.js';
import type { ClosedPeriod } from '../../src/monitors/closed-period.js';
import { createGathering, gather } from '../../src/monitors/gather.js';
import { restoreGathering, snapshotGathering } from '../../src/monitors/gathering-snapshot.js';
import {
  advance,
  createSampler,
  observe,
  type Sampler,
  useBinning,
  wants,
} from '../../src/monitors/sampler.js';
import { restoreSampler, snapshotSampler } from '../../src/monitors/sampler-snapshot.js';
import { frozenEdges } from '../../src/stats/frozen-edges.js';
import { simulatedFeatures } from './simulation.js';

const periodMs = 1000;
const features = simulatedFeatures(1);
// Bins: below 1 (0), 1, between, 2, between, 3, above, null, not finite.
const binning: Binning = { referenceId: 'ref-a', bins: [frozenEdges([1, 2, 3, 3], 8)] };

function sampler(counted: Binning | null = binning, limits = {}): Sampler {
  return createSampler({ group: 'user', features, periodMs, binning: counted, ...limits });
}

function countsOf(period: ClosedPeriod | undefined): readonly number[] {
  return [...(period?.counts?.[0] ?? [])];
}

test('an entity counts once in a period, with its first vector', () => {
  const s = sampler();
  observe(s, 'a', 10, [1]);
  observe(s, 'a', 20, [2]);
  observe(s, 'b', 30, [3]);
  observe(s, 'a', 1010, [null]);
  const { closedUpToMs, periods } = advance(s, 2000);
  assert.equal(closedUpToMs, 2000);
  assert.deepEqual(
    periods.map((p) => [p.periodStartMs, p.periodEndMs, p.n, p.referenceId]),
    [
      [0, 1000, 2, 'ref-a'],
      [1000, 2000, 1, 'ref-a'],
    ],
  );
  assert.deepEqual(countsOf(periods[0]), [0, 1, 0, 0, 0, 1, 0, 0, 0]);
  assert.deepEqual(countsOf(periods[1]), [0, 0, 0, 0, 0, 0, 0, 1, 0]);
});

test('a vector of an open period counts there however late; one of a closed period is missed', () => {
  const s = sampler();
  observe(s, 'a', 1500, [1]);
  observe(s, 'b', 900, [2]);
  assert.deepEqual(advance(s, 999).periods, []);
  observe(s, 'c', 999, [3]);
  assert.equal(advance(s, 1000).periods[0]?.n, 2);
  observe(s, 'd', 999, [3]);
  observe(s, 'a', 1999, [3]);
  assert.equal(s.missed, 1);
  assert.equal(advance(s, 2000).periods[0]?.n, 1);
  assert.deepEqual(advance(s, 2000), { closedUpToMs: 2000, observedFromMs: 900, periods: [] });
});

test('without a reference the values are kept, and counted when there is one', () => {
  const s = sampler(null);
  observe(s, 'a', 1, [1]);
  observe(s, 'b', 1001, [2]);
  assert.deepEqual(advance(s, 1000).periods[0]?.rows, [[1]]);
  useBinning(s, binning);
  observe(s, 'c', 1002, [2]);
  const [period] = advance(s, 2000).periods;
  assert.equal(period?.rows, null);
  assert.deepEqual(countsOf(period), [0, 0, 0, 2, 0, 0, 0, 0, 0]);
});

test('a period counted against one reference stays with it when another comes', () => {
  const s = sampler();
  observe(s, 'a', 1, [1]);
  useBinning(s, { ...binning, referenceId: 'ref-b' });
  observe(s, 'b', 2, [1]);
  observe(s, 'b', 1002, [1]);
  const { periods } = advance(s, 2000);
  assert.deepEqual(
    periods.map((p) => [p.referenceId, p.n]),
    [
      ['ref-a', 2],
      ['ref-b', 1],
    ],
  );
});

test('entities beyond the bound are not sampled, but counted', () => {
  const s = sampler(binning, { entitiesLimit: 2 });
  for (const entity of ['a', 'b', 'c', 'a', 'd']) observe(s, entity, 5, [1]);
  assert.equal(s.overflow, 2);
  assert.equal(advance(s, 1000).periods[0]?.n, 2);
});

test('a snapshot of another reference or of other features is refused with the remedy', () => {
  const snapshot = snapshotSampler(sampler());
  for (const other of [
    sampler({ ...binning, referenceId: 'ref-b' }),
    sampler(null),
    createSampler({ group: 'user', features: simulatedFeatures(2), periodMs, binning }),
  ]) {
    assert.throws(() => restoreSampler(other, snapshot), {
      code: 'definition-changed',
      message: /found user: user.f0, counted against ref-a; .*--reset/,
    });
  }
});

test('a period counted against a former reference goes on with it after a restart', () => {
  const s = sampler();
  const other = { ...binning, referenceId: 'ref-b' };
  observe(s, 'a', 1, [1]);
  useBinning(s, other);
  const snapshot = snapshotSampler(s);
  assert.throws(() => restoreSampler(sampler(other), snapshot), {
    code: 'definition-changed',
    message: /found a period counted against ref-a/,
  });
  const restored = sampler(other);
  restoreSampler(restored, snapshot, [binning]);
  observe(restored, 'b', 2, [2]);
  const [period] = advance(restored, 1000).periods;
  assert.equal(period?.referenceId, 'ref-a');
  assert.deepEqual(countsOf(period), [0, 1, 0, 1, 0, 0, 0, 0, 0]);
});

const steps = fc.array(
  fc.oneof(
    fc.record({
      entity: fc.integer({ min: 0, max: 9 }),
      timeMs: fc.integer({ min: 0, max: 6000 }),
      value: fc.constantFrom(0, 1, 2, 2.5, 3, 9, null),
    }),
    fc.record({ watermarkMs: fc.integer({ min: 0, max: 7000 }) }),
  ),
  { maxLength: 80 },
);
type Step = { watermarkMs: number } | { entity: number; timeMs: number; value: number | null };

/** One sampler per partition, entities by remainder; each watermark reaches all. */
function run(
  all: readonly Step[],
  partitions: number,
  kept: Binning | null,
  snapshotAt = -1,
  asks = false,
) {
  const samplers = Array.from({ length: partitions }, () => sampler(kept));
  const groups = samplers.map(() => 'user');
  let gathering = createGathering(groups, periodMs);
  const binnings = new Map([['user', binning]]);
  return [...all, { watermarkMs: 9000 }].flatMap((step, at) => {
    if (at === snapshotAt) {
      samplers.forEach((one, i) => {
        const json = JSON.stringify(snapshotSampler(one));
        const fresh = sampler(kept);
        restoreSampler(fresh, JSON.parse(json));
        samplers[i] = fresh;
      });
      const json = JSON.stringify(snapshotGathering(gathering));
      gathering = createGathering(groups, periodMs);
      restoreGathering(gathering, JSON.parse(json));
    }
    if ('entity' in step) {
      const one = samplers[step.entity % partitions]!;
      if (!asks || wants(one, step.entity, step.timeMs)) {
        observe(one, step.entity, step.timeMs, [step.value]);
      }
      return [];
    }
    return samplers.flatMap((one, i) =>
      gather(gathering, i, advance(one, step.watermarkMs), binnings),
    );
  });
}

test('any number of partitions gives the same periods as one', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 2, max: 5 }), (all, partitions) => {
      assert.deepEqual(run(all, partitions, binning), run(all, 1, binning));
    }),
  );
});

test('leaving out the vectors that are not wanted changes nothing', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 3 }), (all, partitions) => {
      assert.deepEqual(run(all, partitions, binning, -1, true), run(all, 1, binning));
    }),
  );
});

test('values kept without a reference give the same counts in the end', () => {
  fc.assert(
    fc.property(steps, (all) => {
      assert.deepEqual(run(all, 3, null), run(all, 3, binning));
    }),
  );
});

test('a snapshot at any point changes nothing that follows', () => {
  fc.assert(
    fc.property(steps, fc.nat(80), fc.boolean(), (all, at, counted) => {
      const kept = counted ? binning : null;
      assert.deepEqual(run(all, 2, kept, at), run(all, 2, kept));
    }),
  );
});

test('periods agree with a naive count of first vectors', () => {
  fc.assert(
    fc.property(steps, (all) => {
      let closedMs = Number.NEGATIVE_INFINITY;
      const first = new Map<string, number>();
      for (const step of all) {
        if ('watermarkMs' in step) {
          closedMs = Math.max(closedMs, Math.floor(step.watermarkMs / periodMs) * periodMs);
        } else if (step.timeMs >= closedMs) {
          const period = Math.floor(step.timeMs / periodMs);
          first.set(`${period}/${step.entity}`, period);
        }
      }
      const naive = new Map<number, number>();
      for (const period of first.values()) naive.set(period, (naive.get(period) ?? 0) + 1);
      const found = run(all, 1, binning).map((p) => [p.periodStartMs / periodMs, p.groups[0]?.n]);
      assert.deepEqual(
        found,
        [...naive].sort((a, b) => a[0] - b[0]),
      );
    }),
  );
});

test('a period is handed on when the last partition has delivered it, also across a restart', () => {
  const samplers = [sampler(), sampler()];
  samplers.forEach((one, i) => {
    observe(one, 'a', 100 + i, [1]);
    observe(one, 'b', 1100, [3]);
  });
  let gathering = createGathering(['user', 'user'], periodMs);
  assert.deepEqual(gather(gathering, 1, advance(samplers[1]!, 2000), new Map()), []);
  const json = JSON.stringify(snapshotGathering(gathering));
  gathering = createGathering(['user', 'user'], periodMs);
  restoreGathering(gathering, JSON.parse(json));
  const [first, ...more] = gather(gathering, 0, advance(samplers[0]!, 1500), new Map());
  assert.deepEqual(more, []);
  assert.equal(first?.periodEndMs, 1000);
  assert.equal(first?.groups[0]?.observedFromMs, 100);
  assert.deepEqual(countsOf(first?.groups[0]), [0, 2, 0, 0, 0, 0, 0, 0, 0]);
  const other = createGathering(['place', 'user'], periodMs);
  assert.throws(() => restoreGathering(other, JSON.parse(json)), {
    code: 'definition-changed',
    message: /expected to be of samplers place, user; found user, user/,
  });
});
