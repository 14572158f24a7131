import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { examineAll } from '../../src/cli/doctor.js';
import { examineNode } from '../../src/cli/doctor-machine.js';
import { examine, type Finding, tellSkew } from '../../src/cli/doctor-part.js';
import { loadPipeline } from '../../src/cli/load-pipeline.js';
import { loadConfig } from '../../src/config/load-config.js';
import { embeddedAvailable } from '../../src/sinks/clickhouse/embedded/embedded-available.js';
import { startEmbedded } from '../../src/sinks/clickhouse/embedded/start-embedded.js';
import { createKafka } from '../../src/sinks/kafka/client.js';
import { definitionOf } from '../../src/streams/pipeline.js';
import { openDataDirectory } from '../../src/streams/storage/data-directory.js';
import { writeSnapshot } from '../../src/streams/storage/snapshot.js';
import { createLog } from '../../src/telemetry/log.js';
import { createLoop } from '../server/loop-scenario.js';
import { needs, serverFor } from '../servers.js';
import { scratch } from './started.js';

const limit = { timeout: 60_000 };
const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));

/** What is found with these settings; ClickHouse is off unless they say so. */
function findings(settings: object, msMax = 5_000): Promise<readonly Finding[]> {
  const file = join(scratch(), 'weir.config.yaml');
  const all = { clickhouse: { mode: 'off' }, data: join(scratch(), 'data'), ...settings };
  writeFileSync(file, JSON.stringify(all)); // JSON is YAML
  return examineAll(loadConfig({ file, env: {} }), msMax);
}

/** `level: found` of a part, a line each. */
function told(found: readonly Finding[], part: string): string {
  const own = found.filter((finding) => finding.part === part);
  return own.map(({ level, found, remedy }) => `${level}: ${found} | ${remedy}`).join('\n');
}

function failing(found: readonly Finding[]): string[] {
  return found.filter(({ level }) => level === 'fail').map(({ part }) => part);
}

/** A server that takes connections and never answers. */
async function silentServer(t: TestContext): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number }; // of a server on TCP
  return `127.0.0.1:${port}`;
}

/** A free port, as far as one can tell. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number }; // of a server on TCP
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const noRedis =
  spawnSync('redis-server', ['--version']).error !== undefined && 'redis-server is not installed';

/** A Redis of this test's own. */
async function privateRedis(t: TestContext, ...args: readonly string[]): Promise<string> {
  const port = await freePort();
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', scratch()];
  const child = spawn('redis-server', [...own, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`redis-server ended with code ${code}`)));
    child.stdout.on('data', (text: Buffer) => {
      if (text.includes('Ready to accept connections')) resolve();
    });
  });
  return `127.0.0.1:${port}`;
}

test('without servers this machine is examined: Node, models, the data directory', async () => {
  const found = await findings({});
  assert.deepEqual(failing(found), []);
  assert.match(told(found, 'node'), /^ok: Node \d+/);
  assert.match(told(found, 'pipeline'), /ok: model places-ranker version \d+ loads/);
  assert.match(told(found, 'data'), /: \S+ will be made, .* free/);
  assert.equal(told(found, 'clickhouse'), 'ok: off | ');
});

test('the version of a model that is in use is told, and that it lies there no more', async () => {
  const loop = createLoop();
  const versionOf = async () => told(await findings({ pipeline: loop.pipeline, data }), 'pipeline');
  const data = scratch();
  openDataDirectory(data).close();
  loop.train();
  assert.match(await versionOf(), /ok: model places-ranker version 1 loads/);
  assert.doesNotMatch(await versionOf(), /in use/);
  const manifest = join(dirname(loop.pipeline), 'ranker.2.json');
  const { sha256 } = JSON.parse(readFileSync(manifest, 'utf8'));
  const inUse = { model: 'places-ranker', configured: '1', version: '2', sha256 };
  const definition = definitionOf(await loadPipeline(loop.pipeline), 4);
  const meta = { batch: 0, definition, extra: { models: [inUse] } };
  writeSnapshot(join(data, 'snapshots'), meta, new Map());
  assert.match(
    await versionOf(),
    /ok: model places-ranker version 2 is in use, in the place of 1, and loads \|/,
  );
  rmSync(manifest);
  assert.match(
    await versionOf(),
    /fail: model places-ranker version 2 is in use.*found versions 1.* \| put it back, or start/,
  );
  writeSnapshot(join(data, 'snapshots'), { ...meta, definition: 'another' }, new Map());
  assert.doesNotMatch(await versionOf(), /in use/);
});

test('an old Node, a pipeline that is not there, a directory of others are told', async () => {
  const node = await examine('node', 100, (e) => examineNode(e, '20.18.3'));
  assert.equal(told(node, 'node'), 'fail: Node 20.18.3 | install Node 20.19 or newer');
  const newer = await examine('node', 100, (e) => examineNode(e, '22.0.0'));
  assert.equal(told(newer, 'node'), 'ok: Node 22.0.0 | ');
  assert.match(
    told(await findings({ pipeline: 'palces' }), 'pipeline'),
    /^fail: .*expected a built-in pipeline .* found 'palces'/,
  );
  const data = scratch();
  writeFileSync(join(data, 'weir.json'), '{"format":99}');
  assert.match(told(await findings({ data }), 'data'), /fail: .*it has format 99/);
});

test('a directory in which another works is told with its process', async () => {
  const data = join(scratch(), 'data');
  const directory = openDataDirectory(data);
  assert.match(
    told(await findings({ data }), 'data'),
    new RegExp(`warn: .*${process.pid}.*fine where that is the engine`),
  );
  directory.close();
  assert.doesNotMatch(told(await findings({ data }), 'data'), new RegExp(`${process.pid}`));
});

test('a directory without rights is told', {
  skip: process.getuid?.() === 0 && 'root may write',
}, async () => {
  const data = join(scratch(), 'data');
  mkdirSync(data);
  chmodSync(data, 0o500);
  assert.match(told(await findings({ data }), 'data'), /fail: .* cannot be written/);
});

test('servers that are not there are told at once, each with its own remedy', limit, async () => {
  const gone = '127.0.0.1:1';
  const found = await findings({
    kafka: { brokers: [gone] },
    registry: { url: `http://${gone}` },
    redis: { nodes: [gone, 'no-such-host.example:1'], cluster: true },
    clickhouse: { mode: 'server', url: `http://${gone}` },
  });
  assert.deepEqual(failing(found), ['kafka', 'registry', 'redis', 'clickhouse']);
  assert.equal(
    told(found, 'kafka'),
    `fail: ${gone}: nothing listens there | start Kafka, or mend kafka.brokers`,
  );
  assert.match(
    told(found, 'redis'),
    /nothing listens there; no-such-host\.example:1: .*mend redis.nodes/,
  );
  assert.match(told(found, 'registry'), /nothing listens there .*mend registry.url/);
  assert.match(told(found, 'clickhouse'), /nothing listens there .*mend clickhouse.url/);
});

test(
  'servers that never answer are told when the time is over, with what was asked',
  limit,
  async (t) => {
    const silent = await silentServer(t);
    const found = await findings(
      {
        kafka: { brokers: [silent] },
        registry: { url: `http://${silent}` },
        redis: { nodes: [silent] },
        clickhouse: { mode: 'server', url: `http://${silent}` },
      },
      1_000,
    );
    assert.deepEqual(failing(found), ['kafka', 'registry', 'redis', 'clickhouse']);
    assert.match(told(found, 'kafka'), /no answer within 1 s when asked to log in/);
    assert.match(told(found, 'registry'), /no answer within 1 s when asked for its subjects/);
    assert.match(
      told(found, 'redis'),
      /^fail: no (connection to Redis|answer within 1 s when asked to log in)/,
    );
    assert.match(told(found, 'clickhouse'), /when asked for its version/);
  },
);

test('Kafka: source topics, own topics and the lag of the group', {
  ...needs('kafka'),
  ...limit,
}, async (t) => {
  const brokers = [serverFor('kafka')!];
  const own = `doctor-${process.pid}-${Date.now()}`;
  const topics = {
    interactions: { name: `${own}-i` },
    'place-updates': { name: `${own}-p` },
    context: { name: `${own}-c` },
  };
  const kafka = { brokers, prefix: `${own}.`, topics };
  const place = { brokers, clientId: 'test', tls: null, sasl: null, sessionTimeoutMs: 10_000 };
  const admin = createKafka(place, createLog({ level: 'error' })).admin();
  await admin.connect();
  assert.match(
    told(await findings({ kafka }), 'kafka'),
    /fail: no source topic \S+-i, \S+-p, \S+-c \| create it, or name .* kafka.topics/,
  );
  const names = [`${own}-i`, `${own}-p`, `${own}-c`, `${own}.places.log.user`];
  await admin.createTopics({
    waitForLeaders: true,
    topics: names.map((topic) => ({ topic, numPartitions: 2 })),
  });
  t.after(() => admin.deleteTopics({ topics: names }).finally(() => admin.disconnect()));
  const found = told(await findings({ kafka: { ...kafka, replication: 7 } }), 'kafka');
  assert.match(found, /ok: source topics and their partitions: \S+-i 2, \S+-p 2, \S+-c 2/);
  assert.match(found, /fail: 1 broker, which cannot hold 7 copies \| set kafka.replication to 1/);
  assert.match(found, /fail: topic \S+\.log\.user: expected 4 partitions, found 2/);
  assert.match(found, /ok: group \S+places\.ingest: not begun yet/);
});

test('Kafka: a login that the listener does not know is told', {
  ...needs('kafka'),
  ...limit,
}, async () => {
  const brokers = [serverFor('kafka')!];
  const sasl = { username: 'weir', password: 'hunter2' };
  const found = await findings({ kafka: { brokers, sasl } });
  assert.match(
    told(found, 'kafka'),
    /warn: the password is sent in clear .*\nfail: no connection as weir: .* check kafka.sasl/,
  );
  assert(!JSON.stringify(found).includes('hunter2'));
});

test('Redis: a wrong password, an eviction policy that loses vectors', {
  ...limit,
  skip: noRedis,
}, async (t) => {
  const node = await privateRedis(
    t,
    '--requirepass',
    'hunter2',
    '--maxmemory',
    '100mb',
    '--maxmemory-policy',
    'allkeys-lru',
  );
  const wrong = await findings({ redis: { nodes: [node], password: 'hunter3' } });
  assert.match(
    told(wrong, 'redis'),
    /^fail: it refuses user default: WRONGPASS.* \| mend redis.username/,
  );
  assert.match(
    told(await findings({ redis: { nodes: [node] } }), 'redis'),
    /^fail: it refuses user default: NOAUTH/,
  );
  assert(!JSON.stringify(wrong).includes('hunter3'));
  const right = told(await findings({ redis: { nodes: [node], password: 'hunter2' } }), 'redis');
  assert.match(right, /^ok: Redis \d.*, one server, connected/);
  assert.match(right, /ok: functions: weir_\w+ will be loaded/);
  assert.match(right, /warn: .* used of 104\.9 MB, allkeys-lru: vectors are evicted/);
  assert.match(right, /ok: its clock is/);
});

test('Redis: a user without functions, a cluster asked as one server', {
  ...needs('redis-cluster'),
  ...limit,
}, async (t) => {
  const node = await privateRedis(
    t,
    ...'--user plain on >hunter2 ~* +@all -function -fcall'.split(' '),
  );
  const found = await findings({
    redis: { nodes: [node], username: 'plain', password: 'hunter2' },
  });
  assert.match(told(found, 'redis'), /fail: it takes no functions: .*NOPERM.* allow the user/);
  const nodes = serverFor('redis-cluster')!.split(',');
  const single = await findings({ redis: { nodes: nodes.slice(0, 1) } });
  assert.match(
    told(single, 'redis'),
    /fail: it is a node of a cluster.* set redis.cluster to true/,
  );
  const cluster = await findings({ redis: { nodes, cluster: true } });
  assert.match(told(cluster, 'redis'), /^ok: Redis \d.*, a cluster of 3 masters, connected/);
  assert.deepEqual(failing(cluster), []);
});

test('the registry: its subjects, and an address that is none', {
  ...needs('registry'),
  ...limit,
}, async () => {
  const url = serverFor('registry')!;
  const output = { name: `doctor-${process.pid}`, format: 'avro' };
  const settings = { kafka: { brokers: ['127.0.0.1:1'], outputs: { scores: output } } };
  const found = told(await findings({ ...settings, registry: { url } }), 'registry');
  assert.match(found, /^ok: \S+: \d+ subjects \| \nok: doctor-\d+-value will be registered/);
  const wrong = await findings({ registry: { url: new URL('/', url).href } });
  assert.match(told(wrong, 'registry'), /fail: expected a list of subjects .* mend registry.url/);
});

test('ClickHouse: version, database, disks; a wrong password', {
  ...limit,
  skip: !embeddedAvailable().available && 'chdb is not installed',
}, async (t) => {
  const embedded = await startEmbedded({
    directory: scratch(),
    username: 'weir',
    password: 'hunter2',
    onRestart: () => undefined,
    onGivenUp: () => undefined,
  });
  t.after(() => embedded.close());
  const place = { mode: 'server', url: embedded.url, username: 'weir' };
  const right = told(
    await findings({ clickhouse: { ...place, password: 'hunter2' } }),
    'clickhouse',
  );
  assert.match(right, /^ok: ClickHouse \d+/);
  assert.match(right, /ok: database weir will be created/);
  assert.doesNotMatch(right, /^fail/m);
  const cluster = { ...place, password: 'hunter2', cluster: 'absent', replicated: true };
  const missing = told(await findings({ clickhouse: cluster }), 'clickhouse');
  assert.match(missing, /fail: no cluster absent/);
  assert.match(missing, /fail: no macro shard, replica/);
  const wrong = told(await findings({ clickhouse: { ...place, password: 'no' } }), 'clickhouse');
  assert.match(wrong, /^fail: .* \| mend clickhouse.username and clickhouse.password_file/);
});

test('clocks that differ by more than 5 s are told', async () => {
  const at = (ms: number) => examine('redis', 100, (e) => tellSkew(e, Date.now() + ms, Date.now()));
  assert.match(
    told(await at(60_000), 'redis'),
    /^warn: its clock is 60\.0 s ahead \| set the clocks/,
  );
  assert.match(told(await at(-60_000), 'redis'), /^warn: its clock is 60\.0 s behind/);
  assert.match(told(await at(0), 'redis'), /^ok: its clock is 0\.0 s/);
});

test('weir doctor prints its findings, as lines or as JSON, and exits by them', limit, async () => {
  const run = promisify(execFile);
  const file = join(scratch(), 'weir.config.yaml');
  const settings = { clickhouse: { mode: 'off' }, data: join(scratch(), 'data') };
  writeFileSync(file, JSON.stringify(settings));
  const { stdout } = await run(process.execPath, [main, 'doctor', '--config', file]);
  assert.match(stdout, /^ok {4}node {8}Node \d+/m);
  writeFileSync(file, JSON.stringify({ ...settings, redis: { nodes: ['127.0.0.1:1'] } }));
  await assert.rejects(
    run(process.execPath, [main, 'doctor', '--config', file, '--json']),
    ({ code, stdout: text }: { code: number; stdout: string }) => {
      const { ok, findings: all } = JSON.parse(text) as { ok: boolean; findings: Finding[] };
      assert.deepEqual([code, ok, failing(all)], [1, false, ['redis']]);
      return true;
    },
  );
});
