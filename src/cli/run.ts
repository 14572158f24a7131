import { Command } from 'commander';
import { createLog } from '../telemetry/log.js';
import { type ServeSettings, serve } from './serve.js';

const temp: ServeSettings = {
  pipeline: 'places',
  data: process.env.D ?? '.weir',
  partitions: 4,
  ingest: { latenessMs: 3600e3, disorderMs: 60e3, batchRecords: 512, idleAfterMs: 30e3 },
  snapshots: { everyMs: 30e3 },
  logs: { keepMs: 7 * 864e5, keepBytes: 10e9 },
  server: {
    enabled: true,
    host: '127.0.0.1',
    port: Number(process.env.P ?? 8080),
    allowedHosts: [],
  },
  clickhouse: {
    mode: 'auto',
    url: null,
    database: 'weir',
    username: 'default',
    password: '',
    batchRows: 10000,
    batchBytes: 8e6,
    batchAgeMs: 1000,
  },
  generator: { enabled: true, days: 60, seed: 1, drifts: [{ name: 'prices', day: 45 }] },
  monitors: { capturePeriods: null },
};
export function startCommand(): Command {
  return new Command('start')
    .option('--reset')
    .action(async (o: { reset?: boolean }) => serve(temp, o.reset ?? false, createLog()));
}
