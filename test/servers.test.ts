import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createKafka } from '../src/sinks/kafka/client.js';
import { createLog } from '../src/telemetry/log.js';
import { startServers } from './private-servers.js';
import { needs, serverFor, serversScript, serverVariables } from './servers.js';
import { createProxy, kafkaProxyOptions } from './toxiproxy.js';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** What a Redis says to one command; what went wrong where it says nothing. */
function redis(address: string, command: string): Promise<string> {
  const [host = '', port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect(Number(port), host, () => socket.write(`${command}\r\n`));
    socket.setTimeout(1_000, () => resolve('silent'));
    socket.once('data', (data) => resolve(data.toString().trim()));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    socket.once('end', () => resolve('closed'));
  }).then((said) => String(said));
}

/** Runs a module of the tests on an environment without servers of its own. */
function runModule(code: string, environment: Readonly<Record<string, string>>) {
  const directory = mkdtempSync(join(tmpdir(), 'weir-no-servers-'));
  const file = join(directory, 'some.test.mjs');
  writeFileSync(file, code.replace('SERVERS', pathToFileURL(here('./servers.js')).href));
  const unset = Object.values(serverVariables).map((name) => [name, '']);
  const env = { ...process.env, ...Object.fromEntries(unset), ...environment };
  const isTest = ['NODE_TEST_CONTEXT', 'NODE_V8_COVERAGE'];
  for (const name of isTest) delete env[name];
  const reporter = ['--test-reporter', here('./left-out.js')];
  const { stdout, status } = spawnSync(process.execPath, ['--test', ...reporter, file], {
    env: { ...env, WEIR_SERVERS_RUN: directory, WEIR_SERVERS_DIR: directory },
    encoding: 'utf8',
  });
  rmSync(directory, { recursive: true });
  return { stdout, status };
}

const twoTests = `
  import { test } from 'node:test';
  import { needs } from 'SERVERS';
  test('one', needs('kafka', 'redis'), () => assert.fail());
  test('two', needs('kafka', 'redis'), () => assert.fail());
  test('three', () => {});
`;

test('a test without its servers is left out, and the end of the run says why', () => {
  const { stdout, status } = runModule(twoTests, { WEIR_REQUIRE_SERVERS: '' });
  assert.equal(stdout, 'left out: 2 tests: needs kafka, redis: npm run servers up\n');
  assert.equal(status, 0);
});

test('a server that is required and missing fails the run', () => {
  assert.equal(runModule(twoTests, { WEIR_REQUIRE_SERVERS: '1' }).status, 1);
});

test('a tool that is missing is named with its remedy', () => {
  const directory = mkdtempSync(join(tmpdir(), 'weir-no-tools-'));
  const { stderr, status } = spawnSync('bash', [serversScript, 'install', 'toxiproxy'], {
    // Neither Go nor apt-get are found in it.
    env: { PATH: toolsWithout(directory), WEIR_SERVERS_DIR: directory },
    encoding: 'utf8',
  });
  rmSync(directory, { recursive: true });
  assert.match(stderr, /expected the command go, found none: install golang-go/);
  assert.equal(status, 1);
});

/** A PATH of what the script itself calls. */
function toolsWithout(directory: string): string {
  const tools = ['bash', 'dirname', 'basename', 'flock', 'setsid', 'mkdir', 'id', 'cat'];
  for (const tool of tools) {
    const found = spawnSync('bash', ['-c', `command -v ${tool}`], { encoding: 'utf8' });
    spawnSync('ln', ['-s', found.stdout.trim(), join(directory, tool)]);
  }
  return directory;
}

describe('private servers', needs('redis', 'toxiproxy'), () => {
  test('can be killed, paused and started again', async (t) => {
    const servers = await startServers('redis');
    t.after(() => servers.close());
    const address = servers.address('redis');
    assert.equal(await redis(address, 'PING'), '+PONG');
    await servers.kill('redis');
    assert.equal(await redis(address, 'PING'), 'ECONNREFUSED');
    await servers.restart('redis');
    await servers.pause('redis');
    assert.equal(await redis(address, 'PING'), 'silent');
    await servers.resume('redis');
    assert.equal(await redis(address, 'PING'), '+PONG');
    await servers.close();
    assert.equal(await redis(address, 'PING'), 'ECONNREFUSED');
  });

  test('end with the process that started them, though it is killed', async () => {
    const module = pathToFileURL(here('./private-servers.js')).href;
    const code = `const { startServers } = await import('${module}');
      console.log((await startServers('redis')).address('redis'));
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer]; // what a pipe gives
    const address = said.toString().trim();
    const [host = '', port] = address.split(':');
    const socket = connect(Number(port), host);
    await once(socket, 'connect');
    child.kill('SIGKILL');
    await once(socket, 'close').catch(() => undefined); // reset by the end of the server
    assert.match(await redis(address, 'PING'), /^(ECONNREFUSED|ECONNRESET|closed)$/);
  });

  test('a proxy cuts, slows and hangs connections until it is told to restore', async (t) => {
    const proxy = await createProxy(serverFor('toxiproxy')!, { upstream: serverFor('redis')! });
    t.after(() => proxy.remove());
    assert.equal(await redis(proxy.address, 'PING'), '+PONG');
    await proxy.cut();
    assert.equal(await redis(proxy.address, 'PING'), 'ECONNREFUSED');
    await proxy.restore();
    await proxy.hang();
    assert.equal(await redis(proxy.address, 'PING'), 'silent');
    await proxy.slow(50);
    const sentMs = performance.now();
    assert.equal(await redis(proxy.address, 'PING'), '+PONG');
    assert.ok(performance.now() - sentMs >= 49);
    await proxy.restore();
    assert.equal(await redis(proxy.address, 'PING'), '+PONG');
  });
});

describe('a private Kafka', needs('kafka', 'toxiproxy'), () => {
  test('keeps its records over a kill, and is reached by a proxy alone', async (t) => {
    const servers = await startServers('kafka', 'toxiproxy');
    t.after(() => servers.close());
    const options = kafkaProxyOptions(servers.address('kafka'));
    const proxy = await createProxy(servers.address('toxiproxy'), options);
    const place = {
      brokers: [proxy.address],
      clientId: 'servers-test',
      tls: null,
      sasl: null,
      sessionTimeoutMs: 6_000,
    };
    const kafka = createKafka(place, createLog({ level: 'error', format: 'text' }));
    const admin = kafka.admin();
    const producer = kafka.producer();
    t.after(() => Promise.all([admin.disconnect(), producer.disconnect()]));
    await Promise.all([admin.connect(), producer.connect()]);
    await admin.createTopics({ topics: [{ topic: 'events', numPartitions: 1 }] });
    const send = () => producer.send({ topic: 'events', messages: [{ value: 'one' }] });
    await send();
    await servers.kill('kafka');
    const sent = send(); // tried again until there is a broker
    await servers.restart('kafka');
    await sent;
    await proxy.cut();
    const sentLater = send();
    assert.equal(await Promise.race([sentLater.then(() => 'sent'), refused(proxy.address)]), 'cut');
    await proxy.restore();
    await sentLater;
    const [partition] = await admin.fetchTopicOffsets('events');
    assert.equal(partition?.high, '3');
  });
});

/** 'cut' when nobody listens there. */
async function refused(address: string): Promise<string> {
  return (await redis(address, 'PING')) === 'ECONNREFUSED' ? 'cut' : 'open';
}
