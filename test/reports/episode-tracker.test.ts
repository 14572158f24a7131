import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EpisodeTracker } from '../../src/reports/episode-tracker.js';

const names = ['a', 'b', 'c'];
const windowRows = 100;

/** States of three columns per look, 100 rows apart: 0 as the reference, else drift from it. */
function episodesOf(states: readonly (readonly [number, number, number])[]) {
  const tracker = new EpisodeTracker(names, windowRows, {
    // Told from an earlier state, of two windows, is only what moved by two.
    changed: (before, counts) =>
      names.flatMap((_name, i) => (Math.abs(before[i]! / 2 - counts[i]!) > 1 ? [i] : [])),
    isAlike: (one, other) => one.every((count, i) => count === other[i]),
  });
  const looks = states.map((state, i) => ({
    to: (i + 1) * windowRows,
    time: null,
    counts: Uint32Array.from(state),
    isHigh: (column: number) => state[column] !== 0,
    isLow: (column: number) => state[column] === 0,
  }));
  for (const look of looks) tracker.look(look);
  return tracker.finish(looks.at(-1)!).map(({ columns, closed }) => ({ columns, closed }));
}

const settled = Array.from({ length: 8 }, () => [2, 0, 0] as const);

test('a column that drifts beside a further change is part of its episode, however little', () => {
  const after = Array.from({ length: 4 }, () => [2, 2, 1] as const);
  assert.deepEqual(episodesOf([...settled, ...after]), [
    { columns: ['a'], closed: null },
    { columns: ['b', 'c'], closed: null },
  ]);
});

test('a column that drifts in the last look is told', () => {
  assert.deepEqual(episodesOf([...settled, [2, 0, 1]]), [{ columns: ['a', 'c'], closed: null }]);
});

test('a column that drifts in the look that ends all episodes opens one', () => {
  const back = [...settled, [0, 0, 0], [0, 0, 1]] as const;
  assert.deepEqual(episodesOf(back), [
    { columns: ['a'], closed: 1000 },
    { columns: ['c'], closed: null },
  ]);
});

test('a column that drifts once while another change is followed is told', () => {
  const once = [[2, 2, 0], [2, 2, 1], ...Array.from({ length: 8 }, () => [2, 2, 0] as const)];
  const found = episodesOf([...settled, ...(once as [number, number, number][])]);
  assert.deepEqual(found.flatMap(({ columns }) => columns).sort(), ['a', 'b', 'c']);
});
