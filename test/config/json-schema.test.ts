import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { configJsonSchema, type JsonProperty } from '../../src/config/json-schema.js';
import { configSchema } from '../../src/config/schema.js';
import { settings } from '../../src/config/settings.js';
import { driftEffects } from '../../src/generate/drifts.js';
import { worldOptions } from '../../src/generate/options.js';
import { load } from './load.js';

const read = (path: string): string =>
  readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const committed = JSON.parse(read('schemas/config.schema.json')) as object;

function validator() {
  const ajv = new Ajv2020({ allErrors: true, strict: true, validateFormats: false });
  return ajv.compile(committed);
}

test('schemas/config.schema.json is that of the code', () => {
  assert.deepEqual(
    committed,
    configJsonSchema(),
    'run node .build/src/cli/config-schema.js > schemas/config.schema.json, then npx biome check --write schemas',
  );
});

test('the JSON schema takes and refuses what the engine does', () => {
  const validate = validator();
  const files: readonly (readonly [yaml: string, good: boolean])[] = [
    ['{}', true],
    ['server: { port: 9000, allowed_hosts: [a.example.org] }', true],
    ['clickhouse: { mode: server, url: "http://127.0.0.1:8123", password: x }', true],
    ['ingest: { lateness: 2h }\nlogs: { keep_bytes: 10GB }', true],
    ['monitors: { capture_periods: null }', true],
    ['generator: { drifts: [prices@day45], late: 0.01 }', true],
    ['kafka: { brokers: ["127.0.0.1:9092"] }', true],
    ['kafka: { brokers: ["[::1]:9092"], tls: true }', true],
    ['kafka: { brokers: ["a:1"], tls: { ca_file: ca.pem } }', true],
    ['kafka: { brokers: ["a:1"], outputs: { scores: { enabled: false } } }', true],
    ['kafka: { brokers: ["a:1"], topics: { a-b: { name: c.d } } }', true],
    ['redis: { nodes: ["a:1", "b:1"], cluster: true, ttl: { user: 30d } }', true],
    ['registry: { url: "http://127.0.0.1:8081" }', true],
    ['sever: {}', false],
    ['kafka: {}', false],
    ['kafka: { brokers: [] }', false],
    ['kafka: { brokers: "a:1" }', false],
    ['kafka: { brokers: [a] }', false],
    ['kafka: { brokers: ["a:1"], tls: { ca: ca.pem } }', false],
    ['kafka: { brokers: ["a:1"], tls: "yes" }', false],
    ['kafka: { brokers: ["a:1"], outputs: { vectors: {} } }', false],
    ['kafka: { brokers: ["a:1"], outputs: { scores: { format: xml } } }', false],
    ['kafka: { brokers: ["a:1"], topics: { "a b": {} } }', false],
    ['kafka: { brokers: ["a:1"], topics: { a: { name: ".." } } }', false],
    ['kafka: { brokers: ["a:1"], sasl: { password: x } }', false],
    ['redis: { nodes: ["a:1"], ttl: { user: 30 } }', false],
    ['redis: { nodes: ["a:1"], prefix: "{a}" }', false],
    ['registry: {}', false],
    ['server: { prot: 1 }', false],
    ['server: { port: 65536 }', false],
    ['server: { port: "80" }', false],
    ['server: { allowed_hosts: ["*"] }', false],
    ['log: { level: loud }', false],
    ['log: debug', false],
    ['snapshots: { every: 30 }', false],
    ['snapshots: { every: 30 s }', false],
    ['logs: { keep_bytes: 10G }', false],
    ['clickhouse: { password: 1 }', false],
    ['clickhouse: { password: null }', false],
    ['generator: { drifts: [prices@45] }', false],
    ['generator: { drifts: [prices@day45+4/14, labels@day45+3] }', true],
    ['generator: { drifts: [prices@day45+0] }', false],
    ['generator: { late: 2 }', false],
  ];
  for (const [yaml, good] of files) {
    const value: unknown = parse(yaml);
    assert.deepEqual(
      [validate(value), configSchema.safeParse(value).success],
      [good, good],
      `${yaml} ${JSON.stringify(validate.errors)}`,
    );
  }
});

test('every section and setting says what it is', () => {
  const described = (at: string, { properties = {}, ...rest }: JsonProperty): void => {
    for (const [name, property] of Object.entries(properties)) {
      assert(property.description, `${at}${name}`);
      described(`${at}${name}.`, property);
    }
    for (const one of rest.anyOf ?? []) described(at, one);
    if (rest.additionalProperties) described(`${at}*.`, rest.additionalProperties);
  };
  described('', configJsonSchema());
});

test('no two settings have one variable, and each has a value to write for example', () => {
  assert.equal(new Set(settings.map((setting) => setting.variable)).size, settings.length);
  for (const { path, example } of settings) assert.notEqual(example ?? '', '', path);
});

test('docs/configuration.md lists every setting with its default, in order', () => {
  const rows = [...read('docs/configuration.md').matchAll(/^\| `([a-z_.]+)` \| (?:`(.*?)` )?\|/gm)];
  assert.deepEqual(
    rows.map(([, path, byDefault]) => [path, byDefault]),
    settings.map(({ path, byDefault }) => [
      path,
      byDefault === undefined || typeof byDefault === 'string'
        ? byDefault
        : JSON.stringify(byDefault),
    ]),
  );
});

test('the example of docs/configuration.md is taken, but for its secret file', (t) => {
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(read('docs/configuration.md')) ?? [];
  const { pipeline, server, logs, clickhouse } = load(t, {
    yaml: example,
    env: { WEIR_CLICKHOUSE_PASSWORD: 'x' },
  });
  assert.deepEqual(
    [pipeline, server.port, logs, clickhouse.mode, clickhouse.url, clickhouse.username],
    [
      'places',
      9000,
      { keepMs: 259_200_000, keepBytes: 2_000_000_000 },
      'server',
      'http://127.0.0.1:8123',
      'weir',
    ],
  );
});

test('the example with servers is taken, but for its secret file', (t) => {
  const examples = read('docs/configuration.md').matchAll(/```yaml\n([\s\S]*?)```/g);
  const example = [...examples][1]?.[1] ?? '';
  const config = load(t, { yaml: example, env: { WEIR_KAFKA_SASL_PASSWORD: 'x' } });
  assert.deepEqual(
    [config.workers, config.kafka?.replication, config.redis?.ttlMs, config.clickhouse.replicated],
    [2, 3, { user: 2_592_000_000 }, true],
  );
});

test('drifts, defaults and limits are those of the generator', (t) => {
  const names = Object.keys(driftEffects);
  const drifts = names.map((name) => `${name}@day3`);
  const { generator } = load(t, { yaml: `generator: { drifts: [${drifts.join(', ')}] }` });
  assert.deepEqual(
    generator.drifts,
    names.map((name) => ({ name, day: 3 })),
  );
  const world = worldOptions({});
  const { seed, users, places, eventsPerDay, disorder, late, broken } = generator;
  assert.deepEqual({ ...world, seed, users, places, eventsPerDay, disorder, late, broken }, world);
  const most = load(t, {
    yaml: 'generator: { seed: 9007199254740991, users: 1000000, places: 1000000, events_per_day: 100000000, disorder: 0.5, late: 0.5, broken: 0.5 }',
  }).generator;
  worldOptions({
    ...most,
    drifts: [],
  });
  const least = load(t, {
    yaml: 'generator: { seed: 0, users: 1, places: 25, events_per_day: 1, disorder: 0, late: 0, broken: 0 }',
  }).generator;
  worldOptions({ ...least, drifts: [] });
});
