import { WeirError } from '../../errors.js';
import { durationMs } from '../../windows/window.js';

/** What is promised about false alarms, over all features of a design. */
export type FalseAlarmPromise =
  /** At most this chance of any alarm over so many looks. */
  | { readonly chance: number; readonly overLooks: number }
  /** One alarm in so many looks on average: the mean run length. */
  | { readonly oneInLooks: number };

/**
 * The chance and the looks of a design that keeps the promise. Without drift alarms come as a
 * Poisson process, so that with one in N looks on average the chance of any among N is 1 - 1/e.
 */
export function kept(promise: FalseAlarmPromise): {
  readonly alpha: number;
  readonly looks: number;
} {
  if ('chance' in promise) return { alpha: promise.chance, looks: promise.overLooks };
  return { alpha: 1 - Math.exp(-1), looks: promise.oneInLooks };
}

const words = /^one(?: false alarm)? (?:in|per) (\d+)? ?(looks?|[a-z]+)$/;
const chanceWords = /^(\d+(?:\.\d+)?) ?% (?:over|in) (\d+)? ?(looks?|[a-z]+)$/;
const units: Readonly<Record<string, string>> = {
  minute: '1m',
  hour: '1h',
  day: '1d',
  week: '7d',
  month: '30d',
};

/**
 * Reads a promise in plain words: `one per 30 days`, `one false alarm in 500 looks`,
 * `5 % over 200 looks`, `5 % over 30 days`. Times need the ms from one look to the next.
 * @throws WeirError definition-invalid
 */
export function parsePromise(text: string, betweenLooksMs: number | null): FalseAlarmPromise {
  const [, count = '1', unit] = words.exec(text) ?? [];
  if (unit !== undefined) return { oneInLooks: looksIn(text, Number(count), unit, betweenLooksMs) };
  const [, percent, number = '1', over] = chanceWords.exec(text) ?? [];
  const chance = Number(percent) / 100;
  if (over === undefined || !(chance > 0 && chance < 1)) refuse(text, 'an unknown promise');
  return { chance, overLooks: looksIn(text, Number(number), over, betweenLooksMs) };
}

function looksIn(text: string, count: number, unit: string, betweenMs: number | null): number {
  if (unit.startsWith('look')) return atLeastOne(text, count);
  const unitMs = durationMs(units[unit.replace(/s$/, '')] ?? '');
  if (unitMs === undefined) refuse(text, `the unit '${unit}'`);
  if (betweenMs === null) refuse(text, 'a time, where looks have none; say how many looks');
  return atLeastOne(text, Math.round((count * unitMs) / betweenMs));
}

function atLeastOne(text: string, looks: number): number {
  if (looks < 1) refuse(text, 'less than one look');
  return looks;
}

function refuse(text: string, found: string): never {
  throw new WeirError(
    'definition-invalid',
    `false alarms: expected 'one per 30 days', 'one in 500 looks' or '5 % over 200 looks'; ` +
      `found '${text}' (${found})`,
  );
}
