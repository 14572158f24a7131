const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** 1234 as "1,234", 2.5 as "2.5", 12500000 as "12.5 M". */
export function count(value) {
  if (value >= 1e7) return `${oneDigit.format(value / 1e6)} M`;
  return value < 10 && !Number.isInteger(value) ? oneDigit.format(value) : whole.format(value);
}

/** A figure with as many digits as tell something. */
export function figure(value) {
  if (Number.isInteger(value)) return whole.format(value);
  const digits = Math.abs(value) >= 100 ? 1 : 3;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

const two = (value) => String(value).padStart(2, '0');

/** "10:31:07", UTC. */
export function timeOfDay(date) {
  return [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
}

/** "15 Jan 10:31:07", UTC. */
export function clock(date) {
  return `${day(date)} ${timeOfDay(date)}`;
}

/** A PSI: two decimals; what correcting its bias leaves below zero is zero. */
export function psi(value) {
  return Math.max(0, value).toFixed(2);
}

/** "15 Jan", UTC. */
export function day(date) {
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]}`;
}

/** "41 s", "12 min", "3 h", "5 days". */
export function duration(seconds) {
  const s = Math.abs(seconds);
  if (s < 90) return `${Math.round(s)} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  if (s < 129600) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86400)} days`;
}

/** A feature's name in words: avg_rating_given as "avg rating given". */
export function words(name) {
  return name.replaceAll('_', ' ');
}
