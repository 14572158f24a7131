import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { Latest } from '../../../src/records/vector.js';
import type { Redis } from '../../../src/sinks/redis/client.js';
import { readLatest, readLatestOf } from '../../../src/sinks/redis/read.js';
import { createRedisSink, type RedisSink } from '../../../src/sinks/redis/sink.js';
import { needs, type ServerName, serverFor } from '../../servers.js';
import { connect, deleteKeys, place } from './connect.js';
import { latest, profile, user, values } from './shapes.js';

const keys = ['a', 'b', 7, '{', '}', 'a}b', '{a}', 'ü 😀', 'two\nlines', ' ', '', ':'] as const;

function sinkOf(redis: Redis, pipeline = 'places'): RedisSink {
  return createRedisSink(redis, { pipeline, views: [user, profile], ttlMs: new Map() });
}

/** What must be there: the newest by epoch, n and time. */
class Model {
  readonly held = new Map<string, Latest>();

  write(one: Latest): void {
    const name = `${one.view.name}/${one.key}`;
    const at = (x: Latest) => [x.position.epoch, x.position.n, x.asOfMs];
    const before = this.held.get(name);
    const order = before === undefined ? [1] : at(one).map((x, i) => x - at(before)[i]!);
    if ((order.find((x) => x !== 0) ?? 0) > 0) this.held.set(name, one);
  }
}

for (const server of ['redis', 'redis-cluster'] as const satisfies ServerName[]) {
  describe(`writes to ${server}`, needs(server), () => {
    let redis: Redis;
    let zombie: Redis;
    before(async () => {
      const at = place(serverFor(server)!);
      redis = await connect(at);
      zombie = await connect(at);
    });
    after(async () => {
      await deleteKeys(redis);
      redis.close();
      zombie.close();
    });

    test('never move a vector backwards, in any order and from two processes', async () => {
      const one = fc.record({
        key: fc.constantFrom(...keys),
        view: fc.constantFrom(user, profile),
        epoch: fc.integer({ min: 1, max: 2 }),
        n: fc.nat(6),
        seconds: fc.nat(3),
        from: fc.boolean(),
        wait: fc.boolean(),
      });
      let run = 0;
      const property = fc.asyncProperty(fc.array(one, { maxLength: 60 }), async (writes) => {
        run += 1;
        const pipeline = `run-${run}`;
        const [sink, other] = [sinkOf(redis, pipeline), sinkOf(zombie, pipeline)];
        const model = new Model();
        for (const { key, view, epoch, n, seconds, from, wait } of writes) {
          const position = { epoch, n };
          const asOfMs = 1_000 * seconds;
          // The same position and time have the same values: the log gives them.
          const own = view === profile ? [n] : [n, epoch, `${seconds}`, null, null, null];
          const vector = latest(key, n, { view, position, asOfMs, values: own });
          model.write(vector);
          (from ? sink : other).write([vector]);
          if (wait) await (from ? sink : other).flush();
        }
        await Promise.all([sink.close(), other.close()]);
        for (const view of [user, profile]) {
          const found = await readLatestOf(redis, pipeline, view, keys);
          const wanted = keys.map((key) => model.held.get(`${view.name}/${key}`));
          const stored = wanted.map((w) => (w === undefined ? w : { ...w, definition: view.hash }));
          assert.deepEqual(found, stored);
        }
      });
      await fc.assert(property, { numRuns: 60 });
    });

    test('tell what was set, what was there and what came too late', async () => {
      const sink = sinkOf(redis);
      const write = async (...vectors: Latest[]): Promise<void> => {
        sink.write(vectors);
        await sink.flush();
      };
      await write(latest('told', 2));
      await write(latest('told', 2)); // a repeat after a crash
      await write(latest('told', 1)); // a zombie
      await write(latest('told', 2, { asOfMs: Date.UTC(2027) })); // time alone has passed
      await write(latest('other', 1), latest('other', 3), latest('other', 2));
      const { written, repeated, refused, coalesced, pending, waitingFor } = sink.state();
      assert.deepEqual(
        { written, repeated, refused, coalesced, pending, waitingFor },
        { written: 3, repeated: 1, refused: 1, coalesced: 2, pending: 0, waitingFor: null },
      );
      const other = await readLatest(redis, 'places', user, 'other');
      assert.deepEqual(other, { ...latest('other', 3), definition: user.hash });
      await sink.close();
    });

    test('keep huge values, and those of more keys than a call takes', async () => {
      const sink = sinkOf(redis, 'many');
      const text = '\u0000\r\n"\\é😀'.repeat(200_000);
      const huge = latest('huge', 1, { values: [1, 2, text, null, [], []] });
      const many = Array.from({ length: 3_000 }, (_, i) => latest(i, i + 1, { values }));
      sink.write([...many, huge]);
      await sink.flush();
      const keys = many.map(({ key }) => key);
      const found = await readLatestOf(redis, 'many', user, keys);
      assert.deepEqual(
        found,
        many.map((one) => ({ ...one, definition: user.hash })),
      );
      assert.equal((await readLatest(redis, 'many', user, 'huge'))?.values[2], text);
      assert.equal(sink.state().written, 3_001);
      await sink.close();
    });

    test('expire a view at its time after the last write, or never', async () => {
      const ttlMs = new Map([['user', 100_000]]);
      const options = { pipeline: 'ttl', views: [user, profile], ttlMs };
      const sink = createRedisSink(redis, options);
      const write = async (n: number): Promise<void> => {
        sink.write([latest('a', n), latest('a', n, { view: profile, values: [1] })]);
        await sink.flush();
      };
      const leftMs = (view: string) =>
        redis.callKey('PTTL', [`${redis.place.prefix}{ttl:user_id:a}:${view}`]) as Promise<number>;
      await write(1);
      const first = await leftMs('user');
      assert.ok(first > 50_000 && first <= 100_000);
      assert.equal(await leftMs('profile'), -1);
      const key = `${redis.place.prefix}{ttl:user_id:a}:user`;
      await redis.callKey('PEXPIRE', [key, 50_000]);
      await write(2);
      assert.ok((await leftMs('user')) > 50_000);
      await sink.close();
      // The setting is taken away: what is written from then on stays.
      const later = createRedisSink(redis, { ...options, ttlMs: new Map() });
      later.write([latest('a', 3)]);
      await later.close();
      assert.equal(await leftMs('user'), -1);
    });

    test('give back a key that holds something else, and go on with the others', async () => {
      const refused: string[] = [];
      const sink = createRedisSink(redis, {
        pipeline: 'foreign',
        views: [user],
        ttlMs: new Map(),
        onRefused: ({ key }, redisKey, reason) => {
          assert.equal(redisKey, name(String(key)));
          refused.push(`${key}: ${reason.split(' ')[0]}`);
        },
      });
      const name = (key: string) => `${redis.place.prefix}{foreign:user_id:${key}}:user`;
      await redis.callKey('SET', [name('text'), 'x']);
      await redis.callKey('HSET', [name('hash'), 'name', 'x']);
      await redis.callKey('HSET', [name('torn'), 'position', 'x']);
      sink.write(['text', 'good', 'hash', 'torn', 'fine'].map((key) => latest(key, 1)));
      await sink.close();
      assert.deepEqual(refused.sort(), ['hash: FOREIGN', 'text: WRONGTYPE', 'torn: FOREIGN']);
      const { written, rejected } = sink.state();
      assert.deepEqual([written, rejected], [2, 3]);
      assert.notEqual(await readLatest(redis, 'foreign', user, 'fine'), undefined);
      assert.equal(await redis.callKey('GET', [name('text')]), 'x');
      await assert.rejects(readLatest(redis, 'foreign', user, 'text'), {
        code: 'redis-failed',
        message: /WRONGTYPE/,
      });
    });
  });
}
