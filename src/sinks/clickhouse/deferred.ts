import type { Clickhouse } from './client.js';

/** A ClickHouse that is still starting: every call waits until it is there. */
export function deferred(
  place: Pick<Clickhouse, 'url' | 'database'>,
  ready: Promise<Clickhouse>,
): Clickhouse {
  return {
    ...place,
    command: async (...given) => (await ready).command(...given),
    rows: async (...given) => (await ready).rows(...given),
    chunks: async function* (...given) {
      yield* (await ready).chunks(...given);
    },
    insert: async (...given) => (await ready).insert(...given),
    version: async () => (await ready).version(),
    ping: async () => (await ready).ping(),
    close: async () => (await ready).close(),
  };
}
