import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { redacted } from '../../src/config/config.js';
import { directoryWith, load, refusal } from './load.js';

const brokers = 'brokers: ["127.0.0.1:9092"]';
const login = 'me:hunter2@';
const plain = (name: string) => ({ name, format: 'json', enabled: true });

test('one broker is all that Kafka needs', (t) => {
  const expected = {
    brokers: ['127.0.0.1:9092'],
    clientId: 'weir',
    tls: null,
    sasl: null,
    sessionTimeoutMs: 10_000,
    prefix: 'weir.',
    replication: 1,
    compression: 'none',
    start: 'earliest',
    topics: {},
    outputs: {
      'feature-updates': plain('feature-updates'),
      scores: plain('scores'),
      'drift-alerts': plain('drift-alerts'),
      'retraining-events': plain('retraining-events'),
      'dead-letters': plain('dead-letters'),
    },
  };
  assert.deepEqual(load(t, { yaml: `kafka: { ${brokers} }` }).kafka, expected);
  assert.deepEqual(load(t, { env: { WEIR_KAFKA_BROKERS: '127.0.0.1:9092' } }).kafka, expected);
});

test('every setting of the servers can be written in the file', (t) => {
  const yaml = `
role: features
workers: 3
kafka:
  brokers: [a.example.org:9093, '[::1]:9092']
  client_id: tests
  tls: { ca_file: ca.pem, cert_file: c.pem, key_file: k.pem }
  sasl: { mechanism: scram-sha-512, username: me, password: mine }
  session_timeout: 6s
  prefix: tests.
  replication: 3
  compression: zstd
  start: latest
  topics:
    interactions: { name: prod.interactions, format: avro }
    context: { name: prod.context }
    place-updates: {}
  outputs:
    scores: { name: prod.scores, format: avro }
    dead-letters: { enabled: false }
registry: { url: 'https://r.example.org/api', username: me, password: mine }
redis:
  nodes: [a.example.org:7001, a.example.org:7002]
  cluster: true
  username: me
  password: mine
  tls: true
  prefix: 'tests:'
  ttl: { user: 30d, place: 1h }
`;
  const { role, workers, kafka, registry, redis } = load(t, { yaml });
  assert.deepEqual([role, workers], ['features', 3]);
  assert.deepEqual(kafka, {
    brokers: ['a.example.org:9093', '[::1]:9092'],
    clientId: 'tests',
    tls: { caFile: 'ca.pem', certFile: 'c.pem', keyFile: 'k.pem' },
    sasl: { mechanism: 'scram-sha-512', username: 'me', password: 'mine' },
    sessionTimeoutMs: 6_000,
    prefix: 'tests.',
    replication: 3,
    compression: 'zstd',
    start: 'latest',
    topics: {
      interactions: { name: 'prod.interactions', format: 'avro' },
      context: { name: 'prod.context', format: 'json' },
      'place-updates': { name: 'place-updates', format: 'json' },
    },
    outputs: {
      'feature-updates': plain('feature-updates'),
      scores: { name: 'prod.scores', format: 'avro', enabled: true },
      'drift-alerts': plain('drift-alerts'),
      'retraining-events': plain('retraining-events'),
      'dead-letters': { name: 'dead-letters', format: 'json', enabled: false },
    },
  });
  assert.deepEqual(registry, {
    url: 'https://r.example.org/api',
    username: 'me',
    password: 'mine',
  });
  assert.deepEqual(redis, {
    nodes: ['a.example.org:7001', 'a.example.org:7002'],
    cluster: true,
    username: 'me',
    password: 'mine',
    tls: { caFile: null, certFile: null, keyFile: null },
    database: 0,
    prefix: 'tests:',
    ttlMs: { user: 2_592_000_000, place: 3_600_000 },
  });
});

test('variables reach into sections of sections, and give names as JSON', (t) => {
  const file = join(directoryWith(t, { secret: 'of the file\n' }), 'secret');
  const env = {
    WEIR_ROLE: 'ingest',
    WEIR_KAFKA_BROKERS: 'a:1, b:2',
    WEIR_KAFKA_TLS_CA_FILE: 'ca.pem',
    WEIR_KAFKA_SASL_USERNAME: 'me',
    WEIR_KAFKA_SASL_PASSWORD_FILE: file,
    WEIR_KAFKA_TOPICS: '{"context":{"name":"c"}}',
    WEIR_REDIS_NODES: 'a:3',
    WEIR_REDIS_TTL: '{"user":"1d"}',
    WEIR_REDIS_TLS: 'true',
  };
  const { role, kafka, redis } = load(t, { yaml: `kafka: { ${brokers}, tls: true }`, env });
  assert.deepEqual(
    [role, kafka?.brokers, kafka?.tls, kafka?.sasl, kafka?.topics, redis?.ttlMs, redis?.tls],
    [
      'ingest',
      ['a:1', 'b:2'],
      { caFile: 'ca.pem', certFile: null, keyFile: null },
      { mechanism: 'plain', username: 'me', password: 'of the file' },
      { context: { name: 'c', format: 'json' } },
      { user: 86_400_000 },
      { caFile: null, certFile: null, keyFile: null },
    ],
  );
});

test('what is printed tells no password of any server', (t) => {
  const yaml = `
kafka: { ${brokers}, sasl: { username: me, password: hunter2 } }
registry: { url: http://127.0.0.1:1/, username: me, password: hunter2 }
redis: { nodes: ['a:1'], password: hunter2 }
`;
  const shown = redacted(load(t, { yaml }));
  assert.deepEqual(
    [shown.kafka?.sasl?.password, shown.registry?.password, shown.redis?.password],
    ['***', '***', '***'],
  );
  assert(!JSON.stringify(shown).includes('hunter2'));
});

/** Each YAML text with the message it is refused with, less the name of the file before it. */
const refused: readonly (readonly [yaml: string, message: string])[] = [
  // Without Kafka.
  [
    'role: ingest',
    '1:7: role: expected Kafka beside the role ingest; add kafka.brokers, or leave it out',
  ],
  [
    'role: ingets',
    '1:7: role: expected one of all, ingest, features, monitors, serve, found "ingets"; did you mean ingest?',
  ],
  [
    'workers: 2',
    '1:10: workers: expected Kafka beside 2 workers; add kafka.brokers, or leave it out',
  ],
  ['workers: 65', '1:10: workers: expected an integer from 1 to 64, found 65; write for example 1'],
  // With Kafka.
  [
    `kafka:\n  ${brokers}\ngenerator: { enabled: true }`,
    '3:23 and weir.config.yaml:2:12: generator.enabled: expected no generator where the sources are in Kafka; remove it, or write what weir generate makes to the topics',
  ],
  [
    `kafka:\n  ${brokers}\nmonitors: { capture_periods: 7 }`,
    '3:30 and weir.config.yaml:2:12: monitors.capture_periods: expected none with Kafka, where a reference must be there first; remove it, and make one with weir reference capture',
  ],
  [
    `kafka:\n  ${brokers}\n  topics:\n    context: { format: avro }`,
    '4:24: kafka.topics.context.format: expected registry.url beside the format avro; add it, or write json',
  ],
  [
    `kafka:\n  ${brokers}\n  outputs:\n    scores: { format: avro }`,
    '4:23: kafka.outputs.scores.format: expected registry.url beside the format avro; add it, or write json',
  ],
  [
    `kafka:\n  ${brokers}\n  topics: { a: { name: t }, b: { name: t } }`,
    '3:40 and weir.config.yaml:3:24: kafka.topics.b.name: expected a topic of its own, found t, which is that of kafka.topics.a; choose another name',
  ],
  [
    `kafka:\n  ${brokers}\n  topics:\n    a: { name: scores }`,
    '4:16: kafka.outputs.scores.name: expected a topic of its own, found scores, which is that of kafka.topics.a; choose another name',
  ],
  [
    `workers: 8\nserver: { port: 65530 }\nkafka:\n  ${brokers}`,
    '2:17 and weir.config.yaml:1:10: server.port: expected at most 65528, since 8 workers take as many ports; lower it',
  ],
  // Names and values.
  [
    'kafka:\n  tls: true',
    '2:3: kafka.brokers: expected a list of at least one, found nothing; write for example ["127.0.0.1:9092"]',
  ],
  [
    'kafka: { brokers: [] }',
    '1:19: kafka.brokers: expected a list of at least one, found a list; write for example ["127.0.0.1:9092"]',
  ],
  [
    'kafka: { brokers: ["a:1", localhost] }',
    '1:27: kafka.brokers: expected host:port, found "localhost"; write for example 127.0.0.1:9092',
  ],
  [
    `kafka: { ${brokers}, session_timeout: 5s }`,
    '1:56: kafka.session_timeout: expected a duration with its unit from 6s to 5m, found "5s"; write for example 10s',
  ],
  [
    `kafka: { ${brokers}, broker: a }`,
    '1:39: "broker": no such setting in kafka; did you mean brokers?',
  ],
  [
    `kafka: { ${brokers}, tls: yes }`,
    '1:44: kafka.tls: expected true, false or a section, found "yes"; write for example false',
  ],
  [
    `kafka: { ${brokers}, tls: { cafile: x } }`,
    '1:46: "cafile": no such setting in kafka.tls; did you mean ca_file?',
  ],
  [
    `kafka: { ${brokers}, tls: { cert_file: x } }`,
    '1:57: kafka.tls.cert_file: expected key_file beside it; add it, or remove this one',
  ],
  [
    `kafka: { ${brokers}, sasl: plain }`,
    '1:45: kafka.sasl: expected a section, found a value; write mechanism, username, password, password_file below it, indented',
  ],
  [
    `kafka: { ${brokers}, sasl: { username: me } }`,
    '1:45 and weir.config.yaml:1:57: kafka.sasl.password: expected a password, found none; set kafka.sasl.password_file',
  ],
  [
    `kafka: { ${brokers}, outputs: { score: {} } }`,
    '1:50: "score": no such setting in kafka.outputs; did you mean scores?',
  ],
  [
    `kafka: { ${brokers}, outputs: { scores: { enable: false } } }`,
    '1:60: "enable": no such setting in kafka.outputs.scores; did you mean enabled?',
  ],
  [
    `kafka: { ${brokers}, topics: { a: { format: arvo } } }`,
    '1:62: kafka.topics.a.format: expected one of json, avro, found "arvo"; did you mean avro?',
  ],
  [
    `kafka: { ${brokers}, topics: { "a b": {} } }`,
    '1:49: "a…": expected a topic\'s name: letters, digits, dot, _ and -, at most 249; write it so',
  ],
  [
    `kafka: { ${brokers}, topics: { a: { name: a/b } } }`,
    '1:60: kafka.topics.a.name: expected a topic\'s name: letters, digits, dot, _ and -, at most 249, found "a/b"; write for example {"interactions":{"name":"prod.interactions","format":"avro"}}',
  ],
  [
    `registry: { url: "http://${login}127.0.0.1" }`,
    '1:18: registry.url: expected no user and password in the url, which is shown in messages; set registry.username and registry.password_file',
  ],
  [
    'registry: { url: "http://127.0.0.1/", username: me }',
    '1:49: registry.username: expected a password beside it; set registry.password_file',
  ],
  [
    'registry: { url: "http://127.0.0.1/", password: hunter2 }',
    '1:49: registry.password: expected registry.username beside it; add it',
  ],
  [
    'redis: { nodes: ["a:1"], cluster: true, database: 1 }',
    '1:51 and weir.config.yaml:1:35: redis.database: expected 0, the only one of a cluster, found 1; remove it, or set redis.cluster to false',
  ],
  [
    'redis: { nodes: ["a:1", "b:1"] }',
    '1:17: redis.nodes: expected one node, found 2; set redis.cluster to true, or keep one',
  ],
  [
    'redis: { nodes: ["a:1"], username: me }',
    '1:36: redis.username: expected a password beside it; set redis.password_file',
  ],
  [
    'redis: { nodes: ["a:1"], ttl: { user: 1ms } }',
    '1:39: redis.ttl.user: expected a duration with its unit from 1s to 3650d, found "1ms"; write for example {"user":"30d"}',
  ],
  [
    'redis: { nodes: ["a:1"], prefix: "{weir}" }',
    '1:34: redis.prefix: expected at most 100 characters without spaces and braces, found "{weir}"; write for example weir:',
  ],
  [
    'clickhouse: { replicated: true }',
    '1:27: clickhouse.replicated: expected no replicated with the mode auto, which uses no server; set clickhouse.mode to server, or remove the replicated',
  ],
  [
    'clickhouse: { mode: embedded, cluster: weir }',
    '1:40 and weir.config.yaml:1:21: clickhouse.cluster: expected no cluster with the mode embedded, which uses no server; set clickhouse.mode to server, or remove the cluster',
  ],
];

for (const [yaml, message] of refused) {
  test(`refuses ${JSON.stringify(yaml)} with its place and remedy`, (t) => {
    assert.equal(refusal(t, { yaml }), `weir.config.yaml:${message}`);
  });
}

test('variables of the servers are refused by their names', (t) => {
  const cases: readonly (readonly [Record<string, string>, string])[] = [
    [
      { WEIR_KAFKA_TLS: 'true' },
      'WEIR_KAFKA_TLS: kafka.brokers: expected a list of at least one, found nothing; write for example ["127.0.0.1:9092"]',
    ],
    [
      { WEIR_REDIS_NODES: 'a:1', WEIR_REDIS_TTL: 'user=30d' },
      'WEIR_REDIS_TTL: redis.ttl: expected a section of names, found "user=30d"; write for example {"user":"30d"}',
    ],
    [
      { WEIR_WORKERS: '4' },
      'WEIR_WORKERS: workers: expected Kafka beside 4 workers; add kafka.brokers, or leave it out',
    ],
    [
      { WEIR_KAFKA_BROKERS: 'a:1', WEIR_KAFKA_TOPICS: '{"a":{"format":"avro"}}' },
      'WEIR_KAFKA_TOPICS: kafka.topics.a.format: expected registry.url beside the format avro; add it, or write json',
    ],
  ];
  for (const [env, message] of cases) assert.equal(refusal(t, { env }), message);
});

test('no message tells a secret of a server, however it is miswritten', (t) => {
  const secret = 'hunter2';
  const files = [
    `kafka:\n  ${brokers}\n  sasl: { username: me, password:${secret} }`,
    `kafka:\n  ${brokers}\n  sasl: { username: me, passwrod: ${secret} }`,
    `kafka:\n  ${brokers}\n  sasl: { password: ${secret} }`,
    `kafka:\n  ${brokers}\n  sasl: ${secret}`,
    `kafka:\n  ${brokers}\n  sasl: { username: me, password: [${secret}] }`,
    `kafka:\n  ${brokers}\n  sasl: { username: me, password_file: ${secret} }`,
    `kafka:\n  ${brokers}\n  password: ${secret}`,
    `redis: { nodes: ['a:1'], password: { ${secret}: 1 } }`,
    `redis: { nodes: ['a:1'], password_file: ${secret} }`,
    `redis: ${secret}`,
    `registry: { url: 'me:${secret}@a' }`,
    `registry: { url: 'http://${login}a:x' }`,
    `registry: { url: 'http://127.0.0.1/', password: ${secret} }`,
  ];
  for (const yaml of files) {
    const message = refusal(t, { yaml });
    assert(!message.includes(secret), `${yaml}\n${message}`);
    assert.match(message, /weir\.config\.yaml:\d+:\d+: /, yaml);
  }
});
