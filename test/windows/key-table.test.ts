import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalKey, hashKey, KeyTable } from '../../src/windows/key-table.js';

test('a key is its text: whole numbers in text are those numbers', () => {
  assert.equal(canonicalKey('12'), 12);
  assert.equal(canonicalKey('0'), 0);
  assert.equal(canonicalKey('-7'), -7);
  assert.equal(canonicalKey(-0), 0);
  assert.ok(Object.is(canonicalKey(-0), 0));
  assert.equal(canonicalKey('9007199254740991'), Number.MAX_SAFE_INTEGER);
  assert.equal(canonicalKey('-9007199254740991'), Number.MIN_SAFE_INTEGER);
});

test('texts that are not how a number is written stay texts', () => {
  const texts = [
    '012',
    '-0',
    '+1',
    '1.0',
    '1e3',
    ' 1',
    '1 ',
    '',
    '0x1',
    '-',
    'NaN',
    'Infinity',
    '١٢',
  ];
  for (const text of texts) assert.equal(canonicalKey(text), text);
});

test('whole numbers beyond 2^53 in text stay apart from their neighbours', () => {
  const texts = ['9007199254740992', '9007199254740993', '-9007199254740993', '1'.repeat(40)];
  for (const text of texts) assert.equal(canonicalKey(text), text);
});

test('numbers and their texts are one key, for the hash and for the table', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (number) => {
      assert.equal(hashKey(number), hashKey(String(number)));
      const table = new KeyTable();
      assert.equal(table.take(number), table.take(String(number)));
      assert.equal(table.find(String(number)), 1);
    }),
  );
});

test('any two texts are two keys', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.oneof(fc.string(), fc.integer().map(String))), (texts) => {
      const table = new KeyTable();
      for (const text of texts) table.take(text);
      assert.equal(table.count, texts.length);
      assert.deepEqual(table.keys.slice(1), texts);
      assert.deepEqual(
        texts.map((text) => table.find(text)),
        texts.map((_, i) => i + 1),
      );
    }),
  );
});

test('a key keeps the form in which it first came', () => {
  const table = new KeyTable();
  table.take('12');
  table.take(12);
  table.take(13);
  table.take('13');
  assert.deepEqual(table.keys.slice(1), ['12', 13]);
  assert.equal(table.find('nobody'), 0);
});

test('the hash is an unsigned number of 32 bits that spreads whole numbers and texts evenly', () => {
  const keys = [
    (i: number) => i,
    (i: number) => i * 1_000_003,
    (i: number) => -i,
    (i: number) => 2 ** 40 + i * 2 ** 32,
    (i: number) => `user-${i}`,
  ];
  for (const keyOf of keys) {
    const counts = new Array<number>(8).fill(0);
    for (let i = 1; i <= 8_000; i++) {
      const hash = hashKey(keyOf(i));
      assert.ok(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32);
      counts[hash % 8]!++;
    }
    // Each is binomial of mean 1,000 and standard deviation 30.
    for (const count of counts) assert.ok(Math.abs(count - 1_000) < 200, `${keyOf}: ${counts}`);
  }
});

test('200,000 keys, near and far apart, are told apart as a Map tells them apart', () => {
  const table = new KeyTable();
  const known = new Map<string | number, number>();
  for (let i = 0; i < 200_000; i++) {
    const key = i % 3 === 0 ? i : i % 3 === 1 ? i * 4_294_967_296 : `user-${i % 1_000}`;
    const index = known.get(key) ?? known.size + 1;
    known.set(key, index);
    assert.equal(table.take(key), index);
  }
  for (const [key, index] of known) assert.equal(table.find(key), index);
  assert.equal(table.count, known.size);
});
