import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseTime } from '../../../src/streams/ingest/time.js';

const at = Date.UTC(2024, 0, 15, 10, 30);

test('the ways to write one instant give the same milliseconds', () => {
  const same = [
    '2024-01-15T10:30:00Z',
    '2024-01-15T10:30:00.000Z',
    '2024-01-15t10:30:00z',
    '2024-01-15T10:30:00.0009999Z',
    '2024-01-15T16:00:00+05:30',
    '2024-01-15T02:30:00-08:00',
    '2024-01-15T10:30:00-00:00',
    at,
    at + 0.9,
  ];
  for (const value of same) assert.equal(parseTime(value), at, String(value));
});

test('digits below the millisecond are cut off, not rounded', () => {
  assert.equal(parseTime('2024-01-15T10:30:00.1Z'), at + 100);
  assert.equal(parseTime('2024-01-15T10:30:00.129Z'), at + 129);
  assert.equal(parseTime('2024-01-15T10:30:00.1299Z'), at + 129);
});

test('the ends of the calendar are right', () => {
  assert.equal(parseTime('1970-01-01T00:00:00Z'), 0);
  assert.equal(parseTime('1969-12-31T23:59:59.999Z'), -1);
  assert.equal(parseTime('2000-02-29T00:00:00Z'), Date.UTC(2000, 1, 29));
  assert.equal(parseTime('0000-02-29T00:00:00Z'), Date.parse('0000-02-29T00:00:00Z'));
  assert.equal(parseTime('9999-12-31T23:59:59Z'), Date.parse('9999-12-31T23:59:59Z'));
});

test('what is no instant says why', () => {
  const form = 'expected a time such as 2024-01-15T10:30:00Z';
  const reasons: readonly (readonly [unknown, string])[] = [
    [undefined, 'missing'],
    [null, `${form}, found null`],
    [true, `${form}, found true`],
    [[1], `${form}, found a list`],
    [{}, `${form}, found an object`],
    ['', `${form}, found ""`],
    ['2024-01-15', `${form}, found "2024-01-15"`],
    ['2024-01-15T10:30Z', `${form}, found "2024-01-15T10:30Z"`],
    ['2024-01-15 10:30:00Z', `${form}, found "2024-01-15 10:30:00Z"`],
    ['2024-01-15T10:30:00.Z', `${form}, found "2024-01-15T10:30:00.Z"`],
    ['2024-01-15T10:30:00:00Z000Z', `${form}, found "2024-01-15T10:30:00:00Z000Z"`],
    ['2024-01-15T10:30:00', `${form}, found "2024-01-15T10:30:00" without a zone; add Z or +hh:mm`],
    ['2023-02-29T00:00:00Z', `${form}, found "2023-02-29T00:00:00Z", which is no real time`],
    ['1900-02-29T00:00:00Z', `${form}, found "1900-02-29T00:00:00Z", which is no real time`],
    ['2024-13-01T00:00:00Z', `${form}, found "2024-13-01T00:00:00Z", which is no real time`],
    ['2024-00-01T00:00:00Z', `${form}, found "2024-00-01T00:00:00Z", which is no real time`],
    ['2024-01-00T00:00:00Z', `${form}, found "2024-01-00T00:00:00Z", which is no real time`],
    ['2024-01-15T24:00:00Z', `${form}, found "2024-01-15T24:00:00Z", which is no real time`],
    ['2024-12-31T23:59:60Z', `${form}, found "2024-12-31T23:59:60Z", which is no real time`],
    ['2024-01-15T10:60:00Z', `${form}, found "2024-01-15T10:60:00Z", which is no real time`],
    [
      '2024-01-15T10:30:00+24:00',
      `${form}, found "2024-01-15T10:30:00+24:00", which is no real time`,
    ],
    [1_705_314_600, 'expected milliseconds, found 1705314600, which looks like seconds'],
    [315_532_800, 'expected milliseconds, found 315532800, which looks like seconds'],
    [4_102_444_800, 'expected milliseconds, found 4102444800, which looks like seconds'],
    [8.64e15 + 2, 'expected milliseconds, found a number too large'],
    [JSON.parse('1e999'), 'expected milliseconds, found a number too large'],
    [`${'9'.repeat(50)}`, `${form}, found "${'9'.repeat(40)}…"`],
  ];
  for (const [value, reason] of reasons) assert.equal(parseTime(value), reason);
});

test('numbers beside the range of seconds are milliseconds', () => {
  for (const ms of [0, -1, 315_532_799, 4_102_444_801, 8.64e15]) assert.equal(parseTime(ms), ms);
});

test('every instant of the years 0 to 9999 reads as Date reads it', () => {
  const any = fc.date({
    min: new Date('0000-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(any, fc.integer({ min: -1439, max: 1439 }), (date, minutes) => {
      const text = date.toISOString();
      assert.equal(parseTime(text), date.getTime());
      const whole = text.replace(/\.\d+Z$/, 'Z');
      assert.equal(parseTime(whole), Date.parse(whole));
      const clock = Math.abs(minutes);
      const two = (n: number): string => String(n).padStart(2, '0');
      const zone = `${minutes < 0 ? '-' : '+'}${two(Math.floor(clock / 60))}:${two(clock % 60)}`;
      assert.equal(parseTime(text.replace('Z', zone)), date.getTime() - minutes * 60_000);
    }),
    { numRuns: 2000 },
  );
});

test('a date is taken exactly where the calendar has it', () => {
  const two = (n: number): string => String(n).padStart(2, '0');
  for (const year of [1600, 1900, 2000, 2023, 2024, 2100]) {
    for (let month = 0; month <= 13; month++) {
      for (let day = 0; day <= 32; day++) {
        const date = new Date(Date.UTC(year, month - 1, day));
        const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
        const ms = parseTime(`${year}-${two(month)}-${two(day)}T00:00:00Z`);
        if (isReal) assert.equal(ms, date.getTime());
        else assert.equal(typeof ms, 'string');
      }
    }
  }
});

test('one wrong character anywhere is never read as a time', () => {
  for (const text of ['2024-01-15T10:30:00Z', '2024-01-15T10:30:00.123Z']) {
    for (let i = 0; i < text.length; i++) {
      for (const wrong of ['/', ':x', '٣', '\u0000', '']) {
        const broken = text.slice(0, i) + wrong + text.slice(i + 1);
        // Two digits are fine.
        if (broken === '2024-01-15T10:30:00.12Z' || /\.\d{2}Z$/.test(broken)) continue;
        assert.equal(typeof parseTime(broken), 'string', broken);
      }
    }
  }
});
