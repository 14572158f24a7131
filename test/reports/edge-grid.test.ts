import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeGrid, gridBin } from '../../src/reports/edge-grid.js';
import { normal } from './streams.js';

/** The definition: how many edges lie below. */
const below = (edges: readonly number[], x: number) => edges.filter((edge) => edge < x).length;

const next = normal(4);
const shapes: Readonly<Record<string, readonly number[]>> = {
  normal: Array.from({ length: 250 }, next).sort((a, b) => a - b),
  skewed: Array.from({ length: 250 }, () => Math.exp(5 * next())).sort((a, b) => a - b),
  'one edge': [3],
  none: [],
  'the widest': [-1.7e308, -1, 0, 1, 1.7e308],
  'next to each other': [1, 1 + Number.EPSILON, 1 + 2 * Number.EPSILON],
};

for (const [name, edges] of Object.entries(shapes)) {
  test(`${name}: the bin is the number of edges below`, () => {
    const grid = edgeGrid(edges);
    const values = [
      ...edges,
      -1.7e308,
      1.7e308,
      0,
      ...Array.from({ length: 500 }, () => 3 * next()),
    ];
    for (const x of values) assert.equal(gridBin(grid, x), below(edges, x), `${x}`);
  });
}
