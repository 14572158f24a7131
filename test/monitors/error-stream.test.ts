import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addPart, partAt, partsOf, sumsPerPart } from '../../src/monitors/error-parts.js';
import { type ErrorStream, excessOf, stepErrors } from '../../src/monitors/error-stream.js';
import { dayMs, seeded, startMs } from './simulation.js';

const hourMs = dayMs / 24;

/** Errors of a day: each hour as many scores as given, wrong with the chances beside. */
function day(random: () => number, index: number, perHour: number, chance: (h: number) => number) {
  const parts = Array.from({ length: 24 }, (_, hour) => {
    let wrong = 0;
    for (let i = 0; i < perHour; i++) wrong += random() < chance(index * 24 + hour) ? 1 : 0;
    const atMs = startMs + index * dayMs + hour * hourMs;
    // The model is surer at night: what is expected follows.
    return { startMs: atMs, n: perHour, wrong, expected: perHour * promised(hour) };
  });
  return { periodEndMs: startMs + (index + 1) * dayMs, parts };
}

const promised = (hour: number) => (hour % 24 < 8 ? 0.1 : 0.2);

function run(seed: number, days: number, perHour: number, chance: (hour: number) => number) {
  const random = seeded(seed);
  let stream: ErrorStream | null = null;
  for (let index = 0; index < days; index++) {
    const step = { ...day(random, index, perHour, chance), referenceId: 'r', level: 0.05 / 60 };
    stream = stepErrors(stream, step);
  }
  return stream!;
}

test('sixty quiet days of a model that is surer at night show no change, in twenty worlds', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { change, parts } = run(seed, 60, 40, promised);
    assert.equal(change, null, `seed ${seed}`);
    assert.ok(parts.length <= 168, `${parts.length} parts`);
    assert.ok(Math.abs(excessOf(parts)) < 0.01);
  }
});

test('a model that becomes wrong more often is found, with the hours in which that began', () => {
  const from = 20 * 24 + 7;
  for (let seed = 1; seed <= 20; seed++) {
    const found = run(seed, 23, 40, (hour) => promised(hour) + (hour < from ? 0 : 0.15));
    const hours = (found.change!.atMs - startMs) / hourMs;
    assert.ok(Math.abs(hours - from) <= 4, `seed ${seed}: hour ${hours}, not ${from}`);
    assert.ok(Math.abs(found.change!.before) < 0.02);
    assert.ok(Math.abs(excessOf(found.parts) - 0.15) < 0.03);
  }
});

test('a stream goes on from its JSON exactly, and a period that was taken before changes nothing', () => {
  const chance = (hour: number) => promised(hour) + (hour < 100 ? 0 : 0.2);
  const [one, other] = [seeded(5), seeded(5)];
  let whole: ErrorStream | null = null;
  let kept: string | null = null;
  for (let index = 0; index < 12; index++) {
    const step = { referenceId: 'r', level: 0.001 };
    whole = stepErrors(whole, { ...day(one, index, 30, chance), ...step });
    const former: ErrorStream | null = kept === null ? null : JSON.parse(kept);
    const again = day(other, index, 30, chance);
    const next = stepErrors(former, { ...again, ...step });
    assert.equal(stepErrors(next, { ...again, ...step }), next);
    kept = JSON.stringify(next);
    assert.equal(kept, JSON.stringify(whole));
  }
  assert.notEqual(whole!.change, null);
  assert.ok(kept!.length < 20_000);
});

test('another reference begins the stream anew; a former state is left as it was', () => {
  const first = run(3, 5, 30, promised);
  const text = JSON.stringify(first);
  const next = day(seeded(1), 5, 30, promised);
  const anew = stepErrors(first, { ...next, referenceId: 'other', level: 0.001 });
  assert.equal(anew.parts.length, 24);
  assert.equal(anew.adwin.count, 24 * 30);
  assert.equal(JSON.stringify(first), text);
});

test('of a very large period so many values stand for all, with the same share of errors', () => {
  const parts = [{ startMs, n: 1_000_000, wrong: 300_000, expected: 200_000 }];
  const step = { referenceId: 'r', level: 0.001, periodEndMs: startMs + dayMs, parts };
  const found = stepErrors(null, step);
  assert.equal(found.adwin.count, 100_000);
  assert.ok(Math.abs(excessOf(found.parts) - 0.1) < 1e-12);
});

test('decisions are counted by the part in which their label matured, in any order alike', () => {
  const rows = [
    [0, true, 1, 0.7],
    [0, true, 0, 0.6],
    [dayMs - 1, false, 1, 0.1],
  ] as const;
  const sumsOf = (list: readonly (typeof rows)[number][]) => {
    const sums = new Float64Array(24 * sumsPerPart);
    for (const [atMs, isYes, label, probability] of list) {
      addPart(
        sums,
        partAt(startMs + atMs, startMs, dayMs) * sumsPerPart,
        isYes,
        label,
        probability,
      );
    }
    return [...sums];
  };
  const sums = sumsOf(rows);
  assert.deepEqual(sumsOf([...rows].reverse()), sums);
  const found = partsOf([1, 2, 3, 4, 5, 6, ...sums], startMs, dayMs);
  const near = (expected: number) => Math.round(expected * 1e5) / 1e5;
  assert.deepEqual(
    found.map((one) => ({ ...one, expected: near(one.expected) })),
    [
      { startMs, n: 2, wrong: 1, expected: 0.7 },
      { startMs: startMs + 23 * hourMs, n: 1, wrong: 1, expected: 0.1 },
    ],
  );
});
