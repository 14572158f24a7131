import { WeirError } from '../errors.js';
import { parseTime } from '../streams/ingest/time.js';
import { durationMs } from '../windows/window.js';

/** A count given as text; `wrong-use` where it is none from 1 to `max`. */
export function countOption(name: string, text: string, max: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= max) return number;
  throw new WeirError(
    'wrong-use',
    `${name}: expected a whole number from 1 to ${max}; found '${text}'`,
  );
}

const toTheMinute = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(Z|[+-]\d\d:\d\d)$/i;

/** An instant given as text, to the minute or closer, ms; `wrong-use` where it is none. */
export function timeOption(name: string, text: string): number {
  const whole = text.replace(toTheMinute, '$1:00$2');
  const time = parseTime(/^\d+$/.test(text) ? Number(text) : whole);
  if (typeof time === 'number') return time;
  throw new WeirError('wrong-use', `${name}: ${time}; give one with its zone`);
}

/** A duration given as text, ms; `wrong-use` where it is none. */
export function durationOption(name: string, text: string): number {
  const ms = text === '0' ? 0 : durationMs(text);
  if (ms !== undefined) return ms;
  throw new WeirError(
    'wrong-use',
    `${name}: expected a duration such as 30s, 1m or 1h; found '${text}'`,
  );
}
