import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentLayer } from '../../src/config/environment.js';
import { load, refusal } from './load.js';

test('a variable that is no setting is refused with the one that was meant', (t) => {
  const meant: Readonly<Record<string, string>> = {
    WEIR_SERVER_PROT: 'did you mean WEIR_SERVER_PORT?',
    WEIR_PORT: 'did you mean WEIR_SERVER_PORT?',
    WEIR_SASL_USERNAME: 'did you mean WEIR_KAFKA_SASL_USERNAME?',
    WEIR_URL: 'did you mean WEIR_REGISTRY_URL or WEIR_CLICKHOUSE_URL or WEIR_WEBHOOK_URL?',
    WEIR_KAFKA_BROKER: 'did you mean WEIR_KAFKA_BROKERS?',
    WEIR_TEST: 'unset it, or see docs/configuration.md for those there are',
    WEIR_CLICKHOUSE_PASSWD: 'did you mean WEIR_CLICKHOUSE_PASSWORD?',
    WEIR_XYZ: 'unset it, or see docs/configuration.md for those there are',
  };
  for (const [name, remedy] of Object.entries(meant)) {
    assert.equal(refusal(t, { env: { [name]: '1' } }), `${name}: no such variable; ${remedy}`);
  }
});

test('variables of others, of the tests and of Kubernetes are passed over', () => {
  const env = {
    PATH: 'x',
    weir_data: 'x',
    WEIRD: 'x',
    WEIR_SERVERS_DIR: 'x',
    WEIR_REQUIRE_SERVERS: '1',
    WEIR_NYC: 'x',
    WEIR_TEST_KAFKA: 'x',
    WEIR_TEST_REDIS_CLUSTER: 'x',
    WEIR_SERVICE_HOST: '10.0.0.1',
    WEIR_SERVICE_PORT: '8080',
    WEIR_SERVICE_PORT_HTTP: '8080',
    WEIR_PORT: 'tcp://10.0.0.1:8080',
    WEIR_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
    WEIR_PORT_8080_TCP_PROTO: 'tcp',
    WEIR_PORT_8080_TCP_PORT: '8080',
    WEIR_PORT_8080_TCP_ADDR: '10.0.0.1',
    WEIR_SERVER_PORT: 'tcp://10.0.0.1:8080',
    WEIR_LOG_LEVEL: '',
  };
  assert.deepEqual(environmentLayer(env), { entries: [], problems: [] });
});

test('a value that does not fit is refused by the name of its variable', (t) => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'WEIR_SERVER_PORT',
      '0x50',
      'server.port: expected an integer from 0 to 65535, found "0x50"; write for example 8080',
    ],
    [
      'WEIR_SERVER_ENABLED',
      '1',
      'server.enabled: expected true or false, found "1"; write for example true',
    ],
    [
      'WEIR_GENERATOR_LATE',
      '1e-3',
      'generator.late: expected a share from 0 to 0.5, found "1e-3"; write for example 0.001',
    ],
    [
      'WEIR_LOG_FORMAT',
      'jsno',
      'log.format: expected one of text, json, auto, found "jsno"; did you mean json?',
    ],
    [
      'WEIR_SERVER_ALLOWED_HOSTS',
      'a,b:80',
      'server.allowed_hosts: expected a name as it stands in a Host header, without port, found "b:80"; write for example weir.example.org',
    ],
  ];
  for (const [name, value, message] of cases) {
    assert.equal(refusal(t, { env: { [name]: value } }), `${name}: ${message}`);
  }
});

test('lists may end with a comma', (t) => {
  const env = { WEIR_GENERATOR_DRIFTS: 'prices@day45, nulls@day50,' };
  assert.deepEqual(load(t, { env }).generator.drifts, [
    { name: 'prices', day: 45 },
    { name: 'nulls', day: 50 },
  ]);
});
