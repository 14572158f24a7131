import { createRequire } from 'node:module';

/** What is used of a chdb result. */
export interface ChdbResult {
  readonly elapsed: number;
  readonly rowsRead: number;
  readonly bytesRead: number;
  bytes(): Uint8Array;
}

/** What is used of a chdb session: a connection with settings of its own to the one engine. */
export interface ChdbSession {
  query(sql: string, format?: string): string;
  queryAsync(sql: string, options: { readonly format: string }): Promise<ChdbResult>;
  close(): void;
}

/** Opens sessions on one data directory; a second process on it fails with code 76. */
export type OpenSession = () => ChdbSession;

interface Chdb {
  // The vendor's own name.
  readonly Session: new (
    directory: string,
    options: { readonly connectionArgs: readonly string[] },
  ) => ChdbSession;
}

const require = createRequire(import.meta.url);

/**
 * Loads ClickHouse into this process; the first load of the library takes seconds.
 * Typed by hand, since the compiler must pass where the optional package is not installed.
 */
export function loadChdb(directory: string, engineArgs: readonly string[]): OpenSession {
  const { Session } = require('chdb') as Chdb; // see above
  return () => new Session(directory, { connectionArgs: engineArgs });
}
