import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { createRedis, type Redis } from '../../../src/sinks/redis/client.js';
import { probeRedis } from '../../../src/sinks/redis/probe.js';
import { readLatestOf } from '../../../src/sinks/redis/read.js';
import { createRedisSink, type RedisSink } from '../../../src/sinks/redis/sink.js';
import { createLog } from '../../../src/telemetry/log.js';
import { type PrivateServers, startServers } from '../../private-servers.js';
import { needs } from '../../servers.js';
import { connect, place, until } from './connect.js';
import { latest, user } from './shapes.js';

function sinkOf(redis: Redis, pendingMax = 20_000): RedisSink {
  return createRedisSink(redis, {
    pipeline: 'faults',
    views: [user],
    ttlMs: new Map([['user', 600_000]]),
    pendingMax,
  });
}

function vectors(from: number, to: number) {
  return Array.from({ length: to - from }, (_, i) => latest(`key-${from + i}`, from + i + 1));
}

async function missing(redis: Redis, from: number, to: number): Promise<number[]> {
  const keys = vectors(from, to).map(({ key }) => key);
  const found = await readLatestOf(redis, 'faults', user, keys);
  return found.flatMap((one, i) => (one?.position.n === from + i + 1 ? [] : [from + i]));
}

describe('a Redis that fails', needs('redis'), () => {
  let servers: PrivateServers;
  let address: string;
  let redis: Redis;
  before(async () => {
    servers = await startServers('redis');
    address = servers.address('redis');
    redis = await connect(place(address));
  });
  afterEach(async () => {
    await redis.connected(5_000);
    await redis.callNode(address, 'FLUSHALL', []);
  });
  after(async () => {
    redis.close();
    await servers.close();
  });

  test('and has lost its data and its functions takes what comes then', async () => {
    const sink = sinkOf(redis);
    sink.write(vectors(0, 1_000));
    await redis.callNode(address, 'FLUSHALL', []);
    await redis.callNode(address, 'FUNCTION', ['FLUSH']);
    sink.write(vectors(1_000, 2_000));
    await sink.flush();
    const { retries } = sink.state();
    await redis.callNode(address, 'FUNCTION', ['FLUSH']);
    sink.write(vectors(2_000, 3_000));
    await sink.flush();
    assert.deepEqual(await missing(redis, 1_000, 3_000), []);
    assert.equal(sink.state().retries, retries);
    await sink.close();
  });

  test('by dying gets what it had not acknowledged when it is back', async () => {
    const sink = sinkOf(redis);
    sink.write(vectors(0, 100));
    await sink.flush();
    await servers.kill('redis');
    sink.write(vectors(100, 3_000));
    await until(() => sink.state().waitingFor !== null);
    const { pending, waitingFor } = sink.state();
    assert.equal(pending, 2_900);
    assert.match(waitingFor!, new RegExp(`^${address}: `));
    await servers.restart('redis');
    sink.write(vectors(3_000, 3_100));
    await sink.flush();
    assert.deepEqual(await missing(redis, 100, 3_100), []);
    assert.equal(sink.state().waitingFor, null);
    await sink.close();
  });

  test('by dying under load loses nothing that comes then', async () => {
    const sink = sinkOf(redis, 500);
    let n = 0;
    const write = async (count: number): Promise<void> => {
      for (const to = n + count; n < to; n += 50) {
        sink.write(vectors(n, n + 50));
        await sink.ready();
      }
    };
    await write(5_000);
    const restarted = servers.kill('redis').then(() => servers.restart('redis'));
    await write(2_000);
    await restarted;
    const from = n;
    await write(5_000);
    await sink.flush();
    assert.deepEqual(await missing(redis, from, n), []);
    const { written, repeated, pending } = sink.state();
    assert.equal(written + repeated, n);
    assert.equal(pending, 0);
    await sink.close();
  });

  test('by standing still makes vectors wait and say so, then goes on', async () => {
    const sink = sinkOf(redis);
    sink.write(vectors(0, 10));
    await sink.flush();
    await servers.pause('redis');
    sink.write(vectors(10, 3_000));
    await until(() => sink.state().waitingFor !== null);
    assert.ok(sink.state().oldestMs >= 1_000);
    await servers.resume('redis');
    await sink.flush();
    assert.deepEqual(await missing(redis, 0, 3_000), []);
    await sink.close();
  });

  test('by being full, or a replica now, is waited for', async () => {
    const sink = sinkOf(redis);
    const hindered = async (
      [set, unset]: readonly [string, string],
      reason: RegExp,
      from: number,
    ): Promise<void> => {
      await redis.callNode(address, ...command(set));
      sink.write(vectors(from, from + 100));
      await until(() => sink.state().waitingFor !== null);
      assert.match(sink.state().waitingFor!, reason);
      await until(() =>
        redis.callNode(address, ...command(unset)).then(
          () => true,
          () => false,
        ),
      );
      await sink.flush();
      assert.deepEqual(await missing(redis, from, from + 100), []);
    };
    await hindered(['CONFIG SET maxmemory 1', 'CONFIG SET maxmemory 0'], /OOM/, 0);
    await hindered(['REPLICAOF 127.0.0.1 1', 'REPLICAOF NO ONE'], /READONLY|not connected/, 100);
    await sink.close();
  });

  test('and never comes back is told at the end, and memory stays bounded', async () => {
    const nowhere = place('127.0.0.1:1');
    const absent = createRedis(nowhere, createLog({ write: () => {} }));
    const sink = sinkOf(absent, 1_000);
    for (let n = 0; sink.state().pending < 1_000; n += 100) sink.write(vectors(n, n + 100));
    let room = false;
    const ready = sink.ready().then(() => {
      room = true;
    });
    for (let round = 0; round < 1_000; round++) sink.write([latest('key-999', 1_000 + round)]);
    assert.equal(sink.state().pending, 1_000);
    assert.equal(room, false);
    const flushed = sink.flush();
    const told = { code: 'redis-failed', message: /^1000 vectors were not acknowledged.*log/ };
    await Promise.all([
      assert.rejects(sink.close(50), told),
      assert.rejects(flushed, told),
      assert.rejects(ready, told),
    ]);
    await assert.rejects(probeRedis(absent, 50), /no connection to Redis at 127.0.0.1:1/);
    absent.close();
  });

  test('by asking for a password lets in who has it, and no log tells it', async () => {
    const password = 'a-password-of-the-test';
    await redis.callNode(address, 'CONFIG', ['SET', 'requirepass', password]);
    const lines: string[] = [];
    try {
      const right = await connect(place(address, { password }), lines);
      assert.match((await probeRedis(right))[0]!, /^\d+\.\d+\.\d+$/);
      right.close();
      await assert.rejects(
        connect(place(address, { password: `${password}!` }), lines),
        (error) => {
          assert.doesNotMatch(`${error}`, new RegExp(password));
          assert.match(`${error}`, /WRONGPASS/);
          return true;
        },
      );
      assert.ok(lines.length > 0);
      assert.doesNotMatch(lines.join(''), new RegExp(password));
    } finally {
      await redis.callNode(address, 'CONFIG', ['SET', 'requirepass', '']);
    }
  });

  test('is written at once when it is idle, and each write says since when', async () => {
    const told: [number, number][] = [];
    const sink = createRedisSink(redis, {
      pipeline: 'faults',
      views: [user],
      ttlMs: new Map(),
      onWritten: (count, arrivedMs) => told.push([count, arrivedMs]),
    });
    sink.write(vectors(0, 3), 1_000);
    await sink.flush();
    sink.write([...vectors(0, 1), ...vectors(3, 5)], 2_000); // the first is there already
    await sink.flush();
    assert.deepEqual(told, [
      [3, 1_000],
      [2, 2_000],
    ]);
    await sink.close();
  });
});

function command(text: string): [string, string[]] {
  const [name, ...args] = text.split(' ');
  return [name!, args];
}
