import { describe } from './describe.js';

const dayMs = 86_400_000;
/**
 * A number between these, 1980 and 2100 in seconds, is early 1970 in milliseconds: nobody means
 * that.
 */
const earliestSeconds = 315_532_800;
const latestSeconds = 4_102_444_800;
/** The largest distance from 1970 that a Date can hold, ms. */
const largestMs = 8.64e15;
const expected = 'expected a time such as 2024-01-15T10:30:00Z';
const daysInMonth = Uint8Array.of(0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);
const anyForm = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)?$/;

/** Midnight of a day in UTC, ms; NaN where the calendar has no such day. */
function midnight(year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1) return Number.NaN;
  const isLeap = (year & 3) === 0 && (year % 100 !== 0 || year % 400 === 0);
  const last = month === 2 && isLeap ? 29 : (daysInMonth[month] as number); // month is 1..12
  if (day > last) return Number.NaN;
  // Days from the civil date, years starting in March (Hinnant, "chrono-compatible low-level date
  // algorithms"): 50 ns a text in all, where a cache of days by their text made it 64 and
  // Date.parse 150.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = ((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0;
  const dayOfEra =
    yearOfEra * 365 + (yearOfEra >> 2) - ((yearOfEra / 100) | 0) + dayOfYear + day - 1;
  return (era * 146_097 + dayOfEra - 719_468) * dayMs;
}

/** The two digits at `at` as a number; 1,000 or more below or above where one is no digit. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >>> 0 > 9 || ones >>> 0 > 9 ? 1_000_000 : tens * 10 + ones;
}

/** ms of `YYYY-MM-DDTHH:MM:SS[.fff]Z`; NaN where the text has another form or is no real time. */
function fixedWidth(text: string): number {
  const length = text.length;
  let ms = 0;
  if (length === 24) {
    const hundreds = text.charCodeAt(20) - 48;
    if (text.charCodeAt(19) !== 46 || hundreds >>> 0 > 9) return Number.NaN;
    ms = hundreds * 100 + two(text, 21);
    if (ms > 999) return Number.NaN;
  } else if (length !== 20) return Number.NaN;
  const hour = two(text, 11);
  const minute = two(text, 14);
  const second = two(text, 17);
  const isForm =
    text.charCodeAt(length - 1) === 90 &&
    text.charCodeAt(4) === 45 &&
    text.charCodeAt(7) === 45 &&
    text.charCodeAt(10) === 84 &&
    text.charCodeAt(13) === 58 &&
    text.charCodeAt(16) === 58;
  if (!isForm || hour > 23 || minute > 59 || second > 59) return Number.NaN;
  const year = two(text, 0) * 100 + two(text, 2);
  if (year > 9999) return Number.NaN;
  const day = midnight(year, two(text, 5), two(text, 8));
  return day + hour * 3_600_000 + minute * 60_000 + second * 1_000 + ms;
}

/** Offset of a zone such as `+05:30`, ms; NaN where there is no such zone. */
function zoneMs(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const hours = two(zone, 1);
  const minutes = two(zone, 4);
  if (hours > 23 || minutes > 59) return Number.NaN;
  return (zone.charCodeAt(0) === 45 ? -1 : 1) * (hours * 3_600_000 + minutes * 60_000);
}

function parseText(text: string): number | string {
  const parts = anyForm.exec(text);
  if (parts === null) return `${expected}, found ${describe(text)}`;
  const zone = parts[8];
  if (zone === undefined)
    return `${expected}, found ${describe(text)} without a zone; add Z or +hh:mm`;
  const hour = Number(parts[4]);
  const minute = Number(parts[5]);
  const second = Number(parts[6]);
  const day = midnight(Number(parts[1]), Number(parts[2]), Number(parts[3]));
  const clock = hour * 3_600_000 + minute * 60_000 + second * 1_000;
  const fraction = Number((parts[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const ms = day + clock + fraction - zoneMs(zone);
  if (hour > 23 || minute > 59 || second > 59 || Number.isNaN(ms)) {
    return `${expected}, found ${describe(text)}, which is no real time`;
  }
  return ms;
}

function parseNumber(value: number): number | string {
  if (!(Math.abs(value) <= largestMs)) return 'expected milliseconds, found a number too large';
  if (value >= earliestSeconds && value <= latestSeconds) {
    return `expected milliseconds, found ${value}, which looks like seconds`;
  }
  return Math.floor(value);
}

/**
 * The instant that a record's time stands for, in ms since 1970; a text that says why there is
 * none.
 *
 * Takes RFC 3339 text with a zone (digits below the millisecond are cut off) or a number of ms.
 */
export function parseTime(value: unknown): number | string {
  if (typeof value === 'string') {
    const ms = fixedWidth(value);
    return Number.isNaN(ms) ? parseText(value) : ms;
  }
  if (typeof value === 'number') return parseNumber(value);
  if (value === undefined) return 'missing';
  return `${expected}, found ${describe(value)}`;
}
