import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { key } from '../../src/features/fields.js';
import { source } from '../../src/features/source.js';
import { view } from '../../src/features/view.js';
import { ViewState, wanted } from '../../src/features/view-state.js';
import { QuietKeys } from '../../src/operators/quiet-keys.js';

const minuteMs = 60_000;
const clicks = source('clicks', { key: 'who', time: 'at', fields: { who: key() } });
const person = view({
  name: 'person',
  key: 'who',
  source: clicks,
  features: (on) => ({ soon: on.count({ over: '10m/1m' }), later: on.count({ over: '1h/5m' }) }),
});

function countsAt(state: ViewState, k: number, atMs: number): string {
  const numbers = new Float64Array(state.numbers);
  state.read(k, atMs, numbers, 0, [], 0);
  return numbers.join(' ');
}

test('every key whose counts change by themselves is named within a minute of the change', () => {
  const step = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 15 }));
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
      const state = new ViewState(person.definition, []);
      const quiet = new QuietKeys(state);
      const shown = new Map<number, string>();
      const start = Date.UTC(2025, 0, 1);
      let minute = 0;
      const look = () => {
        const atMs = start + minute * minuteMs;
        for (const k of quiet.take(atMs)) shown.set(k, countsAt(state, k, atMs));
        for (const [k, counts] of shown) {
          assert.equal(counts, countsAt(state, k, atMs), `key ${k}, minute ${minute}`);
        }
      };
      for (const [who, later] of steps) {
        for (let i = 0; i < later; i++) {
          minute++;
          look();
        }
        const atMs = start + minute * minuteMs + who * 1_000;
        const numbers = new Float64Array(state.numbers);
        const k = state.event({ who }, who, atMs, wanted.after, numbers, 0, [], 0);
        quiet.touch(k);
        shown.set(k, countsAt(state, k, Math.max(state.asOfMs(k), start + minute * minuteMs)));
      }
      for (minute++; minute < steps.length * 15 + 100; minute++) look();
      assert.deepEqual(new Set(shown.values()), new Set(['0 0']));
    }),
    { numRuns: 60 },
  );
});

test('a key is named once a minute however often its windows change, and not before they do', () => {
  const state = new ViewState(person.definition, []);
  const quiet = new QuietKeys(state);
  const numbers = new Float64Array(state.numbers);
  for (let i = 0; i < 50; i++) {
    quiet.touch(state.event({ who: 1 }, 1, i * 1_000, wanted.none, numbers, 0, [], 0));
  }
  assert.deepEqual(quiet.take(11 * minuteMs - 1), []);
  assert.deepEqual(quiet.take(11 * minuteMs), [1]);
  assert.deepEqual(quiet.take(11 * minuteMs), []);
  assert.deepEqual(quiet.take(64 * minuteMs), []);
  assert.deepEqual(quiet.take(1e9), [1]);
  assert.deepEqual(quiet.take(1e12), []);
});
