import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toJavaScript, toSql } from '../../src/features/compile-expression.js';
import {
  add,
  and,
  atLeast,
  coalesce,
  cos,
  countOf,
  dayNumber,
  dayOfMonth,
  dayOfWeek,
  type Expr,
  elementOf,
  equal,
  haversineKm,
  hourOfDay,
  indicator,
  isBusinessHours,
  isWeekend,
  lengthOf,
  less,
  log1p,
  month,
  multiply,
  not,
  or,
  radians,
  ratio,
  season,
  sqrt,
  subtract,
} from '../../src/features/expression.js';
import { functions, library } from '../../src/features/functions.js';

const nothing = Number.NaN;

function column<T>(name: string): Expr<T> {
  return { node: { op: 'column', name } };
}
const a = column<number | null>('a');
const b = column<number | null>('b');
const list = column<readonly number[] | null>('list');
const word = column<string | null>('word');
const counts = column<readonly (readonly [string, number])[] | null>('counts');

/** What the expression's JavaScript gives for a row. */
function run(expr: Expr<unknown>, row: object = {}): unknown {
  const code = toJavaScript(expr.node, {
    column: (name) => `row[${JSON.stringify(name)}]`,
    feature: (name) => name,
    time: 'row.time',
  });
  return new Function('lib', 'row', `'use strict'; return ${code};`)(library, row);
}

test('arithmetic is that of doubles', () => {
  assert.equal(run(add(a, 0.25), { a: 1.5 }), 1.75);
  assert.equal(run(subtract(1, a), { a: -2 }), 3);
  assert.equal(run(subtract(a, -2), { a: 1 }), 3);
  assert.equal(run(multiply(a, b), { a: 3, b: -0.5 }), -1.5);
  assert.equal(run(ratio(a, b), { a: 1, b: 8 }), 0.125);
  assert.equal(run(sqrt(a), { a: 2.25 }), 1.5);
  assert.equal(run(radians(180)), Math.PI);
  assert.equal(run(cos(a), { a: 0 }), 1);
  assert.equal(run(log1p(a), { a: 1e-20 }), 1e-20);
  assert.equal(run(coalesce(a, 7), { a: 0 }), 0);
});

test('what has no answer is not known', () => {
  assert.equal(run(ratio(a, 0), { a: 1 }), nothing);
  assert.equal(run(ratio(0, -0)), nothing);
  assert.equal(run(sqrt(-1)), nothing);
  assert.equal(run(elementOf(list, 3), { list: [1, 2, 3] }), nothing);
  assert.equal(run(elementOf(list, -1), { list: [1, 2, 3] }), nothing);
  assert.equal(run(elementOf(list, 0.5), { list: [1, 2, 3] }), nothing);
});

test('null passes through arithmetic, calendar and distances', () => {
  const row = { a: nothing, b: 2, list: null, counts: null, word: null, time: 0 };
  const passing = [
    ...[add(a, b), subtract(b, a), multiply(a, 0), ratio(a, b), ratio(b, a), sqrt(a), radians(a)],
    ...[cos(a), log1p(a), coalesce(a, a), haversineKm(1, 2, 3, a), haversineKm(a, 1, 1, 1)],
    ...[hourOfDay(a), dayOfWeek(a), dayOfMonth(a), month(a), dayNumber(a)],
    ...[lengthOf(list), elementOf(list, 0), elementOf(list, a), countOf(counts, 'x')],
    countOf(column('list'), word),
  ];
  for (const expr of passing) assert.equal(run(expr, row), nothing, JSON.stringify(expr.node));
  assert.equal(run(season(a), row), null);
  assert.equal(run(coalesce(a, b), row), 2);
});

test('a comparison with null is false, its negation true', () => {
  const row = { a: nothing, word: null };
  for (const test of [less(a, 1), atLeast(a, 1), equal(a, 1), equal(a, a), equal(word, 'x')]) {
    assert.equal(run(test, row), false);
    assert.equal(run(not(test), row), true);
    assert.equal(run(indicator(test), row), 0);
  }
  assert.equal(run(equal(word, column('other')), { word: null, other: null }), false);
});

test('conditions combine as in logic', () => {
  const isTrue = less(0, 1);
  const isFalse = less(1, 1);
  assert.equal(run(and(isTrue, isTrue)), true);
  assert.equal(run(and(isTrue, isFalse)), false);
  assert.equal(run(or(isFalse, isTrue)), true);
  assert.equal(run(or(isFalse, isFalse)), false);
  assert.equal(run(not(and(isTrue, not(isTrue)))), true);
  assert.equal(run(indicator(atLeast(1, 1))), 1);
  assert.equal(run(equal(word, 'a"b\\'), { word: 'a"b\\' }), true);
  assert.equal(run(equal('x', word), { word: 'x' }), true);
});

test('lists and counts', () => {
  assert.equal(run(lengthOf(list), { list: [4, 5] }), 2);
  assert.equal(run(elementOf(list, b), { list: [4, 5], b: 1 }), 5);
  const row = { counts: [['tea', 3]], word: 'tea' };
  assert.equal(run(countOf(counts, word), row), 3);
  assert.equal(run(countOf(counts, 'rum'), row), 0);
});

test('distances on the sphere of 6371.0088 km', () => {
  const quarter = (6371.0088 * Math.PI) / 2;
  assert.ok(Math.abs((run(haversineKm(0, 0, 0, 90)) as number) - quarter) < 1e-9);
  assert.ok(Math.abs((run(haversineKm(90, 12, 0, -77)) as number) - quarter) < 1e-9);
  assert.ok(Math.abs((run(haversineKm(0, 0, 0, 180)) as number) - 2 * quarter) < 1e-9);
  assert.equal(run(haversineKm(38.7, -9.1, 38.7, -9.1)), 0);
});

test('calendar parts are those of UTC, before 1970 as after', () => {
  const at = (text: string) => ({ time: Date.parse(text) });
  const time: Expr<number> = { node: { op: 'time' } };
  const parts = [hourOfDay, dayOfWeek, dayOfMonth, month, dayNumber].map((part) => part(time));
  const partsAt = (text: string) => parts.map((part) => run(part, at(text)));
  assert.deepEqual(partsAt('1970-01-01T00:00:00Z'), [0, 4, 1, 1, 0]);
  assert.deepEqual(partsAt('1969-12-31T23:59:59.999Z'), [23, 3, 31, 12, -1]);
  assert.deepEqual(partsAt('2024-02-29T12:00:00Z'), [12, 4, 29, 2, 19_782]);
  assert.deepEqual(partsAt('2025-03-02T09:00:00Z'), [9, 7, 2, 3, 20_149]);
  const seasons = ['01', '03', '06', '09', '12'].map((m) =>
    run(season(time), at(`2025-${m}-01T00:00:00Z`)),
  );
  assert.deepEqual(seasons, ['winter', 'spring', 'summer', 'autumn', 'winter']);
  assert.equal(run(isWeekend(time), at('2025-03-01T00:00:00Z')), true);
  assert.equal(run(isWeekend(time), at('2025-02-28T23:59:59Z')), false);
  assert.equal(run(isBusinessHours(time), at('2025-03-01T09:00:00Z')), true);
  assert.equal(run(isBusinessHours(time), at('2025-03-01T17:59:59Z')), true);
  assert.equal(run(isBusinessHours(time), at('2025-03-01T18:00:00Z')), false);
  assert.equal(run(isBusinessHours(time), at('2025-03-01T08:59:59Z')), false);
});

test('calendar parts agree with Date at any instant', () => {
  const time: Expr<number> = { node: { op: 'time' } };
  const instant = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });
  fc.assert(
    fc.property(instant, (ms) => {
      const date = new Date(ms);
      assert.equal(run(hourOfDay(time), { time: ms }), date.getUTCHours());
      assert.equal(run(dayOfWeek(time), { time: ms }), date.getUTCDay() || 7);
      assert.equal(run(dayOfMonth(time), { time: ms }), date.getUTCDate());
      assert.equal(run(month(time), { time: ms }), date.getUTCMonth() + 1);
    }),
  );
});

test('every function has a form in JavaScript and one in SQL that use each operand', () => {
  const operands = ['p0', 'p1', 'p2', 'p3'];
  for (const [name, form] of Object.entries(functions)) {
    const arity = name === 'haversineKm' ? 4 : Math.max(form.js.length, form.sql.length);
    const used = operands.slice(0, arity);
    for (const write of [form.js, form.sql] as ((...args: string[]) => string)[]) {
      const code = write(...used);
      for (const operand of used) assert.ok(code.includes(operand), `${name}: ${code}`);
      assert.doesNotMatch(code, /undefined/, name);
    }
  }
});

test('no text or name gets out of its quotes', () => {
  const hostile = [
    `"];process.exit()//`,
    `'); DROP TABLE vectors; --`,
    `\\`,
    `\\'`,
    `\\"`,
    '$' + '{process.exit()}',
    '\u2028\u2029\n\r\0',
    '*/',
  ];
  for (const text of hostile) {
    assert.equal(run(equal(word, text), { word: text }), true);
    assert.equal(run(equal(column(text), 'x'), { [text]: 'x' }), true);
    const sql = toSql(equal(word, text).node, { column: () => 'w', feature: () => '', time: 't' });
    // Between the outer quotes every quote and backslash is escaped.
    const body = /^ifNull\(w = '([\s\S]*)', 0\)$/.exec(sql)?.[1];
    assert.equal(body?.replaceAll(/\\(.)/g, '$1'), text);
    assert.doesNotMatch(body!.replaceAll(/\\./g, ''), /['\\]/);
  }
});

test('a constant that is no finite number is refused', () => {
  for (const value of [Number.NaN, Infinity]) {
    const { node } = add(a, value);
    assert.throws(() => toJavaScript(node, { column: String, feature: String, time: 't' }), {
      code: 'definition-invalid',
      message: `expected a finite number, found ${value}`,
    });
  }
});
