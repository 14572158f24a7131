import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Redis } from '../../../src/sinks/redis/client.js';
import { keySlot } from '../../../src/sinks/redis/key-slot.js';
import { readLatestOf } from '../../../src/sinks/redis/read.js';
import { createRedisSink, type RedisSink } from '../../../src/sinks/redis/sink.js';
import { type PrivateServers, startServers } from '../../private-servers.js';
import { needs } from '../../servers.js';
import { connect, place, until } from './connect.js';
import { latest, user } from './shapes.js';

describe('a Redis Cluster', needs('redis-cluster'), () => {
  let servers: PrivateServers;
  let redis: Redis;
  let sink: RedisSink;
  let nodes: readonly [string, string, string];
  let ids: string[];
  before(async () => {
    servers = await startServers('redis-cluster');
    const addresses = servers.address('redis-cluster');
    redis = await connect(place(addresses));
    const [a = '', b = '', c = ''] = addresses.split(',');
    nodes = [a, b, c];
    ids = [];
    for (const node of nodes) ids.push(await ask(node, 'CLUSTER MYID'));
    sink = createRedisSink(redis, { pipeline: 'p', views: [user], ttlMs: new Map() });
  });
  after(async () => {
    redis.close();
    await servers.close();
  });

  async function ask(node: string, text: string): Promise<string> {
    const [name, ...args] = text.split(' ');
    return String(await redis.callNode(node, name!, args));
  }

  /** Writes 600 keys at position n and answers how many are there then. */
  async function write(n: number): Promise<number> {
    const vectors = Array.from({ length: 600 }, (_, i) => latest(`key-${i}`, n));
    sink.write(vectors);
    await sink.flush();
    const keys = vectors.map(({ key }) => key);
    for (;;) {
      try {
        const found = await readLatestOf(redis, 'p', user, keys);
        return found.filter((one) => one?.position.n === n).length;
      } catch (error) {
        // The nodes agree a little later than they take writes; a reader is told so.
        assert.match(String(error), /redirections|CLUSTERDOWN|Connection is closed/);
      }
    }
  }

  test('takes one call per node for keys of many slots', async () => {
    assert.equal(await write(1), 600);
    const perNode = nodes.map((node) => redis.nodes().includes(node));
    assert.deepEqual(perNode, [true, true, true]);
    assert.equal(sink.state().written, 600);
  });

  test('that is moving a slot, or has moved it, is followed', async () => {
    const [from, to] = nodes;
    const slot = (key: string) => keySlot(`${redis.place.prefix}{p:user_id:${key}}:user`);
    const moved = Array.from({ length: 600 }, (_, i) => `key-${i}`)
      .filter((key) => slot(key) < 5_461)
      .slice(0, 3);
    assert.equal(moved.length, 3);
    for (const key of moved) {
      await ask(to, `CLUSTER SETSLOT ${slot(key)} IMPORTING ${ids[0]}`);
      await ask(from, `CLUSTER SETSLOT ${slot(key)} MIGRATING ${ids[1]}`);
    }
    const redisKeys = moved.map((key) => `${redis.place.prefix}{p:user_id:${key}}:user`);
    await redis.callNode(from, 'DEL', [redisKeys[0]!]); // new ones of the slot begin at its new node
    const [host = '', port = ''] = to.split(':');
    await redis.callNode(from, 'MIGRATE', [host, port, redisKeys[1]!, 0, 1_000]);
    assert.equal(await write(2), 600);
    await redis.callNode(from, 'MIGRATE', [host, port, redisKeys[2]!, 0, 1_000]);
    for (const key of moved) {
      for (const node of nodes) await ask(node, `CLUSTER SETSLOT ${slot(key)} NODE ${ids[1]}`);
    }
    assert.equal(await write(3), 600);
    assert.equal(sink.state().refused, 0);
  });

  test('whose node stands still makes that node wait, then goes on', async () => {
    const pid = Number(/process_id:(\d+)/.exec(await ask(nodes[2], 'INFO server'))![1]);
    process.kill(pid, 'SIGSTOP');
    const written = write(4);
    await until(() => sink.state().waitingFor !== null);
    process.kill(pid, 'SIGCONT');
    assert.equal(await written, 600);
  });

  test('goes on at the replica that takes over from a dead node', async () => {
    // The third node gives its slots to the second and becomes a replica of the first.
    for (const node of [nodes[1], nodes[2]]) {
      await redis.callNode(node, 'FLUSHALL', []);
    }
    // Or it becomes a replica by itself as soon as it hears that its last slot is another's.
    await ask(nodes[2], 'CONFIG SET cluster-allow-replica-migration no');
    const slots = Array.from({ length: 16_384 - 10_923 }, (_, i) => 10_923 + i);
    for (const node of [nodes[1], nodes[2], nodes[0]]) {
      await Promise.all(slots.map((slot) => ask(node, `CLUSTER SETSLOT ${slot} NODE ${ids[1]}`)));
    }
    await ask(nodes[2], `CLUSTER REPLICATE ${ids[0]}`);
    await until(async () => {
      redis.refresh();
      return (await ask(nodes[0], 'INFO replication')).includes('state=online');
    });
    assert.equal(await write(5), 600);
    const replica = await connect(place(nodes[2]));
    const pid = Number(/process_id:(\d+)/.exec(await ask(nodes[0], 'INFO server'))![1]);
    process.kill(pid, 'SIGKILL');
    const written = write(6);
    await until(() => sink.state().waitingFor !== null);
    await replica.callNode(nodes[2], 'CLUSTER', ['FAILOVER', 'TAKEOVER']);
    assert.equal(await written, 600);
    replica.close();
    await sink.close();
  });
});
