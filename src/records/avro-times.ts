import { longJson } from './avro-numbers.js';

const dayMs = 86_400_000;
/** The largest distance from 1970 that a Date can hold, ms. */
const largestMs = 8.64e15;

let lastDay = Number.NaN;
let lastDate = '';

const two = (n: number): string => (n < 10 ? `0${n}` : String(n));

/** ISO 8601 to the millisecond without a zone; the day's own part is kept, since days repeat. */
function clockText(ms: number): string {
  const day = Math.floor(ms / dayMs);
  if (day !== lastDay) {
    lastDay = day;
    lastDate = new Date(day * dayMs).toISOString().slice(0, -13);
  }
  const inDay = ms - day * dayMs;
  const rest = inDay % 1_000;
  const seconds = Math.floor(inDay / 1_000);
  const minutes = Math.floor(seconds / 60);
  const fraction = String(rest).padStart(3, '0');
  return `${lastDate}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}.${fraction}`;
}

/** A count of `perMs`ths of a millisecond since 1970 as JSON text of its instant in UTC. */
export function instantJson(value: number | bigint, perMs: number, zone: string): string {
  const ms =
    typeof value === 'number'
      ? Math.floor(value / perMs)
      : Number(
          (value - (((value % BigInt(perMs)) + BigInt(perMs)) % BigInt(perMs))) / BigInt(perMs),
        );
  if (!(Math.abs(ms) <= largestMs - dayMs)) return longJson(value); // no date: refused as a number
  return `"${clockText(ms)}${zone}"`;
}

/** Days since 1970 as JSON text of the date. */
export function dateJson(days: number): string {
  const ms = days * dayMs;
  return Math.abs(ms) > largestMs ? String(days) : `"${new Date(ms).toISOString().slice(0, -14)}"`;
}
