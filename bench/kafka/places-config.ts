export interface PlacesRun {
  /** A built-in pipeline's name or a module's path. */
  readonly pipeline: string;
  /** Begins the name of every topic, key and database. */
  readonly prefix: string;
  readonly brokers: readonly string[];
  /** Nodes; none for no Redis. */
  readonly redis: readonly string[];
  /** `embedded`, `off`, or a server's address. */
  readonly clickhouse: string;
  readonly batchRecords: number;
}

/** The configuration of a run of the bench, apart from every other. */
export function placesConfig(run: PlacesRun): object {
  const { pipeline, prefix, brokers, redis, clickhouse, batchRecords } = run;
  const named = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, { name: prefix + name }]));
  const server = { mode: 'server', url: clickhouse, database: prefix.replace(/\W/g, '') };
  return {
    pipeline,
    kafka: {
      brokers,
      prefix: `${prefix}weir.`,
      topics: named(['interactions', 'place-updates', 'context']),
      outputs: {
        ...named(['scores', 'drift-alerts', 'retraining-events', 'dead-letters']),
        'feature-updates': { enabled: false },
      },
    },
    ...(redis.length === 0
      ? {}
      : { redis: { nodes: redis, cluster: redis.length > 1, prefix: `${prefix}:` } }),
    clickhouse: clickhouse.startsWith('http') ? server : { mode: clickhouse },
    // Nothing but the events moves time: quiet keys of an old world would be written for ever.
    ingest: { idle_after: '1d', batch_records: batchRecords },
    monitors: { capture_periods: null },
  };
}
