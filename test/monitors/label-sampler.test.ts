import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Binning } from '../../src/monitors/binning.js';
import {
  advanceLabels,
  countScore,
  createLabelSampler,
  type LabelSampler,
  observeOutcome,
  observeScore,
  restoreLabelSampler,
  snapshotLabelSampler,
} from '../../src/monitors/label-sampler.js';

const dayMs = 1_000;
const options = { columns: [0, 2], periodMs: dayMs, horizonMs: dayMs, binning: null };

/** The rows of the periods that close at a watermark, but for the part of the period. */
function rowsAt(sampler: LabelSampler, watermarkMs: number) {
  const { periods } = advanceLabels(sampler, watermarkMs);
  const rows = periods.map((one) => (one.rows ?? []).map((row) => row.slice(0, -1)));
  return periods.map((period, i) => [period.periodStartMs, ...rows[i]!]);
}

test('a score is positive when an outcome of the same two keys follows within the horizon', () => {
  const sampler = createLabelSampler(options);
  observeOutcome(sampler, 'same instant', 'p', 100);
  for (const user of ['yes', 'no', 'other place', 'too late', 'same instant', 'just in time']) {
    observeScore(sampler, user, 'p', 100, [0.5, 'not kept', user]);
  }
  observeOutcome(sampler, 'yes', 'p', 700);
  observeOutcome(sampler, 'other place', 'q', 700);
  observeOutcome(sampler, 'too late', 'p', 100 + dayMs + 1);
  observeOutcome(sampler, 'just in time', 'p', 100 + dayMs);
  assert.deepEqual(rowsAt(sampler, dayMs), []); // day 0 is over, its labels are not known
  assert.deepEqual(rowsAt(sampler, 2 * dayMs - 1), []);
  assert.deepEqual(rowsAt(sampler, 2 * dayMs), [
    [
      dayMs,
      [0.5, 'yes', 1],
      [0.5, 'no', 0],
      [0.5, 'other place', 0],
      [0.5, 'too late', 0],
      [0.5, 'same instant', 0],
      [0.5, 'just in time', 1],
    ],
  ]);
});

test('a row ends in the part of the period in which its label matured, of 24', () => {
  const sampler = createLabelSampler(options);
  for (const timeMs of [0, 41, 42, 500, 999]) observeScore(sampler, timeMs, 'p', timeMs, [1, 0, 0]);
  const [period] = advanceLabels(sampler, 2 * dayMs).periods;
  assert.deepEqual(
    period?.rows?.map((row) => row.at(-1)),
    [0, 0, 1, 12, 23],
  );
});

test("only an entity's first score of a period is kept, and an earlier outcome counts", () => {
  const sampler = createLabelSampler(options);
  observeOutcome(sampler, 'u', 'p', 300); // before the score in the log, after it in time
  observeScore(sampler, 'u', 'p', 200, [0.1, 0, 0]);
  observeScore(sampler, 'u', 'p', 210, [0.9, 0, 0]);
  observeScore(sampler, 'u', 'p', 1_200, [0.2, 0, 0]);
  assert.deepEqual(rowsAt(sampler, 3 * dayMs), [
    [dayMs, [0.1, 0, 1]],
    [2 * dayMs, [0.2, 0, 0]],
  ]);
});

test('state is bounded: outcomes are forgotten, what is beyond the limits is counted', () => {
  const sampler = createLabelSampler({ ...options, samplesLimit: 1, outcomesLimit: 2 });
  observeScore(sampler, 'u', 'p', 10, [1, 0, 0]);
  observeScore(sampler, 'v', 'p', 10, [1, 0, 0]);
  observeOutcome(sampler, 'u', 'p', 20);
  observeOutcome(sampler, 'u', 'p', 1_500);
  observeOutcome(sampler, 'u', 'p', 1_600);
  assert.equal(sampler.overflow, 2);
  advanceLabels(sampler, 2 * dayMs);
  assert.equal(sampler.outcomeCount, 1);
  observeOutcome(sampler, 'u', 'p', 1_000); // no score that is still open is older
  assert.equal(sampler.outcomeCount, 1);
  observeScore(sampler, 'u', 'p', 999, [1, 0, 0]);
  assert.equal(sampler.missed, 1);
});

test('rows are counted apart by their label, with the sums of what was decided', () => {
  const bins = { kind: 'numeric', edges: [0.5] } as const;
  const binning: Binning = { referenceId: 'r', bins: [bins, bins], labelled: { decision: 0.5 } };
  const sampler = createLabelSampler({ ...options, binning });
  const scores = [0.9, 0.8, 0.4, 0.2, null];
  for (const [i, score] of scores.entries()) observeScore(sampler, i, 'p', 10, [score, 0, 1]);
  for (const i of [0, 2, 4]) observeOutcome(sampler, i, 'p', 20);
  const [period] = advanceLabels(sampler, 2 * dayMs).periods;
  // At most 0.5, above, null, not finite: label 0, then label 1; the second feature is always 1.
  assert.deepEqual(
    period?.counts?.map((counts) => [...counts]),
    [
      [1, 1, 0, 0],
      [0, 2, 0, 0],
      [1, 1, 1, 0],
      [0, 3, 0, 0],
    ],
  );
  const [tp, fp, tn, fn, loss] = period?.sums ?? [];
  assert.deepEqual([tp, fp, tn, fn], [1, 1, 1, 1]);
  const expected = -Math.log(0.9) - Math.log(0.2) - Math.log(0.4) - Math.log(0.8);
  assert.ok(Math.abs(loss! - expected) < 1e-12);
});

test('the order of scores and outcomes, and a restart between any two, change nothing', () => {
  type Input = { readonly kind: 0 | 1; readonly user: number; readonly timeMs: number };
  const input: fc.Arbitrary<Input> = fc.record({
    kind: fc.constantFrom(0, 1),
    user: fc.integer({ min: 0, max: 3 }),
    timeMs: fc.integer({ min: 0, max: 2_999 }),
  });
  const play = (inputs: readonly Input[], restartAt: number) => {
    let sampler = createLabelSampler({ ...options, columns: [0] });
    inputs.forEach(({ kind, user, timeMs }, i) => {
      if (i === restartAt) {
        const kept = JSON.parse(JSON.stringify(snapshotLabelSampler(sampler)));
        sampler = createLabelSampler({ ...options, columns: [0] });
        restoreLabelSampler(sampler, kept);
      }
      if (kind === 0) observeScore(sampler, `${user}/${timeMs}`, 'p', timeMs, [timeMs]);
      else {
        for (let t = 0; t < 3_000; t++) observeOutcome(sampler, `${user}/${t}`, 'p', timeMs);
      }
    });
    return rowsAt(sampler, 10 * dayMs).map(([start, ...rows]) => [
      start,
      ...rows.map(String).sort(),
    ]);
  };
  fc.assert(
    fc.property(fc.array(input, { maxLength: 6 }), fc.nat(6), (inputs, restartAt) => {
      const expected = play(inputs, -1);
      assert.deepEqual(play([...inputs].reverse(), restartAt), expected);
    }),
    { numRuns: 30, seed: 7 },
  );
});

test('every score whose label is known counts, each in the period in which it is', () => {
  const sampler = createLabelSampler(options);
  const times = [200, 210, 999, 1_200];
  for (const [i, timeMs] of times.entries()) {
    countScore(sampler, timeMs);
    observeScore(sampler, i < 3 ? 'u' : 'v', 'p', timeMs, [0.1, 0, 0]);
  }
  const counted = (periods: ReturnType<typeof advanceLabels>['periods']) =>
    periods.map(({ periodStartMs, n, events }) => [periodStartMs, n, events[0]]);
  const restored = createLabelSampler(options);
  restoreLabelSampler(restored, JSON.parse(JSON.stringify(snapshotLabelSampler(sampler))));
  for (const one of [sampler, restored]) {
    assert.deepEqual(counted(advanceLabels(one, 3 * dayMs).periods), [
      [dayMs, 1, 3],
      [2 * dayMs, 1, 1],
    ]);
    countScore(one, 500); // its period is closed
    assert.equal(one.scored.size, 0);
  }
});
