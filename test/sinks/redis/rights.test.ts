import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Redis } from '../../../src/sinks/redis/client.js';
import { probeRedis } from '../../../src/sinks/redis/probe.js';
import { readLatestOf } from '../../../src/sinks/redis/read.js';
import { createRedisSink } from '../../../src/sinks/redis/sink.js';
import { type PrivateServers, startServers } from '../../private-servers.js';
import { needs, type ServerName } from '../../servers.js';
import { connect, place, until } from './connect.js';
import { latest, user } from './shapes.js';

const document = readFileSync(new URL('../../../../docs/redis.md', import.meta.url), 'utf8');
const login = { username: 'weir', password: 'a-password', prefix: 'weir:' };

for (const server of ['redis', 'redis-cluster'] as const satisfies ServerName[]) {
  describe(`the user of docs/redis.md in ${server}`, needs(server), () => {
    let servers: PrivateServers;
    let admin: Redis;
    const [rule] = /^ACL SETUSER .*$/m.exec(document)!;
    before(async () => {
      servers = await startServers(server);
      admin = await connect(place(servers.address(server)));
      const args = rule.replace('PASSWORD', login.password).split(' ').slice(1);
      for (const node of admin.nodes()) await admin.callNode(node, 'ACL', args);
    });
    after(async () => {
      admin.close();
      await servers.close();
    });

    test('can do all that Weir does, and no more', async () => {
      const redis = await connect(place(servers.address(server), login));
      const versions = await probeRedis(redis);
      assert.equal(versions.length, server === 'redis' ? 1 : 3);
      const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
      for (const [n, ttlMs] of [null, 600_000, null].entries()) {
        const options = { pipeline: 'p', views: [user], ttlMs: new Map([['user', ttlMs]]) };
        const sink = createRedisSink(redis, options);
        sink.write(keys.map((key) => latest(key, n)));
        await sink.close();
        const found = await readLatestOf(redis, 'p', user, keys);
        assert.deepEqual(new Set(found.map((one) => one?.position.n)), new Set([n]));
      }
      await assert.rejects(redis.callKey('HMGET', ['another', 'field']), /NOPERM/);
      await assert.rejects(redis.callKey('DEL', ['weir:{p:user_id:a}:user']), /NOPERM/);
      redis.close();
    });

    test('without the right to load functions is told so', async () => {
      for (const node of admin.nodes()) {
        await admin.callNode(node, 'ACL', ['SETUSER', 'weir', '-function|load']);
        await admin.callNode(node, 'FUNCTION', ['FLUSH']);
      }
      const redis = await connect(place(servers.address(server), login));
      await assert.rejects(probeRedis(redis), {
        code: 'redis-failed',
        message: /^cannot load Weir's function: NOPERM.* needs FUNCTION LOAD/,
      });
      const options = { pipeline: 'p', views: [user], ttlMs: new Map() };
      const sink = createRedisSink(redis, options);
      sink.write([latest('a', 9)]);
      await until(() => sink.state().waitingFor !== null);
      assert.match(sink.state().waitingFor!, /NOPERM/);
      for (const node of admin.nodes()) {
        await admin.callNode(node, 'ACL', ['SETUSER', 'weir', '+function|load']);
      }
      await sink.close();
      redis.close();
    });
  });
}
