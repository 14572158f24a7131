import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { configJsonSchema } from '../../src/config/json-schema.js';
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
    ['sever: {}', false],
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
  const { properties = {} } = configJsonSchema();
  for (const [name, property] of Object.entries(properties)) {
    assert(property.description, name);
    for (const [inner, one] of Object.entries(property.properties ?? {}))
      assert(one.description, `${name}.${inner}`);
  }
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
