const dayMs = 86_400_000;

/** How many seasons a period length has: 7 weekdays, the parts of a day, or null for none. */
export function seasonsOf(periodMs: number): number | null {
  if (periodMs === dayMs) return 7;
  return periodMs < dayMs && dayMs % periodMs === 0 ? dayMs / periodMs : null;
}

/** The season of a period: weekday from Monday, or part of the day; in UTC, as periods are. */
export function seasonAt(periodStartMs: number, periodMs: number): number {
  const period = Math.floor(periodStartMs / periodMs);
  const seasons = seasonsOf(periodMs) ?? 1;
  const first = periodMs === dayMs ? 3 : 0; // 1970-01-01 was a Thursday
  return (((period + first) % seasons) + seasons) % seasons;
}
