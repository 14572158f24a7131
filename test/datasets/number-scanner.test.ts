import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NumberScanner } from '../../src/datasets/number-scanner.js';
import { uniform } from '../reports/streams.js';

const scanner = new NumberScanner();

function read(text: string): { readonly end: number; readonly value: number } {
  const end = scanner.read(Buffer.from(`${text},`), 0);
  return { end, value: scanner.value };
}

test('every number is read to the nearest double, as Number does', () => {
  const next = uniform(1);
  for (let i = 0; i < 50_000; i++) {
    const digits = 1 + Math.floor(next() * 30);
    let text = Array.from({ length: digits }, () => Math.floor(next() * 10)).join('');
    const point = Math.floor(next() * (digits + 1));
    text = `${text.slice(0, point)}.${text.slice(point)}`;
    if (next() < 0.3) text += `e${Math.floor(next() * 80 - 40)}`;
    if (next() < 0.5) text = `-${text}`;
    const { end, value } = read(text);
    assert.equal(end, text.length, text);
    assert.equal(value, Number(text) + 0, text);
  }
});

test('numbers as programs print them are read exactly', () => {
  const next = uniform(2);
  for (let i = 0; i < 50_000; i++) {
    const text = String((next() - 0.5) * 10 ** Math.floor(next() * 30 - 15));
    assert.equal(read(text).value, Number(text), text);
  }
});

test('halves between two doubles go to the even one', () => {
  for (const text of [
    '9007199254740993',
    '9007199254740995',
    '0.5000000000000000277555756156289',
  ]) {
    assert.equal(read(text).value, Number(text), text);
  }
});

test('what is no number is none, and a number ends where another sign stands', () => {
  assert.equal(read('').end, -1);
  assert.equal(read('-').end, -1);
  assert.equal(read('.').end, -1);
  assert.equal(read('abc').end, -1);
  assert.equal(read('1.2.3').end, 3);
  assert.equal(read('2024-01-01').end, 4);
  assert.equal(read('1e').end, 1);
});
