const date = /(\d{4})-(\d\d)-(\d\d)/.source;
const clock = /(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?/.source;
const zone = /(Z|UTC|[+-]\d\d:?\d\d)/.source;
const form = new RegExp(`^${date}(?:[T ]${clock}(?: ?${zone})?)?$`);

/**
 * ms since 1970 of a date or instant in the form of ISO 8601 (`2024-01-15`, `2024-01-15 10:30`,
 * `2024-01-15T10:30:00.123+02:00`); without a zone it is taken as UTC. NaN for any other text.
 */
export function timeOfText(text: string): number {
  if (text.length < 10 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return Number.NaN;
  const parts = form.exec(text);
  if (parts === null) return Number.NaN;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = parts;
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const isDay = new Date(date).getUTCDate() === Number(day) && Number(month) <= 12;
  const isClock = Number(hour) <= 24 && Number(minute) <= 59 && Number(second) <= 60;
  if (!isDay || !isClock) return Number.NaN;
  const clock = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
  return date + clock + Number(`0.${fraction || '0'}`) * 1000 - zoneMs(zone);
}

function zoneMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z' || zone === 'UTC') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
}
