import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, refusal } from './load.js';

/** Each YAML text with the message it is refused with, less the name of the file before it. */
const refused: readonly (readonly [yaml: string, message: string])[] = [
  // Names.
  ['sever:', '1:1: "sever": no such setting or section; did you mean server?'],
  [
    'partitions:',
    '1:12: partitions: expected an integer from 1 to 1024, found nothing; give it a value or leave it out',
  ],
  ['sever:\n  port: 1', '1:1: "sever": no such setting or section; did you mean server?'],
  ['server:\n  prot: 1', '2:3: "prot": no such setting in server; did you mean port?'],
  [
    'ingest:\n  batchRecords: 1',
    '2:3: "batchRecords": no such setting in ingest; did you mean batch_records?',
  ],
  ['port: 1', '1:1: "port": no such setting or section; did you mean server.port?'],
  [
    'server: { enabled: true, colour: red }',
    '1:26: "colour": no such setting in server; there are enabled, host, port, allowed_hosts',
  ],
  [
    'snapshots:\n  __proto__: { every: 1s }',
    '2:3: "__proto__": no such setting in snapshots; there are every',
  ],
  // Sections.
  [
    'log: debug',
    '1:6: log: expected a section, found a value; write level, format below it, indented',
  ],
  [
    'log:\n  - level',
    '2:3: log: expected a section, found a value; write level, format below it, indented',
  ],
  [
    'data:\n  dir: x',
    '2:3: data: expected a text (quote what looks like a number), found a section; write for example .weir',
  ],
  // Values.
  [
    'server:\n  port: 65536',
    '2:9: server.port: expected an integer from 0 to 65535, found 65536; write for example 8080',
  ],
  [
    'server:\n  port: -1',
    '2:9: server.port: expected an integer from 0 to 65535, found -1; write for example 8080',
  ],
  [
    'server:\n  port: 80.5',
    '2:9: server.port: expected an integer from 0 to 65535, found 80.5; write for example 8080',
  ],
  [
    'server:\n  port: "8080"',
    '2:9: server.port: expected an integer from 0 to 65535, found "8080"; write for example 8080',
  ],
  [
    'server:\n  port:\n',
    '2:8: server.port: expected an integer from 0 to 65535, found nothing; give it a value or leave it out',
  ],
  [
    'server:\n  enabled: yes',
    '2:12: server.enabled: expected true or false, found "yes"; write for example true',
  ],
  [
    'server:\n  host: 127.0.0.1:80',
    '2:9: server.host: expected an address or a name, without port or scheme, found "127.0.0.1:80"; write for example 127.0.0.1',
  ],
  [
    'server:\n  allowed_hosts:\n    - a.example.org\n    - "*"',
    '4:7: server.allowed_hosts: expected a name as it stands in a Host header, without port, found "*"; write for example weir.example.org',
  ],
  [
    'snapshots: { every: 30 }',
    '1:21: snapshots.every: expected a duration with its unit from 1s to 1d, found 30; write for example 30s',
  ],
  [
    'snapshots: { every: 999ms }',
    '1:21: snapshots.every: expected a duration with its unit from 1s to 1d, found "999ms"; write for example 30s',
  ],
  [
    'snapshots: { every: 1.5m }',
    '1:21: snapshots.every: expected a duration with its unit from 1s to 1d, found "1.5m"; write for example 30s',
  ],
  [
    'logs: { keep_bytes: 10G }',
    '1:21: logs.keep_bytes: expected a size with its unit from 1MB to 1000TB, found "10G"; write for example 10GB',
  ],
  [
    'log: { level: warning }',
    '1:15: log.level: expected one of debug, info, warn, error, found "warning"; write for example info',
  ],
  [
    'log: { level: inof }',
    '1:15: log.level: expected one of debug, info, warn, error, found "inof"; did you mean info?',
  ],
  [
    'clickhouse: { database: "a; b" }',
    '1:25: clickhouse.database: expected a name of letters, digits and _, found "a; b"; write for example weir',
  ],
  [
    'generator: { late: 2 }',
    '1:20: generator.late: expected a share from 0 to 0.5, found 2; write for example 0.001',
  ],
  [
    'generator: { late: .nan }',
    '1:20: generator.late: expected a share from 0 to 0.5, found NaN; write for example 0.001',
  ],
  [
    'generator: { seed: 9007199254740992 }',
    '1:20: generator.seed: expected an integer from 0 to 9007199254740991, found 9007199254740992; write for example 1',
  ],
  [
    'generator: { drifts: [prizes@day45] }',
    '1:23: generator.drifts: expected a drift as name@dayK, the name one of prices, devices, weekend, categories, ratings, nulls, activity, labels, found "prizes@day45"; write for example prices@day45',
  ],
  [
    'generator: { drifts: prices@day45 }',
    '1:22: generator.drifts: expected a list, found "prices@day45"; write for example ["prices@day45"]',
  ],
  // Combinations.
  [
    'clickhouse: { mode: server }',
    '1:21: clickhouse.mode: expected clickhouse.url beside the mode server; add it, for example http://127.0.0.1:8123',
  ],
  [
    'clickhouse: { url: http://127.0.0.1:8123 }',
    '1:20: clickhouse.url: expected no url with the mode auto, which uses no server; set clickhouse.mode to server, or remove the url',
  ],
  [
    'clickhouse:\n  mode: embedded\n  url: http://127.0.0.1:8123',
    '3:8 and weir.config.yaml:2:9: clickhouse.url: expected no url with the mode embedded, which uses no server; set clickhouse.mode to server, or remove the url',
  ],
  [
    'clickhouse: { mode: server, url: "http://:80:80" }',
    '1:34: clickhouse.url: expected an address that can be read; write for example http://127.0.0.1:8123',
  ],
  [
    'ingest:\n  lateness: 59s',
    '2:13: ingest.lateness: expected at least ingest.disorder: the watermark would wait for records that are refused as late; raise ingest.lateness or lower ingest.disorder',
  ],
  [
    'ingest: { disorder: 61m }',
    '1:21: ingest.lateness: expected at least ingest.disorder: the watermark would wait for records that are refused as late; raise ingest.lateness or lower ingest.disorder',
  ],
  [
    'generator: { users: 10, events_per_day: 1001 }',
    '1:41 and weir.config.yaml:1:21: generator.events_per_day: expected at most 100 per user (1000), found 1001; lower it or raise generator.users',
  ],
  [
    'generator: { drifts: [prices@day1, prices@day2] }',
    '1:36: generator.drifts: expected each drift once, found prices again; keep one of the two',
  ],
  // YAML.
  ['server:\n  port: 1\n  port: 2', '3:3: the setting is given twice; remove one of the two'],
  ['log: {}\nserver: {}\nlog: {}', '3:1: the setting is given twice; remove one of the two'],
  ['server:\n\tport: 1', '2:1: a tab cannot indent; use spaces'],
  [
    'data: [a',
    '1:9: the indentation does not fit; indent the settings of a section alike, and close brackets',
  ],
  ['data: a: b', '1:7: a second "name: value" on one line; put the value in quotes'],
  ['data: @x', '1:7: a value cannot begin with this character; put it in quotes'],
  ['data: !env X', '1:7: a value cannot begin with !; put it in quotes'],
  [
    'data: &x a',
    '1:10: a value cannot begin with * or & (aliases are not taken); put it in quotes',
  ],
  ['a: 1\n---\nb: 2', '2:1: a second document begins (---); keep one'],
  ['- a', '1:1: expected settings, found other YAML; write "name: value"'],
  ['server', '1:1: expected settings, found other YAML; write "name: value"'],
];

for (const [yaml, message] of refused) {
  test(`refuses ${JSON.stringify(yaml)} with its place and remedy`, (t) => {
    assert.equal(refusal(t, { yaml }), `weir.config.yaml:${message}`);
  });
}

test('the place is right after Windows line ends and wide characters', (t) => {
  assert.equal(
    refusal(t, { yaml: '# é🙂\r\nserver:\r\n  host: "é"\r\n  port: x\r\n' }).split('\n')[1],
    '  weir.config.yaml:3:9: server.host: expected an address or a name, without port or scheme, found "é"; write for example 127.0.0.1',
  );
});

test('what belongs to a server may stay in the file while ClickHouse is off', (t) => {
  const yaml = 'clickhouse: { mode: server, url: http://127.0.0.1:8123, password: x }';
  const { clickhouse } = load(t, { yaml, env: { WEIR_CLICKHOUSE_MODE: 'off' } });
  assert.deepEqual([clickhouse.mode, clickhouse.url], ['off', 'http://127.0.0.1:8123']);
});

test('a rule names each place that takes part in it', (t) => {
  const start =
    'ingest.lateness: expected at least ingest.disorder: the watermark would wait for records that are refused as late; raise ingest.lateness or lower ingest.disorder';
  const yaml = 'ingest:\n  disorder: 2h\n';
  assert.equal(
    refusal(t, { yaml, env: { WEIR_INGEST_LATENESS: '90m' } }),
    `WEIR_INGEST_LATENESS and weir.config.yaml:2:13: ${start}`,
  );
});

test('a wrong option is refused by its name, though file and variable are right', (t) => {
  const overrides = [{ flag: '--port', path: 'server.port', value: '99999' }];
  assert.equal(
    refusal(t, { yaml: 'server: { port: 1 }', env: { WEIR_SERVER_PORT: '2' }, overrides }),
    '--port: server.port: expected an integer from 0 to 65535, found 99999; write for example 8080',
  );
});

test('a variable does not hide that its section is none', (t) => {
  assert.equal(
    refusal(t, { yaml: 'log: debug', env: { WEIR_LOG_LEVEL: 'info' } }),
    'weir.config.yaml:1:6: log: expected a section, found a value; write level, format below it, indented',
  );
});
