import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rankSumAtEdges } from '../../src/stats/rank-sum-at-edges.js';
import { assertRelative, readGolden } from './golden.js';

interface Case {
  name: string;
  reference: number[];
  current: number[];
  superiority: number;
  pValue: number;
}
const golden = readGolden<{ cases: Case[] }>('rank-sum.json');

test('superiority and p of the rank sum are those of scipy, ties included', () => {
  assert.ok(golden.cases.length >= 5);
  for (const { name, reference, current, superiority, pValue } of golden.cases) {
    const found = rankSumAtEdges(reference, current);
    assert.equal(found.status, 'ok');
    assertRelative(found.superiority, superiority, 1e-12, `${name}: superiority`);
    assertRelative(found.pValue, pValue, 1e-9, `${name}: p`);
    assert.equal(Math.sign(found.z), Math.sign(superiority - 0.5), name);
  }
});

test('an empty side, or one single bin, is nothing to rank', () => {
  const nothing = [
    [
      [0, 0],
      [1, 2],
    ],
    [
      [1, 2],
      [0, 0],
    ],
    [
      [0, 5],
      [0, 7],
    ],
  ] as const;
  for (const [reference, current] of nothing) {
    const { status, superiority, z, pValue } = rankSumAtEdges(reference, current);
    assert.deepEqual([status, superiority, z, pValue], ['insufficient-data', 0.5, 0, 1]);
  }
});
