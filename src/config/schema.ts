import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { logLevels } from '../telemetry/log.js';
import {
  choice,
  duration,
  flag,
  integer,
  list,
  optionalInteger,
  optionalText,
  secret,
  share,
  size,
  text,
  webAddress,
} from './fields.js';
import { kafka, registry } from './kafka-section.js';
import { redis } from './redis-section.js';
import {
  checkClickhouse,
  checkDrifts,
  checkEventsPerDay,
  checkIngest,
  checkTogether,
} from './rules.js';
import { webhook } from './webhook-section.js';

/** As in the generator, which stands above and is compared with it by a test. */
const driftNames = [
  'prices',
  'devices',
  'weekend',
  'categories',
  'ratings',
  'nulls',
  'activity',
  'labels',
] as const;
const driftPattern = new RegExp(
  `^(${driftNames.join('|')})@day(\\d{1,5})(?:\\+([1-9]\\d{0,4})(?:/([1-9]\\d{0,4}))?)?$`,
);
const driftExpected = `a drift as name@dayK, the name one of ${driftNames.join(', ')}`;

const drift = z.string(driftExpected).regex(driftPattern, driftExpected);

function plantedDrift(written: string) {
  const [, name, day, days, every] = driftPattern.exec(written) ?? [];
  return {
    name: name as (typeof driftNames)[number], // as the pattern has it
    day: Number(day),
    ...(days === undefined ? {} : { days: Number(days) }),
    ...(every === undefined ? {} : { every: Number(every) }),
  };
}

const hostExpected = 'an address or a name, without port or scheme';
const hostName = /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;
const host = z
  .string(hostExpected)
  .refine((name) => hostName.test(name) || isIPv6(name), hostExpected)
  .default('127.0.0.1')
  .describe('Address that the HTTP server listens on; 127.0.0.1 is this machine only');

const allowedExpected = 'a name as it stands in a Host header, without port';
const allowedHost = z
  .string(allowedExpected)
  .regex(/^([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\])$/, allowedExpected);

const ingest = z
  .strictObject({
    lateness: duration('1h', ['0s', '30d'], 'How late a record may be and still be used'),
    disorder: duration('1m', ['0s', '30d'], 'How far behind the latest time the watermark stays'),
    batch_records: integer(512, [1, 65_536], 'Records taken at a time, at most'),
    idle_after: duration(
      '30s',
      ['1s', '1d'],
      'After so long without a record a partition no longer holds the watermark',
    ),
  })
  .check(checkIngest)
  .transform((section) => ({
    latenessMs: section.lateness,
    disorderMs: section.disorder,
    batchRecords: section.batch_records,
    idleAfterMs: section.idle_after,
  }));

const snapshots = z
  .strictObject({ every: duration('30s', ['1s', '1d'], 'Time between snapshots') })
  .transform((section) => ({ everyMs: section.every }));

const logs = z
  .strictObject({
    keep: duration('7d', ['1m', '3650d'], 'How long logs are kept'),
    keep_bytes: size('10GB', ['1MB', '1000TB'], 'How large the logs may grow, all together'),
  })
  .transform((section) => ({ keepMs: section.keep, keepBytes: section.keep_bytes }));

const server = z
  .strictObject({
    enabled: flag(true, 'Whether the HTTP API and the page are served'),
    host,
    port: integer(8080, [0, 65_535], 'Port of the HTTP server; 0 takes any free one'),
    allowed_hosts: list(
      allowedHost,
      'weir.example.org',
      'Further names that requests may ask for where the address is of this machine only',
    ),
  })
  .transform(({ allowed_hosts: allowedHosts, ...section }) => ({ ...section, allowedHosts }));

const clickhouse = z
  .strictObject({
    mode: choice(
      ['auto', 'embedded', 'server', 'off'],
      'auto',
      'auto is embedded where chdb is installed, else off',
    ),
    url: optionalText(
      'http://127.0.0.1:8123',
      'Address of the server; mode server only',
      webAddress,
      { format: 'uri' },
    ),
    database: text('weir', 'Database of the tables; made if need be', {
      expected: 'a name of letters, digits and _',
      pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
    }),
    username: text('default', 'User'),
    password: secret('Password of the user'),
    password_file: optionalText('password.txt', 'File that holds the password, instead of it'),
    cluster: optionalText('weir', 'Cluster whose every node holds the tables; mode server only', {
      expected: "a cluster's name of letters, digits, _ and -, or '{cluster}'",
      pattern: /^([A-Za-z_][A-Za-z0-9_-]*|\{[a-z_]+\})$/,
    }),
    replicated: flag(false, 'Whether tables are replicated; mode server only'),
    batch_rows: integer(10_000, [1, 1_000_000], 'Rows of an insert, at most'),
    batch_bytes: size('8MiB', ['64KiB', '256MiB'], 'Size of an insert, at most'),
    batch_age: duration('1s', ['10ms', '1m'], 'How long a row waits for others, at most'),
  })
  .check(checkClickhouse)
  .transform((section) => ({
    mode: section.mode,
    url: section.url ?? null,
    database: section.database,
    username: section.username,
    password: section.password ?? null,
    cluster: section.cluster ?? null,
    replicated: section.replicated,
    batchRows: section.batch_rows,
    batchBytes: section.batch_bytes,
    batchAgeMs: section.batch_age,
  }));

const generator = z
  .strictObject({
    enabled: flag(false, 'Whether the seeded generator is the source; weir start turns it on'),
    seed: integer(1, [0, Number.MAX_SAFE_INTEGER], 'The same seed gives the same events'),
    days: integer(60, [1, 3_650], 'How far back it starts, in days'),
    users: integer(2_000, [1, 1_000_000], 'Users'),
    places: integer(1_500, [25, 1_000_000], 'Places'),
    events_per_day: optionalInteger(
      12_000,
      [1, 100_000_000],
      'Interactions of an ordinary day; six per user by default, at most 100',
    ),
    disorder: share(0.02, 0.5, 'Share of interactions up to 55 s behind newer ones'),
    late: share(0.001, 0.5, 'Share of interactions 90 min to 6 h behind'),
    broken: share(0.001, 0.5, 'Damaged copies per interaction'),
    drifts: list(drift, 'prices@day45', 'Drifts to plant, each from 00:00 UTC of a day, from 0'),
  })
  .check(checkEventsPerDay)
  .check(checkDrifts)
  .transform(({ events_per_day: perDay, drifts, ...section }) => ({
    ...section,
    eventsPerDay: perDay ?? section.users * 6,
    drifts: drifts.map(plantedDrift),
  }));

const monitors = z
  .strictObject({
    capture_periods: optionalInteger(
      7,
      [1, 1_000],
      'Without a reference, capture one from so many periods; null captures none',
    ),
  })
  .transform((section) => ({ capturePeriods: section.capture_periods }));

const log = z.strictObject({
  level: choice(logLevels, 'info', 'Lines below it are left out'),
  format: choice(['text', 'json', 'auto'], 'auto', 'auto is text on a terminal, else json'),
});

/** The configuration as it is written (input), and as it is used (output): ms, bytes, camelCase. */
export const configSchema = z
  .strictObject({
    pipeline: text('places', 'A built-in pipeline, or the path of a .ts or .js module'),
    data: text('.weir', 'Directory of logs, snapshots and the embedded ClickHouse'),
    partitions: integer(4, [1, 1_024], 'Log partitions of each stage'),
    role: choice(
      ['all', 'ingest', 'features', 'monitors', 'serve'],
      'all',
      'What this process does; all but all need Kafka',
    ),
    workers: integer(1, [1, 64], 'Processes to start on this machine; more than one needs Kafka'),
    ingest: ingest.prefault({}).describe('How records enter'),
    snapshots: snapshots.prefault({}).describe('What a restart begins with'),
    logs: logs.prefault({}).describe('What a rebuild begins with'),
    server: server.prefault({}).describe('HTTP API, live stream and page'),
    kafka: kafka.describe('Sources, logs and outputs in Kafka; without it they are on disk'),
    registry: registry.describe('Schema registry, where topics are in Avro'),
    redis: redis.describe('Latest vectors, for services to read'),
    clickhouse: clickhouse.prefault({}).describe('Analytics'),
    generator: generator.prefault({}).describe('The seeded source of the topics of places'),
    monitors: monitors.prefault({}).describe('Drift'),
    webhook: webhook.describe('Where alerts and retraining events are posted'),
    log: log.prefault({}).describe('Messages on standard error'),
  })
  .check(checkTogether)
  .meta({ title: 'weir.config.yaml' });
