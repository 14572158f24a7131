import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../src/generate/random.js';
import { rareCount } from '../../src/stats/rare-count.js';

test('where each category comes often nothing is rare', () => {
  assert.equal(rareCount([100, 50, 30, 30], 255), 0);
  assert.equal(rareCount([100, 0, 30], 255), 0);
  assert.equal(rareCount([], 255), 0);
});

test('no more categories than asked for are above it', () => {
  const rare = rareCount([900, 500, 300, 100], 3);
  assert.ok(rare >= 100 && rare < 300, `${rare}`);
  assert.equal(rareCount(Array<number>(400).fill(25), 255), Number.POSITIVE_INFINITY);
});

test('many that came once are rare', () => {
  const rare = rareCount([500, 400, ...Array<number>(100).fill(1)], 255);
  assert.ok(rare >= 1 && rare < 400, `${rare}`);
});

/** The true share of what is rare in a sample is the oracle: that of the law it was drawn from. */
for (const [name, weights] of [
  ['400 alike', Array<number>(400).fill(1)],
  ['1,000 of Zipf', Array.from({ length: 1000 }, (_, i) => 1 / (i + 1))],
  ['300 that fall by 3 %', Array.from({ length: 300 }, (_, i) => 0.97 ** i)],
] as const) {
  test(`what is rare weighs in a reference what it weighs in its law: ${name}`, () => {
    const rows = 4000;
    const runs = 100;
    const ends: number[] = [];
    for (const weight of weights) ends.push((ends.at(-1) ?? 0) + weight);
    const all = ends.at(-1)!;
    let apart = 0;
    for (let run = 0; run < runs; run++) {
      const random = createRandom(7, run);
      const counts = new Array<number>(weights.length).fill(0);
      for (let row = 0; row < rows; row++) {
        const at = random.unit() * all;
        let [low, high] = [0, ends.length - 1];
        while (low < high) {
          const middle = (low + high) >>> 1;
          if (at < ends[middle]!) high = middle;
          else low = middle + 1;
        }
        counts[low]!++;
      }
      const rare = rareCount(counts, 255);
      let tail = 0;
      let expected = 0;
      for (const [i, count] of counts.entries()) {
        if (count > rare) continue;
        tail += count;
        expected += (rows * weights[i]!) / all;
      }
      apart += (expected - tail) / Math.max(3, Math.sqrt(Math.max(1, expected)));
    }
    // In deviations of the tail's rows; by the least count that came it would be two and more.
    assert.ok(Math.abs(apart / runs) < 1, `${apart / runs}`);
  });
}
