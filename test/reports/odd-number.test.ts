import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellKind } from '../../src/datasets/cell.js';
import { TextDictionary } from '../../src/datasets/text-dictionary.js';
import { oddNumber } from '../../src/reports/odd-number.js';
import { testable } from '../../src/reports/testable.js';

test('numbers as they are not read are known by how they look', () => {
  for (const texts of [
    ['1,5', '-2,25'],
    ['1,234.50', '12'],
    ['1 234', '5'],
    ['12 %', '3%'],
  ]) {
    assert.equal(oddNumber(texts), texts[0]);
  }
  assert.equal(oddNumber(['$1.20', '€ 3,00', "1'000"]), '$1.20');
  for (const texts of [
    [],
    ['a1', 'b2'],
    ['12-34', '56-78'],
    ['1.2.x', '3'],
    ['10.0.0.1', '1.2.3'],
  ]) {
    assert.equal(oddNumber(texts), null);
  }
});

test('a column of decimal commas is refused as that, not as names of things', () => {
  const texts = new TextDictionary();
  const rows = 200;
  const values = Float64Array.from({ length: rows }, (_, i) => texts.cellOf(`${i},5`).value);
  const kinds = new Uint8Array(rows).fill(cellKind.text);
  const { reason } = testable({ name: 'x', kinds, values, texts }, { tests: null, window: null });
  assert.match(reason ?? '', /200 different texts .* look like numbers, as '0,5'; write them as/);
});
