import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameCache } from '../../../src/streams/cluster/frame-cache.js';
import type { LoggedFrame } from '../../../src/streams/cluster/frame-message.js';

/** Frames are only kept here, never looked into. */
const frame = {} as LoggedFrame;

function filled(count: number, isHeld = false): FrameCache {
  const cache = new FrameCache(() => isHeld);
  for (let i = 0; i < count; i++) cache.put(`frame/${i}`, frame);
  return cache;
}

async function isOpen(room: Promise<boolean>): Promise<boolean> {
  const later = new Promise<false>((resolve) => setImmediate(resolve, false));
  return Promise.race([room, later]);
}

test('there is room while tasks keep up', async () => {
  assert.equal(await isOpen(filled(511).room()), true);
});

test('512 frames that no task has taken hold ingest back until one is taken', async () => {
  const cache = filled(512);
  const room = cache.room();
  assert.equal(await isOpen(room), false);
  assert.equal(cache.take('frame/600'), undefined);
  assert.equal(await isOpen(room), false);
  assert.equal(cache.take('frame/0'), frame);
  assert.equal(await isOpen(room), true);
});

test('frames of a task that is gone hold it back for a second, then they go', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const cache = filled(600);
  const room = cache.room();
  t.mock.timers.tick(999);
  assert.equal(await isOpen(room), false);
  t.mock.timers.tick(1);
  assert.equal(await isOpen(room), true);
  assert.equal(cache.take('frame/0'), undefined);
  assert.equal(await isOpen(cache.room()), true);
});

test('while a task waits for its sink there is no room, and who waits hears so', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const cache = filled(512, true);
  for (let i = 0; i < 3; i++) {
    const room = cache.room();
    t.mock.timers.tick(1_000);
    assert.equal(await room, false);
  }
  const room = cache.room();
  assert.equal(cache.take('frame/7'), frame);
  assert.equal(await room, true);
});

test('while a task is far behind in a log of its own there is no room, however few the frames', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let isBehind = true;
  const cache = new FrameCache(
    () => false,
    () => isBehind,
  );
  cache.put('frame/0', frame);
  cache.put('frame/1', frame);
  const room = cache.room();
  assert.equal(cache.take('frame/0'), frame);
  assert.equal(await isOpen(room), false);
  t.mock.timers.tick(1_000);
  assert.equal(await room, false);
  isBehind = false;
  assert.equal(await isOpen(cache.room()), true);
  assert.equal(cache.take('frame/1'), frame);
});

test('no more than 1,024 frames are kept, the oldest goes first', () => {
  const cache = filled(1_025);
  assert.equal(cache.take('frame/0'), undefined);
  assert.equal(cache.take('frame/1'), frame);
});
