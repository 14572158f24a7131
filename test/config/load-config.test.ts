import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { redacted } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/load-config.js';
import { directoryWith, load, refusal, refusalOf } from './load.js';

const defaults = {
  pipeline: 'places',
  data: '.weir',
  partitions: 4,
  role: 'all',
  workers: 1,
  ingest: {
    latenessMs: 3_600_000,
    disorderMs: 60_000,
    batchRecords: 512,
    idleAfterMs: 30_000,
  },
  snapshots: { everyMs: 30_000 },
  logs: { keepMs: 604_800_000, keepBytes: 10_000_000_000 },
  server: { enabled: true, host: '127.0.0.1', port: 8080, allowedHosts: [] },
  kafka: null,
  registry: null,
  redis: null,
  webhook: null,
  clickhouse: {
    mode: 'auto',
    url: null,
    database: 'weir',
    username: 'default',
    password: null,
    cluster: null,
    replicated: false,
    batchRows: 10_000,
    batchBytes: 8_388_608,
    batchAgeMs: 1_000,
  },
  generator: {
    enabled: false,
    seed: 1,
    days: 60,
    users: 2_000,
    places: 1_500,
    eventsPerDay: 12_000,
    disorder: 0.02,
    late: 0.001,
    broken: 0.001,
    drifts: [],
  },
  monitors: { capturePeriods: null },
  log: { level: 'info', format: 'auto' },
};

test('without a file every setting has its default', (t) => {
  assert.deepEqual(load(t, {}), defaults);
});

test('an empty file, one of comments and one of empty sections give the defaults', (t) => {
  for (const yaml of ['', '# nothing yet\n', '---\n', 'server:\n  # port: 1\nlog:\n', '\ufeff{}']) {
    assert.deepEqual(load(t, { yaml }), defaults);
  }
});

test('every setting of an embedded engine can be written in the file', (t) => {
  const yaml = `
pipeline: ./mine.ts
data: state
partitions: 8
ingest: { lateness: 2h, disorder: 0s, batch_records: 100, idle_after: 1m }
snapshots: { every: 90s }
logs: { keep: 1d, keep_bytes: 512MiB }
server: { enabled: false, host: '::1', port: 0, allowed_hosts: [a.example.org, '[::1]'] }
clickhouse:
  mode: server
  url: https://clickhouse.example.org:8443
  database: tests
  username: me
  password: 'quoted # text'
  cluster: tests
  replicated: true
  batch_rows: 1
  batch_bytes: 64KiB
  batch_age: 10ms
generator:
  enabled: true
  seed: 9007199254740991
  days: 3
  users: 10
  places: 25
  events_per_day: 1000
  disorder: 0
  late: 0.5
  broken: 0.25
  drifts: [prices@day45, devices@day0+4/14]
monitors: { capture_periods: 5 }
log: { level: debug, format: json }
`;
  assert.deepEqual(load(t, { yaml }), {
    pipeline: './mine.ts',
    data: 'state',
    partitions: 8,
    ingest: {
      latenessMs: 7_200_000,
      disorderMs: 0,
      batchRecords: 100,
      idleAfterMs: 60_000,
    },
    snapshots: { everyMs: 90_000 },
    logs: { keepMs: 86_400_000, keepBytes: 536_870_912 },
    role: 'all',
    workers: 1,
    kafka: null,
    registry: null,
    redis: null,
    webhook: null,
    server: { enabled: false, host: '::1', port: 0, allowedHosts: ['a.example.org', '[::1]'] },
    clickhouse: {
      mode: 'server',
      url: 'https://clickhouse.example.org:8443',
      database: 'tests',
      username: 'me',
      password: 'quoted # text',
      cluster: 'tests',
      replicated: true,
      batchRows: 1,
      batchBytes: 65_536,
      batchAgeMs: 10,
    },
    generator: {
      enabled: true,
      seed: 9_007_199_254_740_991,
      days: 3,
      users: 10,
      places: 25,
      eventsPerDay: 1_000,
      disorder: 0,
      late: 0.5,
      broken: 0.25,
      drifts: [
        { name: 'prices', day: 45 },
        { name: 'devices', day: 0, days: 4, every: 14 },
      ],
    },
    monitors: { capturePeriods: 5 },
    log: { level: 'debug', format: 'json' },
  });
});

test('events per day follow the users where they are left open', (t) => {
  assert.equal(load(t, { yaml: 'generator: { users: 50 }' }).generator.eventsPerDay, 300);
});

test('the whole configuration is frozen', (t) => {
  const config = load(t, { yaml: 'generator: { drifts: [prices@day1] }' });
  const parts = [
    config,
    config.server,
    config.server.allowedHosts,
    config.generator.drifts,
    config.generator.drifts[0],
  ];
  for (const part of parts) assert(Object.isFrozen(part));
});

test('options stand over variables, variables over the file, the file over the defaults', (t) => {
  const yaml = 'server: { port: 1, host: a }\ndata: d\npartitions: 2';
  const env = { WEIR_SERVER_PORT: '2', WEIR_SERVER_HOST: 'b' };
  const overrides = [
    { flag: '--port', path: 'server.port', value: '3' },
    { flag: '--data', path: 'data', value: undefined },
    { flag: 'weir start', path: 'generator.enabled', value: true },
  ];
  const { server, data, partitions, generator } = load(t, { yaml, env, overrides });
  assert.deepEqual(
    [server.port, server.host, data, partitions, generator.enabled],
    [3, 'b', 'd', 2, true],
  );
});

test('variables are read as what their setting is', (t) => {
  const env = {
    WEIR_PARTITIONS: '16',
    WEIR_SERVER_ENABLED: 'false',
    WEIR_SERVER_ALLOWED_HOSTS: 'a.example.org, b.example.org',
    WEIR_GENERATOR_LATE: '0.01',
    WEIR_MONITORS_CAPTURE_PERIODS: 'null',
    WEIR_CLICKHOUSE_PASSWORD: '12345',
    WEIR_LOGS_KEEP_BYTES: '1GB',
    WEIR_DATA: '',
  };
  const config = load(t, { yaml: 'monitors: { capture_periods: 3 }\ndata: kept', env });
  assert.deepEqual(
    [
      config.partitions,
      config.server.enabled,
      config.server.allowedHosts,
      config.generator.late,
      config.monitors.capturePeriods,
      config.clickhouse.password,
      config.logs.keepBytes,
      config.data,
    ],
    [16, false, ['a.example.org', 'b.example.org'], 0.01, null, '12345', 1_000_000_000, 'kept'],
  );
});

test('a file that is named is read, and must be there', (t) => {
  const directory = directoryWith(t, { 'other.yaml': 'partitions: 7', 'weir.config.yaml': '' });
  const file = join(directory, 'other.yaml');
  assert.equal(loadConfig({ file, env: {}, directory }).partitions, 7);
  const absent = join(directory, 'absent.yaml');
  assert.equal(
    refusalOf(() => loadConfig({ file: absent, env: {} })),
    `${absent}: expected a configuration file, found none; check the path given with --config`,
  );
  assert.equal(
    refusalOf(() => loadConfig({ file: directory, env: {} })),
    `${directory}: the configuration file cannot be read (EISDIR); check that it is a file and its permissions`,
  );
});

test('a file of the other ending is not passed over in silence', (t) => {
  const directory = directoryWith(t, { 'weir.config.yml': 'partitions: 7' });
  assert.equal(
    refusalOf(() => loadConfig({ env: {}, directory })),
    'weir.config.yml: expected the name weir.config.yaml; rename it, or give --config',
  );
});

test('a file in another encoding is refused', (t) => {
  const directory = directoryWith(t, {
    'weir.config.yaml': Buffer.from('data: caf\xe9', 'latin1'),
  });
  assert.equal(
    refusalOf(() => loadConfig({ env: {}, directory })),
    'weir.config.yaml: expected UTF-8 text, found other bytes; save it as UTF-8',
  );
});

test('all faults are told at once', (t) => {
  const yaml = 'partitions: 0\nserver:\n  prot: 1\n';
  assert.equal(
    refusal(t, { yaml, env: { WEIR_SERVER_HOST: 'a b', WEIR_LOG_LEVLE: 'info' } }),
    `4 faults in the configuration:
  weir.config.yaml:1:13: partitions: expected an integer from 1 to 1024, found 0; write for example 4
  WEIR_SERVER_HOST: server.host: expected an address or a name, without port or scheme, found "a b"; write for example 127.0.0.1
  weir.config.yaml:3:3: "prot": no such setting in server; did you mean port?
  WEIR_LOG_LEVLE: no such variable; did you mean WEIR_LOG_LEVEL?`,
  );
});

test('a configuration to be printed shows that there is a password, not which', (t) => {
  const config = load(t, { env: { WEIR_CLICKHOUSE_PASSWORD: 'hunter2' } });
  const shown = redacted(config);
  assert.deepEqual(shown, { ...config, clickhouse: { ...config.clickhouse, password: '***' } });
  assert.equal(redacted(load(t, {})).clickhouse.password, null);
  assert.equal(config.clickhouse.password, 'hunter2');
});
