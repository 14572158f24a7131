import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FeatureValue } from '../../../src/features/shape.js';
import { keySlot } from '../../../src/sinks/redis/key-slot.js';
import { featuresText, parseLatest, redisKeys } from '../../../src/sinks/redis/layout.js';
import { needs, serverFor } from '../../servers.js';
import { connect, place } from './connect.js';
import { profile, user, values } from './shapes.js';

const anyKey = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('{', '}', ':', 'é', '\n', ' ', 'a') }),
  fc.maxSafeInteger(),
);

test('a key is its pipeline, key column and key in braces, then its view', () => {
  const key = redisKeys('weir:', 'places', user);
  assert.equal(key('user-7'), 'weir:{places:user_id:user-7}:user');
  assert.equal(key(42), 'weir:{places:user_id:42}:user');
  assert.equal(key('a b\n{}'), 'weir:{places:user_id:a b\n{}}:user');
});

test('two keys meet only where key and view are the same', () => {
  fc.assert(
    fc.property(anyKey, anyKey, (a, b) => {
      const [of, other] = [redisKeys('', 'p', user), redisKeys('', 'p', profile)];
      assert.equal(of(a) === of(b), String(a) === String(b));
      assert.notEqual(of(a), other(b));
    }),
  );
});

test('all views of an entity share a slot, whatever its key', () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      const [of, other] = [redisKeys('w:', 'p', user), redisKeys('w:', 'p', profile)];
      assert.equal(keySlot(of(key)), keySlot(other(key)));
    }),
  );
});

test(
  'a slot is that of the published example and of the server',
  needs('redis-cluster'),
  async () => {
    assert.equal(keySlot('123456789'), 0x31c3);
    const redis = await connect(place(serverFor('redis-cluster')!));
    try {
      const node = redis.nodes()[0]!;
      const of = redisKeys('w:', 'p', user);
      const given = fc.sample(fc.oneof(anyKey.map(of), anyKey.map(String)), 300);
      const known = [...given, '', '{}', '{}a', '{a', 'a}b{c}d{e}', '{ü}x'];
      for (const key of known) {
        const asked = await redis.callNode(node, 'CLUSTER', ['KEYSLOT', key]);
        assert.equal(keySlot(key), asked, JSON.stringify(key));
      }
    } finally {
      redis.close();
    }
  },
);

test('features are the JSON object that the HTTP API answers', () => {
  assert.equal(
    featuresText(user)(values),
    '{"clicks_1h":7,"ctr_24h":0.1,"last_kind":"click","last_time":"2026-01-02T03:04:05.006Z","by_hour":[1,0,2],"top_kinds":[["click",4]]}',
  );
  const none = [null, null, null, null, null, null];
  assert.deepEqual(
    JSON.parse(featuresText(user)(none)),
    Object.fromEntries(user.features.map(({ name }) => [name, null])),
  );
});

test('what is not a number in JSON becomes null', () => {
  const text = featuresText(user)([Number.NaN, Number.POSITIVE_INFINITY, null, null, null, null]);
  const { clicks_1h, ctr_24h } = JSON.parse(text) as Record<string, FeatureValue>; // an object
  assert.deepEqual([clicks_1h, ctr_24h], [null, null]);
});

test('any value comes back as it was', () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);
  const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\ud800', '\u2028"\\'));
  const whole = fc.maxSafeInteger();
  const time = fc.date({ noInvalidDate: true }).map((date) => date.getTime());
  const counts = fc.array(fc.tuple(anyText, fc.nat()));
  const vector = fc.tuple(
    ...[whole, number, anyText, time, fc.array(whole), counts].map((one) =>
      fc.option<unknown>(one),
    ),
  );
  fc.assert(
    fc.property(vector, (given) => {
      const sent = given as FeatureValue[]; // each of its feature's type
      const text = featuresText(user)(sent);
      const stored = parseLatest(user, [text, '5', 'null', '[1,2]', '"a"', '"d"']);
      const same = (value: unknown): unknown => JSON.parse(JSON.stringify(value)); // -0 is 0
      assert.deepEqual(same(stored?.values), same(sent));
      const { asOfMs, validUntilMs, position, key, definition } = stored!;
      assert.deepEqual(
        { asOfMs, validUntilMs, position, key, definition },
        { asOfMs: 5, validUntilMs: null, position: { epoch: 1, n: 2 }, key: 'a', definition: 'd' },
      );
    }),
  );
});
