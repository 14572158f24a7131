import assert from 'node:assert/strict';
import { test } from 'node:test';
import { key, number } from '../../../src/features/fields.js';
import { source } from '../../../src/features/source.js';
import { view } from '../../../src/features/view.js';
import { defaultTtlMs } from '../../../src/sinks/redis/default-ttl.js';

const ratings = source('ratings', {
  key: 'user_id',
  time: 'timestamp',
  fields: { user_id: key(), rating: number() },
});
const plain = { name: 'user', key: 'user_id', source: ratings } as const;

test('a vector is kept for its longest window and a day', () => {
  const user = view({
    ...plain,
    features: (on) => ({ ratings: on.count({ over: ['1h', '7d'] }) }),
  });
  assert.equal(defaultTtlMs(user.definition), 8 * 86_400_000);
});

test('a vector with a lifetime feature is kept, also where only a derived one uses it', () => {
  const lasting = view({
    ...plain,
    features: (on) => ({ ratings: on.count({ over: ['1h', 'lifetime'] }) }),
  });
  assert.equal(defaultTtlMs(lasting.definition), null);
  const inside = view({
    ...plain,
    features: (on) => ({ ratings: on.count({ over: '1h' }) }),
    internal: (on) => ({ all: on.count({ over: 'lifetime' }) }),
  });
  assert.equal(defaultTtlMs(inside.definition), null);
});
