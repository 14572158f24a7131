import { WeirError } from '../../errors.js';
import type { Clickhouse } from './client.js';

/** The oldest release that statements and settings were tried on: comments on views, tokens. */
const oldestVersion = '24.8';

/** @throws WeirError clickhouse-too-old, before a statement fails in its own words */
export async function refuseOldServer(clickhouse: Clickhouse): Promise<void> {
  const found = await clickhouse.version();
  if (isAtLeast(found, oldestVersion)) return;
  throw new WeirError(
    'clickhouse-too-old',
    `expected ClickHouse ${oldestVersion} or newer at ${clickhouse.url}, found ${found}; upgrade the server, name another with clickhouse.url, or let Weir run ClickHouse embedded with clickhouse.mode: embedded`,
  );
}

/** Compares year and release of versions such as `24.8.4.1`. */
function isAtLeast(found: string, expected: string): boolean {
  const [year = 0, release = 0] = found.split('.').map(Number);
  const [leastYear = 0, leastRelease = 0] = expected.split('.').map(Number);
  return year > leastYear || (year === leastYear && release >= leastRelease);
}
