import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatMap, lastValueFrom, map, toArray } from 'rxjs';
import { pulled } from '../../src/operators/pull.js';

function counter(until: number): { next: () => Promise<number | null>; taken: () => number } {
  let taken = 0;
  return {
    next: () => Promise.resolve(taken < until ? ++taken : null),
    taken: () => taken,
  };
}

test('items come in order until there is none', async () => {
  const { next } = counter(5);
  const tens = map((n: number) => n * 10);
  assert.deepEqual(await lastValueFrom(pulled(next, tens).pipe(toArray())), [10, 20, 30, 40, 50]);
  assert.deepEqual(await lastValueFrom(pulled(next, tens).pipe(toArray())), []);
});

test('the next item is taken only when the graph has let go of this one', async () => {
  const { next, taken } = counter(20);
  const seen: number[] = [];
  const slow = concatMap(async (n: number) => {
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(taken());
    return n;
  });
  await lastValueFrom(pulled(next, slow));
  assert.deepEqual(
    seen,
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
});

test('a failure in the graph or in the source ends it with that failure', async () => {
  const { next, taken } = counter(20);
  const failing = map((n: number) => {
    if (n === 3) throw new Error('third');
    return n;
  });
  await assert.rejects(lastValueFrom(pulled(next, failing)), { message: 'third' });
  assert.equal(taken(), 3);
  const broken = () => Promise.reject(new Error('no source'));
  const same = map((n: number) => n);
  await assert.rejects(lastValueFrom(pulled<number, number>(broken, same)), {
    message: 'no source',
  });
});
