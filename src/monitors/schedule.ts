import { Cron } from 'croner';

// An offset, not the zone's name, with which a single look takes 6 ms.
const utc = { utcOffset: 0 } as const;

/** Why a pattern is none of cron's with five fields; null where it is one. */
export function cronFault(pattern: string): string | null {
  if (pattern.trim().split(/\s+/).length !== 5) return `'${pattern}'`;
  try {
    const next = new Cron(pattern, utc).nextRun(new Date(0));
    return next === null ? `'${pattern}', which never comes` : null;
  } catch (error) {
    return `'${pattern}' (${(error as Error).message})`; // croner throws nothing else
  }
}

/**
 * The last time of the schedule in `(afterMs, upToMs]`, ms; null where there is none. Times are of
 * the log, UTC: the clock has no part in it.
 */
export function lastScheduled(pattern: string, afterMs: number, upToMs: number): number | null {
  // Times are on whole seconds, and `previousRuns` gives what is before its second.
  const before = new Date((Math.floor(upToMs / 1_000) + 1) * 1_000);
  const [latest] = new Cron(pattern, utc).previousRuns(1, before);
  return latest !== undefined && latest.getTime() > afterMs ? latest.getTime() : null;
}
