import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packArrays, unpackArrays, widerFloats, widerInts } from '../../src/windows/flat-arrays.js';

test('packed arrays come back as they were, whatever lies before them in memory', () => {
  const anyArray = fc.oneof(fc.float64Array(), fc.int32Array(), fc.uint8Array());
  fc.assert(
    fc.property(fc.array(anyArray), fc.integer({ min: 0, max: 9 }), (arrays, offset) => {
      const packed = Buffer.concat(packArrays(arrays));
      const elsewhere = Buffer.concat([Buffer.alloc(offset), packed]).subarray(offset);
      const unpacked = unpackArrays(elsewhere);
      assert.equal(unpacked.length, arrays.length);
      for (const [i, array] of arrays.entries()) {
        assert.equal(unpacked[i]!.constructor, array.constructor);
        assert.deepEqual([...unpacked[i]!], [...array]);
      }
    }),
  );
});

test('unpacked arrays share nothing with the bytes they came from', () => {
  const bytes = new Uint8Array(Buffer.concat(packArrays([Int32Array.of(1, 2)])));
  const [array] = unpackArrays(bytes);
  bytes.fill(0);
  assert.deepEqual([...array!], [1, 2]);
});

test('a wider array begins with the old numbers and goes on with zeros', () => {
  assert.deepEqual([...widerInts(Int32Array.of(1, -2), 4)], [1, -2, 0, 0]);
  assert.deepEqual([...widerFloats(Float64Array.of(0.5), 2)], [0.5, 0]);
});

test('integers kept in the memory of doubles survive, even those whose bits are a NaN', () => {
  const memory = new Float64Array(2);
  new Int32Array(memory.buffer).set([1, 0x7ff80001, -1, -1]);
  const wider = widerFloats(memory, 4);
  const [unpacked] = unpackArrays(Buffer.concat(packArrays([wider])));
  const ints = new Int32Array((unpacked as Float64Array).slice().buffer);
  assert.deepEqual([...ints.subarray(0, 4)], [1, 0x7ff80001, -1, -1]);
});
