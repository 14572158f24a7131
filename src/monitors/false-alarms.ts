/** How often an alarm may be false, over all features and looks. */
export interface FalseAlarms {
  readonly alarms: number;
  readonly spanMs: number;
}

const dayMs = 86_400_000;
const units: Readonly<Record<string, number>> = {
  hour: dayMs / 24,
  day: dayMs,
  week: 7 * dayMs,
  month: 30 * dayMs,
  year: 365 * dayMs,
};
const counts: Readonly<Record<string, number>> = { a: 1, an: 1, one: 1, two: 2, three: 3 };
const often = /^(a|an|one|two|three|\d+)(?: false)?(?: alarms?)?/;
const span = / (?:per|in|every) (?:(\d+) )?(hour|day|week|month|year)s?$/;
const words = new RegExp(often.source + span.source);

/** Reads words such as `one per 30 days`; null where they are none. A month has 30 days. */
export function parseFalseAlarms(text: string): FalseAlarms | null {
  const found = words.exec(text.trim().toLowerCase());
  if (found === null) return null;
  const [, count = '', every = '1', unit = ''] = found;
  const alarms = counts[count] ?? Number(count);
  const spanMs = Number(every) * units[unit]!; // as the pattern has it
  return alarms > 0 && spanMs > 0 ? { alarms, spanMs } : null;
}

/**
 * The chance of any alarm within `looks` looks, where a false one comes once in `spanMs / alarms`
 * on average: looks that alarm with probability q wait 1/q looks for it, so 1 - (1 - q)^looks.
 */
export function chanceOfAlarm({ alarms, spanMs }: FalseAlarms, periodMs: number, looks: number) {
  const each = Math.min(0.5, (alarms * periodMs) / spanMs);
  return -Math.expm1(looks * Math.log1p(-each));
}

/** Looks within the span, at least one. */
export function looksOf({ spanMs }: FalseAlarms, periodMs: number): number {
  return Math.max(1, Math.round(spanMs / periodMs));
}
