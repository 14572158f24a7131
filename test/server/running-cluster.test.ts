import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createKafka } from '../../src/sinks/kafka/client.js';
import { createRedis, type Redis } from '../../src/sinks/redis/client.js';
import { type Json, type Started, scratch, spawnWeir } from '../cli/started.js';
import { startServers } from '../private-servers.js';
import { assertMetrics, withPromtool } from '../promtool.js';
import { needs } from '../servers.js';
import { quiet, sharedKafka } from '../streams/cluster/kafka.js';

const options = { ...needs('kafka'), timeout: 180_000 };

interface Share {
  readonly redis: string;
  readonly prefix: string;
  readonly settings: object;
  produce(...records: readonly object[]): Promise<void>;
}

/** Topics of the test's own for the pipeline places, two source partitions, two of each log. */
async function ownShare(t: TestContext, redis: string, kafka = sharedKafka()): Promise<Share> {
  const prefix = `watch-${randomUUID().slice(0, 8)}.`;
  const admin = kafka.admin();
  const producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
  const own = (name: string): { name: string } => ({ name: `${prefix}${name}` });
  const sources = ['interactions', 'place-updates', 'context'];
  await admin.createTopics({
    waitForLeaders: true,
    topics: sources.map((name) => ({ topic: own(name).name, numPartitions: 2 })),
  });
  t.after(async () => {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    await admin.deleteTopics({ topics });
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });
  const outputs = [
    'feature-updates',
    'scores',
    'drift-alerts',
    'retraining-events',
    'dead-letters',
  ];
  const named = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, own(name)]));
  return {
    redis,
    prefix,
    settings: {
      data: scratch(),
      partitions: 2,
      server: { port: 0 },
      clickhouse: { mode: 'off' },
      log: { format: 'json' },
      kafka: {
        brokers: kafka.place.brokers,
        session_timeout: '6s',
        prefix,
        topics: named(sources),
        outputs: named(outputs),
      },
      redis: { nodes: [redis], cluster: false, prefix },
    },
    produce: async (...records) => {
      const messages = records.map((record) => ({ partition: 0, value: JSON.stringify(record) }));
      await producer.send({ topic: own('interactions').name, acks: -1, messages });
    },
  };
}

function view(user: number, timeMs = Date.now()): object {
  const timestamp = new Date(timeMs).toISOString();
  return { user_id: user, place_id: 500_001, event_type: 'view', timestamp };
}

function run(share: Share, more: object = {}): Omit<Started, 'url'> {
  return spawnWeir({ ...share.settings, ...more }, ['run']);
}

/** Asks until the answer is as wanted; the test's timeout ends it. */
async function until(
  weir: Omit<Started, 'url'>,
  path: string,
  wanted: (body: Json, status: number) => boolean,
): Promise<Json> {
  for (;;) {
    const { status, body } = await weir.get(path);
    if (wanted(body, status)) return body;
    await new Promise((resolve) => setTimeout(resolve, 50)); // HTTP has no event to wait for
  }
}

const isReady = (_: Json, status: number): boolean => status === 200;

/** A process over Kafka and a Redis of its own, ready. */
async function startedShare(t: TestContext) {
  const servers = await startServers('redis');
  t.after(() => servers.close());
  const share = await ownShare(t, servers.address('redis'));
  const weir = run(share);
  await until(weir, '/ready', isReady);
  return { servers, share, weir };
}

/** A field of JSON. */
function at(body: Json, ...path: readonly string[]): Json {
  let found = body;
  for (const name of path) found = (found as { readonly [name: string]: Json })[name];
  return found;
}

test('a process over Kafka serves its own vectors as of now, its share and its account', {
  ...options,
}, async (t) => {
  const { share, weir } = await startedShare(t);
  await share.produce(view(1), view(1), view(2), { broken: true });

  const status = await until(weir, '/api/status', (body) => {
    const [account] = at(body, 'accounts') as Json[];
    return at(account, 'in') === 4;
  });
  const [account] = at(status, 'accounts') as Json[];
  assert.deepEqual(account, {
    topic: 'interactions',
    in: 4,
    used: 3,
    late: 0,
    invalid: 1,
    duplicate: 0,
    filtered: 0,
  });
  const lanes = at(status, 'share', 'lanes') as Json[];
  assert.equal(at(status, 'share', 'lanes_count'), 6);
  assert.ok(lanes.some((lane) => at(lane, 'topic') === 'interactions' && at(lane, 'taken') === 4));
  const tasks = (at(status, 'share', 'tasks') as Json[]).map((task) => at(task, 'name'));
  for (const name of ['user.0', 'user.1', 'place.0', 'refused.1', 'scoring.0', 'monitor.0'])
    assert.ok(tasks.includes(name), name);

  const vector = await until(weir, '/features/user/1', isReady);
  assert.equal(at(vector, 'features', 'views_1h'), 2);
  assert.equal(at(vector, 'stale'), undefined);
  assert.ok(Math.abs(Date.parse(String(at(vector, 'as_of'))) - Date.now()) < 60_000);
  assert.equal((await weir.get('/features/user/nobody')).status, 404);

  const posted = await weir.post('interactions', '{}');
  assert.equal(posted.status, 503);
  assert.match(String(at(posted.body, 'error', 'message')), new RegExp(`${share.prefix}interact`));
  assert.equal((await weir.end('SIGTERM')).code, 0);
});

test('a process that only serves reads Redis, and says what is past its time', {
  ...options,
}, async (t) => {
  const { servers, share, weir: worker } = await startedShare(t);
  await share.produce(view(1));
  const serving = run(share, { role: 'serve' });
  const read = await until(serving, '/features/user/1', isReady);
  assert.equal(at(read, 'features', 'views_1h'), 1);
  assert.equal(at(read, 'stale'), undefined);
  const readiness = (await serving.get('/ready')).body;
  assert.deepEqual(
    (at(readiness, 'parts') as Json[]).map((part) => at(part, 'name')),
    ['redis'],
  );
  assert.equal((await worker.end('SIGTERM')).code, 0);

  const redis = await connected(t, share);
  const key = `${share.prefix}{places:user_id:1}:user`;
  await redis.callKey('HSET', [key, 'valid_until_ms', Date.now() - 1]);
  assert.equal(at((await serving.get('/features/user/1')).body, 'stale'), true);

  await servers.kill('redis');
  const gone = await until(serving, '/features/user/1', (_, status) => status !== 200);
  assert.match(String(at(gone, 'error', 'message')), /^Redis cannot be asked now: /);
  await until(serving, '/ready', (_, status) => status === 503);
});

test('a store that stands still is named where it is waited for, and forgotten when it is back', {
  ...options,
}, async (t) => {
  const { servers, share, weir } = await startedShare(t);
  await servers.pause('redis');
  await share.produce(view(1));
  const held = await until(weir, '/api/status', (body) => {
    return (at(body, 'share', 'pauses') as Json[]).length > 0;
  });
  const [pause] = at(held, 'share', 'pauses') as Json[];
  assert.match(
    String(pause),
    /^Redis does not take vectors: .+; rows wait here while there is room/,
  );
  const { status, body } = await weir.get('/ready');
  assert.equal(status, 503);
  assert.match(String(at(body, 'why')), /^redis: /);
  assert.match(String((await weir.get('/metrics')).body), /weir_sink_waiting\{sink="redis"\} 1/);
  await servers.resume('redis');
  await until(weir, '/ready', isReady);
  assert.deepEqual(at((await weir.get('/api/status')).body, 'share', 'pauses'), []);
});

test('promtool accepts what a running process exports, and it balances', {
  ...options,
  ...withPromtool,
}, async (t) => {
  const { share, weir } = await startedShare(t);
  await share.produce(view(1), view(2, Date.now() + 3_600_000));
  const counted = (body: Json): boolean =>
    /^weir_freshness_seconds_count [1-9]/m.test(String(body)) &&
    /^weir_scores_total\{.*outcome="scored"\} [1-9]/m.test(String(body));
  const text = String(await until(weir, '/metrics', counted));
  assertMetrics(text);
  const interactions = 'topic="interactions",partition="0"';
  const value = (series: string): string | undefined =>
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.split(' ')[1];
  assert.equal(value(`weir_records_in_total{${interactions}}`), '2');
  assert.equal(value(`weir_records_total{${interactions},verdict="used"}`), '1');
  assert.equal(value(`weir_records_total{${interactions},verdict="invalid"}`), '1');
  assert.equal(value(`weir_dead_letters_total{${interactions},reason="future"}`), '1');
  assert.equal(value('weir_group_joined{group="features"}'), '1');
  assert.equal(value('weir_sink_waiting{sink="kafka"}'), '0');
  weir.child.kill('SIGTERM');
  await once(weir.child, 'close');
});

test('a broker that stands still is named after its session, and forgotten when it is back', {
  ...options,
}, async (t) => {
  const servers = await startServers('kafka', 'redis');
  const { place } = sharedKafka();
  const kafka = createKafka({ ...place, brokers: [servers.address('kafka')] }, quiet);
  const share = await ownShare(t, servers.address('redis'), kafka);
  t.after(() => servers.close()); // after the topics are deleted
  const weir = run(share);
  await until(weir, '/ready', isReady);
  await servers.pause('kafka');
  const silent = await until(weir, '/ready', (_, status) => status === 503);
  assert.match(String(at(silent, 'why')), /^kafka: it has not answered for \d+ s \(group /);
  await servers.resume('kafka');
  await until(weir, '/ready', isReady);
  await share.produce(view(1));
  await until(weir, '/features/user/1', isReady);
});

test('a port that is taken ends the process, with the port in its last words', {
  ...options,
}, async (t) => {
  const servers = await startServers('redis');
  t.after(() => servers.close());
  const taken = createTcpServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  const { port } = taken.address() as AddressInfo; // it listens on a port
  const share = await ownShare(t, servers.address('redis'));
  const { code, stderr } = await run(share, { server: { port } }).exit;
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`weir: port ${port} on 127.0.0.1 is in use`));
});

async function connected(t: TestContext, { redis, prefix }: Share): Promise<Redis> {
  const client = createRedis(
    {
      nodes: [redis],
      cluster: false,
      username: null,
      password: null,
      tls: null,
      database: 0,
      prefix,
    },
    quiet,
  );
  t.after(() => client.close());
  await client.connected(5_000);
  return client;
}
