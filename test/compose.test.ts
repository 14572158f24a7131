import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { loadConfig } from '../src/config/load-config.js';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, root)), 'utf8');

interface Service {
  readonly build?: string;
  readonly image: string;
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[]; readonly retries: number };
}

const { services, volumes } = parse(read('docker-compose.yml')) as {
  readonly services: Readonly<Record<string, Service>>; // the forms that are used of compose's
  readonly volumes: Readonly<Record<string, null>>;
};
const all = Object.entries(services);

function none(found: readonly string[]): void {
  assert.deepEqual(found, []);
}

test('compose starts the whole set', () => {
  assert.deepEqual(Object.keys(services), [
    'weir',
    'kafka',
    'schema-registry',
    'redis',
    'clickhouse',
    'prometheus',
    'grafana',
  ]);
});

test('every image is pinned to a version', () => {
  const bases = [...read('Dockerfile').matchAll(/^FROM (\S+)/gm)].map((match) => match[1]!);
  const images = [...bases, ...all.map(([, service]) => service.image)];
  none(images.filter((image) => !/^[a-z][a-z./-]*:v?\d+\.\d+\.\d+[a-z0-9.-]*$/.test(image)));
});

test('the image has the version of the package, its Kafka that of the servers of the tests', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string }; // npm's own form
  assert.equal(services.weir?.image, `weir:${version}`);
  const ours = /^kafka_version=(\S+)$/m.exec(read('scripts/servers.sh'))?.[1];
  assert.equal(services.kafka?.image, `apache/kafka:${ours}`);
});

test('every service tells whether it is well', () => {
  none(
    all.flatMap(([name, { healthcheck }]) =>
      healthcheck?.test[0] === 'CMD' && healthcheck.retries > 0 ? [] : [name],
    ),
  );
  // An unquoted colon makes a section of a word.
  const words = all.flatMap(([, { healthcheck }]) => healthcheck?.test ?? []);
  none(words.filter((word) => typeof word !== 'string'));
});

test('ports are open to this machine only', () => {
  const ports = all.flatMap(([, service]) => service.ports ?? []);
  none(ports.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port)));
});

test('what a service waits for is there, and well where Weir needs it', () => {
  const waits = all.flatMap(([, service]) => Object.keys(service.depends_on ?? {}));
  none(waits.filter((name) => services[name] === undefined));
  for (const [name, { condition }] of Object.entries(services.weir?.depends_on ?? {})) {
    assert.equal(condition, 'service_healthy', name);
  }
});

test('volumes are declared, and each is used', () => {
  const mounted = all.flatMap(([, service]) => service.volumes ?? []).map((v) => v.split(':')[0]!);
  const named = mounted.filter((source) => !source.startsWith('.'));
  assert.deepEqual(named.toSorted(), Object.keys(volumes).toSorted());
});

test('the settings of Weir are settings, and lead to the services', () => {
  const env = Object.fromEntries(
    Object.entries(services.weir?.environment ?? {}).map(([name, value]) => [name, `${value}`]),
  );
  const config = loadConfig({ env: { ...env, WEIR_DATA: '/var/lib/weir' } });
  const addresses = [
    ...(config.kafka?.brokers ?? []),
    ...(config.redis?.nodes ?? []),
    new URL(config.registry?.url ?? '').host,
    new URL(config.clickhouse.url ?? '').host,
  ].map(String);
  assert.deepEqual(addresses, [
    'kafka:19092',
    'redis:6379',
    'schema-registry:8081',
    'clickhouse:8123',
  ]);
  assert.equal(config.clickhouse.username, services.clickhouse?.environment?.CLICKHOUSE_USER);
  assert.equal(config.clickhouse.password, services.clickhouse?.environment?.CLICKHOUSE_PASSWORD);
});

test('Prometheus asks Weir at its port', () => {
  const { scrape_configs: scrapes } = parse(read('deploy/prometheus/prometheus.yml')) as {
    readonly scrape_configs: readonly { static_configs: readonly { targets: string[] }[] }[];
  };
  assert.deepEqual(scrapes[0]?.static_configs[0]?.targets, ['weir:8080']);
});
