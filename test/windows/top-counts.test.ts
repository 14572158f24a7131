import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareCodePoints, TopCounts } from '../../src/windows/top-counts.js';

/** The definition: by code points one by one, the shorter of two equal beginnings first. */
function byCodePoint(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const apart = x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
    if (apart !== 0) return apart;
  }
  return x.length - y.length;
}

function naiveTop(texts: readonly string[], size: number): [string, number][] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || byCodePoint(a[0], b[0])).slice(0, size);
}

test('texts are ordered by code point, not by UTF-16 unit', () => {
  assert.ok(compareCodePoints('\u{1F600}', '\uFF5E') > 0); // as UTF-16, D83D is before FF5E
  assert.ok(compareCodePoints('\uE000', '\u{10000}') < 0);
  assert.ok(compareCodePoints('a', 'ab') < 0);
  assert.ok(compareCodePoints('Z', 'a') < 0);
  assert.equal(compareCodePoints('', ''), 0);
  const anyText = fc.string({ unit: 'binary', maxLength: 4 });
  fc.assert(
    fc.property(anyText, anyText, (a, b) => {
      assert.equal(Math.sign(compareCodePoints(a, b)), Math.sign(byCodePoint(a, b)));
    }),
    { numRuns: 1_000 },
  );
});

test('the most frequent come first, ties by code point', () => {
  const top = new TopCounts();
  for (const text of ['thai', 'bar', 'bar', 'cafe', 'thai', '\u{1F355}', '\uFF5E'])
    top.add(1, text);
  top.add(1, null);
  top.add(2, 'bar');
  assert.deepEqual(top.top(1, 10), [
    ['bar', 2],
    ['thai', 2],
    ['cafe', 1],
    ['\uFF5E', 1],
    ['\u{1F355}', 1],
  ]);
  assert.deepEqual(top.top(1, 1), [['bar', 2]]);
  assert.deepEqual(top.top(2, 10), [['bar', 1]]);
  assert.deepEqual(top.top(99_999, 10), []);
});

test('counts of many keys equal a sorted tally, with a dump and restore on the way', () => {
  const word = fc.constantFrom('a', 'b', 'ab', '', 'é', '\uFF5E', '\u{1F600}', '__proto__', 'zz');
  const adds = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), word), { maxLength: 300 });
  fc.assert(
    fc.property(adds, fc.nat(300), fc.integer({ min: 1, max: 12 }), (list, cut, size) => {
      let top = new TopCounts();
      for (const [i, [key, text]] of list.entries()) {
        if (i === cut) {
          const kept = top.dump();
          top = new TopCounts();
          top.restore(kept);
        }
        top.add(key, text);
      }
      for (let key = 1; key <= 5; key++) {
        const own = list.filter((one) => one[0] === key).map((one) => one[1]);
        assert.deepEqual(top.top(key, size), naiveTop(own, size));
      }
    }),
  );
});

test('a thousand keys of a hundred texts outgrow every first allocation', () => {
  const top = new TopCounts();
  for (let i = 0; i < 100_000; i++) top.add(1 + (i % 1_000), `t${(i * 7_919) % 100}`);
  const own = Array.from({ length: 100 }, (_, i) => `t${((i * 1_000 + 6) * 7_919) % 100}`);
  assert.deepEqual(top.top(7, 200), naiveTop(own, 200));
});
