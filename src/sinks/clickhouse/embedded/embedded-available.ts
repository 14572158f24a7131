import { createRequire } from 'node:module';

export type Availability =
  | { readonly available: true }
  | { readonly available: false; readonly reason: string };

/** chdb's engine packages by `platform-arch`; there is none for musl or Windows. */
const enginePackages: Readonly<Record<string, string>> = {
  'linux-x64': '@chdb/lib-linux-x64-gnu',
  'linux-arm64': '@chdb/lib-linux-arm64-gnu',
  'darwin-x64': '@chdb/lib-darwin-x64',
  'darwin-arm64': '@chdb/lib-darwin-arm64',
};

/**
 * Tells, without loading it, whether ClickHouse can run embedded here, else why not and what to do.
 */
export function embeddedAvailable(
  resolve: (name: string, from?: string) => string = resolveFrom,
  machine = `${process.platform}-${process.arch}`,
): Availability {
  const engine = enginePackages[machine];
  if (engine === undefined) {
    return missing(`chdb has no build for ${machine}; set the URL of a ClickHouse server instead`);
  }
  try {
    resolve(engine, resolve('chdb'));
    return { available: true };
  } catch {
    return missing(
      'the optional package chdb is not installed; run `npm install --include=optional`, or set the URL of a ClickHouse server',
    );
  }
}

function resolveFrom(name: string, from: string = import.meta.url): string {
  return createRequire(from).resolve(name);
}

function missing(why: string): Availability {
  return { available: false, reason: `ClickHouse does not run embedded: ${why}.` };
}
