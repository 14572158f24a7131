import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, type TestContext, test } from 'node:test';
import { needs } from '../../servers.js';
import { topicSnapshot } from './snapshot-setting.js';

const parts = (seed: number, bytes: number): Map<string, Uint8Array[]> =>
  new Map([
    ['a', [Buffer.alloc(bytes, seed), randomBytes(10)]],
    ['empty', []],
    ['b/c', [randomBytes(bytes)]],
  ]);

const whole = (state: ReadonlyMap<string, readonly Uint8Array[]>) =>
  new Map([...state].map(([name, chunks]) => [name, Buffer.concat(chunks).toString('hex')]));

const hex = (state: ReadonlyMap<string, Uint8Array>) =>
  new Map([...state].map(([name, bytes]) => [name, Buffer.from(bytes).toString('hex')]));

describe('snapshots in a topic', needs('kafka'), () => {
  const setting = (t: TestContext) => topicSnapshot(t);

  test('are read as they were written, in many chunks, and the newest counts', async (t) => {
    const { open } = await setting(t);
    const snapshots = open();
    assert.equal(await snapshots.read(0), null);
    const [first, second, third] = [parts(1, 3_000_000), parts(2, 10), parts(3, 2_000_000)];
    await snapshots.write(0, 5, first);
    assert.deepEqual(hex((await open().read(0))!.parts), whole(first));
    await snapshots.write(0, 9, second);
    await snapshots.write(0, 12, third);
    await snapshots.drop(0);
    const read = await open().read(0);
    assert.equal(read?.next, 12);
    assert.deepEqual(hex(read!.parts), whole(third));
    assert.equal(snapshots.secondLast(0), 9);
    assert.equal(await open().read(1), null);
  });

  test('of which the newest misses a chunk give the one before it', async (t) => {
    const { open, kafka, topic } = await setting(t);
    const snapshots = open();
    const sound = parts(1, 1_000_000);
    await snapshots.write(0, 5, sound);
    await snapshots.write(0, 7, parts(2, 1_000_000));
    // As a broker that lost the newest records would have it: the chunks of one more, not all.
    const producer = kafka.producer();
    await producer.connect();
    t.after(() => producer.disconnect());
    const torn = {
      next: 9,
      id: '9-torn',
      format: 1,
      definition: 'd',
      chunks: 3,
      bytes: 4,
      crc32: 1,
    };
    const manifest = { ...torn, atMs: Date.now(), firstOffset: 1, parts: [['a', 4]] };
    await producer.send({
      topic,
      messages: [
        { partition: 0, key: '9-torn/0', value: 'ab' },
        { partition: 0, key: '9-torn/2', value: 'cd' },
        { partition: 0, key: '9-torn/manifest', value: JSON.stringify(manifest) },
      ],
    });
    assert.equal((await open().read(0))?.next, 7);
  });

  test('of which the first was not finished count as none', async (t) => {
    const { open, kafka, topic } = await setting(t);
    const producer = kafka.producer();
    await producer.connect();
    t.after(() => producer.disconnect());
    await producer.send({ topic, messages: [{ partition: 0, key: '5-cut/0', value: 'ab' }] });
    assert.equal(await open().read(0), null);
    await open().write(0, 7, parts(1, 10));
    assert.equal((await open().read(0))?.next, 7);
  });

  test('of a process that lost its task unknowingly spoil nothing', async (t) => {
    const { open } = await setting(t);
    const [zombie, owner] = [open(), open()];
    await zombie.write(0, 5, parts(1, 10));
    await owner.read(0);
    const newest = parts(3, 1_500_000);
    await Promise.all([owner.write(0, 20, newest), zombie.write(0, 8, parts(2, 2_500_000))]);
    await owner.drop(0);
    await zombie.write(0, 9, parts(4, 10));
    const read = await open().read(0, 20); // as the owner committed
    assert.equal(read?.next, 20);
    assert.deepEqual(hex(read!.parts), whole(newest));
  });

  test('of another definition are refused with the remedy', async (t) => {
    const { open } = await setting(t);
    await open('old').write(0, 5, parts(1, 10));
    await assert.rejects(open('new').read(0), {
      code: 'definition-changed',
      message: /old, now new/,
    });
  });
});
